import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { SshSettings } from '../../../providers/ssh/settings.ts';
import { sshProvider } from '../../../providers/ssh/ssh.ts';
import type { SshOptions, SshProvider } from '../../../providers/ssh/ssh.ts';
import type { Connection } from '../../../src/host/connection.ts';
import { connectionConformance } from '../../host/conformance/connection.ts';
import type { LabHost } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';

const PASSWORD = 'ops-password';

describe.skipIf(noLab())('ssh with passwords and sudo', () => {
  let lab: Lab;
  let host: LabHost;
  let home: string;
  beforeAll(async () => {
    lab = await useLab();
    const [first] = await lab.fresh(1);
    if (!first) throw new Error('no host');
    host = first;
  });
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'slipway-home-'));
    await mkdir(path.join(home, '.ssh'));
    return () => rm(home, { recursive: true, force: true });
  });

  const knownHosts = (): Promise<string> =>
    readFile(path.join(home, '.ssh/known_hosts'), 'utf8').catch(() => '');
  const provider = (more: Partial<SshOptions> = {}): SshProvider => sshProvider({ homeDir: home, ...more });
  const byKey = (more: Partial<SshSettings>): SshSettings => ({
    host: host.address,
    private_key: lab.privateKeyPath,
    agent: false,
    ...more,
  });
  const byPassword = (more: Partial<SshSettings> = {}): SshSettings => ({
    host: host.address,
    user: 'ops',
    password: PASSWORD,
    agent: false,
    ...more,
  });
  /** A person has compared the host's keys. */
  const trust = async (): Promise<void> => {
    const trusting = provider();
    await trusting.recordHostKeys(await trusting.fetchHostKeys({ host: host.address }, {}));
  };
  const using = async <T>(
    settings: SshSettings,
    work: (connection: Connection) => Promise<T>,
    by = provider(),
  ): Promise<T> => {
    const connection = await by.connect(settings, {});
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  };
  const asRoot = async (connection: Connection): Promise<string> =>
    (await connection.exec({ program: 'id -un' })).stdout.toString();
  const changeHost = async (command: string): Promise<void> => {
    const { code, stderr } = await host.exec(command);
    if (code !== 0) throw new Error(stderr);
  };

  describe('a password', () => {
    it('is not sent to a host that is not known, and the host stays unknown', async () => {
      for (let n = 0; n < 2; n++) {
        await expect(provider().connect(byPassword(), {})).rejects.toMatchObject({
          kind: 'host-key-unknown',
          remedy: expect.stringContaining(`slipway trust ${host.address}`),
        });
      }
      expect(await knownHosts()).toBe('');
    });

    it('lets in once the host is trusted, or its key pinned', async () => {
      await trust();
      expect(await using(byPassword(), asRoot)).toBe('ops\n');
      await rm(path.join(home, '.ssh/known_hosts'));
      const { stdout } = await host.exec('ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub');
      const pin = stdout.split(' ')[1]?.replace('SHA256', 'sha256') ?? '';
      expect(await using(byPassword({ host_key: pin }), asRoot)).toBe('ops\n');
    });

    it('that is wrong is told, with what was tried and what the host allows', async () => {
      await trust();
      const failure = provider().connect(byPassword({ password: 'wrong' }), {});
      await expect(failure).rejects.toMatchObject({ kind: 'authentication', transient: false });
      await expect(failure).rejects.toThrow(
        /does not let ops in: tried password; the host allows publickey,.*password/,
      );
      await expect(failure).rejects.not.toThrow(/wrong/);
    });

    it('is asked for where only that lets in', async () => {
      await expect(provider().connect(byPassword({ password: null }), {})).rejects.toMatchObject({
        kind: 'authentication',
        remedy: expect.stringContaining('set password'),
      });
    });

    describe('by keyboard-interactive', () => {
      beforeAll(() =>
        changeHost(
          "echo 'PasswordAuthentication no' >/etc/ssh/sshd_config.d/00-test.conf && systemctl reload ssh && sleep 1",
        ),
      );
      afterAll(() => changeHost('rm /etc/ssh/sshd_config.d/00-test.conf && systemctl reload ssh && sleep 1'));

      it('lets in, or is told to be wrong', async () => {
        await trust();
        expect(await using(byPassword(), asRoot)).toBe('ops\n');
        await expect(provider().connect(byPassword({ password: 'wrong' }), {})).rejects.toThrow(
          /tried keyboard-interactive/,
        );
      });
    });

    describe('after a key', () => {
      beforeAll(() =>
        changeHost(
          "echo 'AuthenticationMethods publickey,password' >/etc/ssh/sshd_config.d/00-test.conf && systemctl reload ssh && sleep 1",
        ),
      );
      afterAll(() => changeHost('rm /etc/ssh/sshd_config.d/00-test.conf && systemctl reload ssh && sleep 1'));

      it('lets in', async () => {
        await trust();
        expect(await using(byKey({ user: 'ops', password: PASSWORD }), asRoot)).toBe('ops\n');
      });
    });
  });

  describe('sudo without a password', () => {
    const deploy = (): SshSettings => byKey({ user: 'deploy', become: 'sudo' });

    it('makes root, and only where it is wanted', async () => {
      await using(deploy(), async (connection) => {
        expect(connection.layout.stateDir).toBe('/var/lib/slipway');
        expect(await asRoot(connection)).toBe('root\n');
        expect((await connection.exec({ program: 'id -un', privileged: false })).stdout.toString()).toBe(
          'deploy\n',
        );
      });
      expect(await knownHosts()).toContain(host.address);
    });

    it('is not needed by root', async () => {
      expect(await using(byKey({ user: 'root', become: 'sudo' }), asRoot)).toBe('root\n');
    });

    it('leaves the outputs to the program, warnings of sudo aside', async () => {
      await changeHost('cp /etc/hosts /etc/hosts.kept && sed -i "/$(hostname)/d" /etc/hosts');
      try {
        await using(deploy(), async (connection) => {
          const first = await connection.exec({ program: 'echo out; echo err >&2; exit 9' });
          const second = await connection.exec({ program: 'echo out; echo err >&2; exit 9' });
          for (const { code, stdout, stderr } of [first, second]) {
            expect([code, stdout.toString(), stderr.toString()]).toEqual([9, 'out\n', 'err\n']);
          }
        });
      } finally {
        await changeHost('mv /etc/hosts.kept /etc/hosts');
      }
    });

    it('works for many programs at once from the start, a password at hand or not', async () => {
      await using({ ...deploy(), become_password: 'not needed' }, async (connection) => {
        expect(await Promise.all(Array.from({ length: 20 }, () => asRoot(connection)))).toEqual(
          Array<string>(20).fill('root\n'),
        );
      });
      expect(await knownHosts()).toContain(host.address);
    });
  });

  describe('sudo with a password', () => {
    const ops = (more: Partial<SshSettings> = {}): SshSettings =>
      byKey({ user: 'ops', become: 'sudo', become_password: PASSWORD, ...more });

    it('makes root, and stdin stays the program’s own', async () => {
      await trust();
      await using(ops(), async (connection) => {
        const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 31) & 255));
        const { code, stdout, stderr } = await connection.exec({
          program: 'id -un; cat; echo err >&2; exit 2',
          stdin: bytes,
        });
        expect(code).toBe(2);
        expect(stdout.equals(Buffer.concat([Buffer.from('root\n'), bytes]))).toBe(true);
        expect(stderr.toString()).toBe('err\n');
        expect(await Promise.all(Array.from({ length: 20 }, () => asRoot(connection)))).toEqual(
          Array<string>(20).fill('root\n'),
        );
      });
    });

    it('takes the password of the login where no other is given', async () => {
      await trust();
      expect(await using(byPassword({ become: 'sudo' }), asRoot)).toBe('root\n');
    });

    it('shows the password in no argument, environment or file, and leaves nothing behind', async () => {
      await trust();
      await using(ops(), async (connection) => {
        const looked = await connection.exec({
          program: `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c ops-pass[w]ord
grep -rls ops-pass[w]ord /tmp /home /run/user /dev/shm; true`,
        });
        expect(looked.stdout.toString()).toBe('0\n');
        expect(
          (
            await host.exec(
              'ls -d /home/ops/.slipway-askpass.* /tmp/.slipway-askpass.* /run/user/*/.slipway-askpass.* 2>/dev/null',
            )
          ).stdout,
        ).not.toBe('');
      });
      await expect
        .poll(
          async () =>
            (
              await host.exec(
                'ls -d /home/ops/.slipway-askpass.* /tmp/.slipway-askpass.* /run/user/*/.slipway-askpass.* 2>/dev/null',
              )
            ).stdout,
        )
        .toBe('');
    });

    it('tells a wrong password after one attempt, and tries no second', async () => {
      await trust();
      await using(ops({ become_password: 'wrong' }), async (connection) => {
        const startedMs = Date.now();
        for (let n = 0; n < 3; n++) {
          await expect(connection.exec({ program: 'true' })).rejects.toMatchObject({
            kind: 'become',
            message: `sudo on ${host.address} does not accept the password of ops`,
            remedy: expect.stringContaining('become_password'),
          });
        }
        // Debian's delay after a wrong password is 2 s; three of them would be 6.
        expect(Date.now() - startedMs).toBeLessThan(5000);
        expect((await connection.exec({ program: 'id -un', privileged: false })).stdout.toString()).toBe(
          'ops\n',
        );
      });
    });

    it('says so when a password is wanted and none is there', async () => {
      await using(ops({ become_password: null }), async (connection) => {
        await expect(connection.exec({ program: 'true' })).rejects.toMatchObject({
          kind: 'become',
          message: `sudo on ${host.address} asks ops for a password`,
        });
      });
    });

    it('sends no password to a host that was not known, however often', async () => {
      for (let n = 0; n < 2; n++) {
        await using(ops(), async (connection) => {
          await expect(connection.exec({ program: 'true' })).rejects.toMatchObject({
            kind: 'host-key-unknown',
            remedy: expect.stringContaining('slipway trust'),
          });
        });
      }
      expect(await knownHosts()).toBe('');
    });

    it('names what else may be in the way', async () => {
      await trust();
      await changeHost(
        "id plain >/dev/null 2>&1 || useradd -m -s /bin/sh plain && echo 'plain:plain-password' | chpasswd",
      );
      await using(
        byPassword({ user: 'plain', password: 'plain-password', become: 'sudo' }),
        async (connection) => {
          await expect(connection.exec({ program: 'true' })).rejects.toThrow(
            `plain may not use sudo on ${host.address}`,
          );
        },
      );
      await changeHost("echo 'Defaults requiretty' >/etc/sudoers.d/zz-tty");
      await using(ops(), async (connection) => {
        await expect(connection.exec({ program: 'true' })).rejects.toMatchObject({
          kind: 'become',
          remedy: expect.stringContaining('Defaults:ops !requiretty'),
        });
      });
      await changeHost('rm /etc/sudoers.d/zz-tty && mv /usr/bin/sudo /usr/bin/sudo.kept');
      try {
        await using(ops(), async (connection) => {
          await expect(connection.exec({ program: 'true' })).rejects.toMatchObject({
            kind: 'become',
            message: `there is no sudo on ${host.address}, and ops is not root`,
          });
        });
      } finally {
        await changeHost('mv /usr/bin/sudo.kept /usr/bin/sudo');
      }
    });
  });

  describe.each([
    ['root', {}],
    ['deploy', { become: 'sudo' }],
    ['ops', { become: 'sudo', become_password: PASSWORD }],
  ] as const)('as %s', (user, more) => {
    connectionConformance(`ssh as ${user}`, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'slipway-home-'));
      const lines = (await host.knownHostsLines()).join('\n');
      const known_hosts = path.join(folder, 'known_hosts');
      await writeFile(known_hosts, `${lines}\n`);
      const ssh = sshProvider({ homeDir: folder });
      return {
        connect: (options = {}) => ssh.connect(byKey({ user, known_hosts, ...more }), options),
        sever: async () => {
          await host.exec(`pkill -KILL -f '^sshd: ${user}'`);
        },
        reachable: lab.gateway,
        close: () => rm(folder, { recursive: true, force: true }),
      };
    });
  });
});
