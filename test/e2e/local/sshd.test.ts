import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { CommandResult } from '../../lab/command.ts';
import { run } from '../../lab/command.ts';
import { descendants } from '../../lab/process-tree.ts';
import type { SshdHost } from '../../lab/sshd.ts';
import { findSshd, startSshd } from '../../lab/sshd.ts';

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
