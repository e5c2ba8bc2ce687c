import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { knowHosts, sshProvider } from '../lab-project.ts';
import { Project } from '../project.ts';
import { slipwayAtTerminal } from '../terminal.ts';

const MEBIBYTE = 1024 * 1024;

describe.skipIf(noLab())('commands, files and shells on hosts', () => {
  let lab: Lab;
  let project: Project;
  let hosts: readonly LabHost[];
  beforeAll(async () => {
    lab = await useLab();
    hosts = await lab.fresh(3);
    const deploy = { user: 'deploy', private_key: lab.privateKeyPath, become: 'sudo' };
    // The one beyond the first is reached through it, by a password that its sudo wants as well.
    project = await Project.of({
      'cluster.hcl': `
        cluster "visited" { version = "1" }
        variable "password" {
          type      = string
          sensitive = true
        }
        host "inner" {
          address = "${hosts[1]?.address}"
          provider "ssh" {
            user       = "ops"
            password   = var.password
            proxy_jump = "deploy@${hosts[0]?.address}"
          }
        }
        component "app" {
          source = "./components/app"
          hosts  = ${JSON.stringify(hosts.map((host) => host.address))}
        }
        ${sshProvider(deploy)}`,
      'components/app/component.hcl': `
        definition { description = "a file" }
        file "mark" {
          path    = "mark"
          content = "here\\n"
        }`,
    });
    await knowHosts(project, lab);
    project.setEnv('SLIPWAY_VAR_password', 'ops-password');
    await project.apply();
  });
  afterAll(() => project.dispose());

  it('runs as root, as the user of the connection, or as somebody else', async () => {
    const who = async (...options: string[]): Promise<string[]> => {
      const { stdout } = await project.must('exec', '--all', '--json', ...options, '--', 'id', '-un');
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { stdout: string });
      return lines.map((line) => line.stdout.trim()).sort();
    };
    expect(await who()).toEqual(['root', 'root', 'root']);
    expect(await who('--no-become')).toEqual(['deploy', 'deploy', 'ops']);
    expect(await who('--user', 'daemon')).toEqual(['daemon', 'daemon', 'daemon']);
  });

  it('ends within the timeout on a host that is cut off, and the others go on', async () => {
    const [, , cut] = hosts as [LabHost, LabHost, LabHost];
    const running = project.start(
      'exec',
      'app',
      '--timeout',
      '4s',
      '--stream',
      '--',
      'echo begun; sleep 2; echo ended',
    );
    await running.seen(new RegExp(`${cut.address} .*begun`));
    await cut.cut();
    try {
      const startMs = Date.now();
      const { code, text } = await running.result;
      expect(Date.now() - startMs).toBeLessThan(8000);
      expect(code).toBe(1);
      expect(text.match(/\| ended/g)).toHaveLength(2);
      expect(text).toContain(`${cut.address} | the command did not end within 4 s`);
      expect(text).toContain(`3 hosts: 2 with exit code 0, 1 not: ${cut.address}`);
    } finally {
      await cut.heal();
    }
  });

  it('notices by itself that a host is gone in the middle of a command, or before it', async () => {
    const [, , dead] = hosts as [LabHost, LabHost, LabHost];
    const running = project.start('exec', `@${dead.address}`, '--', 'echo begun; sleep 60');
    await running.seen(/begun/);
    await dead.kill();
    try {
      const { code, text } = await running.result;
      expect(code).toBe(255);
      expect(text).toMatch(/did not answer any more/);
      expect(text).toContain('The command may still run there.');
      const pushed = await project.run('push', 'app', 'cluster.hcl', '/opt/spec.hcl');
      expect(pushed.code).toBe(1);
      expect(pushed.stdout.match(/\/opt\/spec\.hcl/g)).toHaveLength(2);
      // Which of the two hangs on whether this machine's kernel has given the address up by then.
      expect(pushed.stderr).toMatch(
        /: failed: \S+ (did not answer within 10 s|cannot be reached: there is no route)/,
      );
      expect(pushed.stderr).toContain(`${dead.address}: failed: ${dead.address} `);
    } finally {
      await dead.start();
    }
  });

  it('carries 50 MiB to every host and back', async () => {
    const content = randomBytes(50 * MEBIBYTE);
    const sum = createHash('sha256').update(content).digest('hex');
    await writeFile(project.path('big.bin'), content);
    const pushed = await project.must(
      'push',
      'app',
      'big.bin',
      '/opt/',
      '--owner',
      'daemon',
      '--mode',
      '0600',
    );
    expect(pushed.stdout).toContain(`Verified by SHA-256: ${sum}`);
    for (const host of hosts) {
      const there = await host.exec(
        'sha256sum </opt/big.bin; stat -c "%U %a" /opt/big.bin; ls -A /opt | grep slipway-',
      );
      expect(there.stdout).toBe(`${sum}  -\ndaemon 600\n`);
    }
    await project.must('pull', 'app', '/opt/big.bin', 'got');
    for (const { address } of hosts) {
      const got = createHash('sha256').update(await readFile(project.path(`got/${address}/big.bin`)));
      expect(got.digest('hex')).toBe(sum);
    }
  });

  it('leaves nothing of a push that is interrupted', async () => {
    const [first] = hosts as [LabHost];
    await first.slow(40);
    try {
      const running = project.start('push', `@${first.address}`, 'big.bin', '/opt/again.bin');
      for (;;) {
        const { stdout } = await first.exec('cat /opt/.slipway-push.*/new 2>/dev/null | wc -c');
        if (Number(stdout) > MEBIBYTE) break;
      }
      running.kill('SIGINT');
      expect((await running.result).code).toBe(1);
      await expect.poll(async () => (await first.exec('ls -A /opt | grep -E "again|push"')).stdout).toBe('');
    } finally {
      await first.slow(0);
    }
  });

  it('is a shell, also of root, through a jump host and with passwords', async () => {
    const at = { cwd: project.directory, home: project.home, env: { SLIPWAY_VAR_password: 'ops-password' } };
    const shell = slipwayAtTerminal(['ssh', 'inner', '--become'], { ...at, rows: 30, columns: 100 });
    shell.type('id -un; stty size; echo "$SSH_CONNECTION" >/dev/null\r');
    await shell.seen(/root\r\n30 100\r\n/);
    shell.resize(40, 120);
    shell.type('until stty size | grep "40 120"; do sleep 0.1; done; exit 6\r');
    await shell.seen(/[\r\n]40 120\r\n/);
    expect((await shell.result).code).toBe(6);
    const plain = slipwayAtTerminal(['ssh', `app@${hosts[0]?.address}`, '--', 'id -un'], at);
    expect(await plain.result).toEqual({ code: 0, text: 'deploy\r\n' });
  });
});
