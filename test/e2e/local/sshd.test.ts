import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { CommandResult } from '../../lab/command.ts';
import { run } from '../../lab/command.ts';
import { descendants } from '../../lab/process-tree.ts';
import type { SshdHost } from '../../lab/sshd.ts';
import { findSshd, startSshd } from '../../lab/sshd.ts';
import { Project } from '../project.ts';
import { slipwayAtTerminal, type AtTerminal } from '../terminal.ts';

const sshd = await findSshd();

describe.skipIf(sshd === undefined)('an sshd of our own', () => {
  let scratch: string;
  const started: SshdHost[] = [];

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-test-'));
  });
  afterEach(async () => {
    for (const host of started.splice(0)) await host.stop();
    await rm(scratch, { recursive: true });
  });

  async function start(options: Parameters<typeof startSshd>[0] = {}): Promise<SshdHost> {
    const host = await startSshd(options);
    started.push(host);
    return host;
  }

  async function ssh(host: SshdHost, ...args: string[]): Promise<CommandResult> {
    const knownHosts = path.join(scratch, 'known_hosts');
    await writeFile(knownHosts, `${host.knownHostsLine}\n`);
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${knownHosts}`,
      'ConnectTimeout=2',
    ];
    const flags = options.flatMap((option) => ['-o', option]);
    const login = [
      '-F',
      'none',
      '-i',
      host.privateKeyPath,
      '-p',
      String(host.port),
      '-l',
      host.user,
      host.address,
    ];
    return run(['ssh', ...flags, ...login, ...args]);
  }

  it('lets its own user in by key, on an address of its own', async () => {
    const [one, two] = [await start({ address: '127.0.1.77' }), await start()];
    expect(await ssh(one, 'id', '-un')).toMatchObject({ code: 0, stdout: `${one.user}\n` });
    expect(await ssh(two, 'true')).toMatchObject({ code: 0 });
    expect(one.address).toBe('127.0.1.77');
    expect(one.hostKeyFingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(await one.log()).toContain('Accepted publickey');
  });

  it('takes further configuration', async () => {
    const host = await start({ extraConfig: ['ForceCommand echo forced'] });
    expect((await ssh(host, 'id')).stdout).toBe('forced\n');
  });

  it('hangs while it is frozen', async () => {
    const host = await start();
    host.freeze();
    expect((await ssh(host, 'true')).code).toBe(255);
    host.thaw();
    expect((await ssh(host, 'true')).code).toBe(0);
  });

  it('ends with its sessions, and its address can then be another machine with another key', async () => {
    const host = await start();
    const session = ssh(host, 'sleep 1000');
    await expect.poll(async () => (await descendants(host.pid)).length).toBeGreaterThanOrEqual(2);
    const processes = await descendants(host.pid);
    await host.stop();
    expect((await session).code).not.toBe(0);
    for (const pid of processes)
      expect((await run(['ps', '-o', 'stat=', '-p', String(pid)])).stdout).toMatch(/^(Z.*\n)?$/);
    const other = await start({ address: host.address, port: host.port });
    expect(other.hostKeyFingerprint).not.toBe(host.hostKeyFingerprint);
  });
});

describe.skipIf(sshd === undefined)('slipway ssh', () => {
  let host: SshdHost;
  let project: Project;
  beforeAll(async () => {
    host = await startSshd({ address: '127.0.1.78' });
    project = await Project.of({
      'cluster.hcl': `
        cluster "visited" { version = "1" }
        host "here" { address = "${host.address}" }
        component "app" {
          source = "./components/app"
          hosts  = ["here"]
        }`,
      'components/app/component.hcl': `
        definition { description = "a file" }
        file "mark" {
          path    = "mark"
          content = "here"
        }`,
    });
    await project.apply();
    // The same host, over SSH: a visit needs nothing that lies on it.
    const settings = { user: host.user, port: host.port, private_key: host.privateKeyPath, agent: false };
    const local = '"provider":"local","settings":{}';
    await project.edit(
      'slipway.state.json',
      local,
      `"provider":"ssh","settings":${JSON.stringify(settings)}`,
    );
    await writeFile(path.join(project.home, '.ssh', 'known_hosts'), `${host.knownHostsLine}\n`);
  });
  afterAll(async () => {
    await host.stop();
    await project.dispose();
  });
  const visit = (...args: string[]): AtTerminal =>
    slipwayAtTerminal(['ssh', ...args], {
      cwd: project.directory,
      home: project.home,
      rows: 30,
      columns: 100,
    });

  it('is a shell at a terminal that changes its size with ours', async () => {
    const shell = visit('here');
    shell.type('stty size; echo "$TERM"\r');
    await shell.seen(/30 100\r\nxterm-256color\r\n/);
    shell.resize(41, 123);
    shell.type('until stty size | grep "41 123"; do sleep 0.1; done\r');
    await shell.seen(/[\r\n]41 123\r\n/);
    shell.type('exit 5\r');
    expect((await shell.result).code).toBe(5);
  });

  it('hands Ctrl-C to what runs there', async () => {
    const shell = visit('here');
    shell.type('echo be""gun; sleep 100; echo go""es on\r');
    await shell.seen(/begun\r\n/);
    await sleep(300);
    shell.type('\u0003');
    shell.type('echo sti""ll here; exit\r');
    await shell.seen(/still here\r\n/);
    expect((await shell.result).text).not.toContain('goes on');
  });

  it('gives a command a terminal, and its exit code', async () => {
    const { code, text } = await visit('app', '--', 'tty >/dev/null && echo "a  b"; exit 3').result;
    expect({ code, text }).toEqual({ code: 3, text: 'a  b\r\n' });
  });

  it('leaves a host that hangs with ~.', async () => {
    const shell = visit('here');
    shell.type('echo be""gun\r');
    await shell.seen(/begun\r\n/);
    host.freeze();
    try {
      shell.type('\r~.');
      await shell.seen(/The session on 127\.0\.1\.78 has ended/);
      expect((await shell.result).code).toBe(255);
    } finally {
      host.thaw();
    }
  });

  it('carries bytes both ways without a terminal, and keeps outputs apart', async () => {
    const { code, stdout, stderr } = await project.run(
      'exec',
      'app',
      '--',
      'printf "\\000\\377" | od -An -tx1; echo e >&2; exit 9',
    );
    expect({ code, stdout, stderr }).toEqual({ code: 9, stdout: ' 00 ff\n', stderr: 'e\n' });
  });

  it('says that the host is not there', async () => {
    await project.edit('slipway.state.json', `"port":${host.port}`, '"port":1');
    const { code, stderr } = await project.run('ssh', 'here', '--', 'true');
    expect(code).toBe(255);
    expect(stderr).toMatch(/refuses connections/);
  });
});
