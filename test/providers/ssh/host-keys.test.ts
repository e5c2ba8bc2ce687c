import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rm } from 'node:fs/promises';
import { fingerprint } from '../../../providers/ssh/host-key.ts';
import { must } from '../../lab/command.ts';
import { sshLab } from './ssh-lab.ts';
import type { SshLab } from './ssh-lab.ts';

const open = async (lab: SshLab, more = {}): Promise<void> => {
  const connection = await lab.provider().connect(lab.settings(more), {});
  await connection.close();
};

describe('the key of a host', () => {
  let lab: SshLab;
  /** `[127.0.1.7]:2222` */
  let name: string;
  /** Another key than the server's, as `TYPE BASE64`. */
  let otherKey: string;
  beforeAll(async () => {
    lab = await sshLab();
    name = `[${lab.sshd.address}]:${lab.sshd.port}`;
    const path = await lab.makeKey('other', { authorized: false });
    otherKey = (await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  });
  afterEach(() => rm(lab.knownHosts, { force: true }));
  afterAll(() => lab.stop());

  it('is recorded when it is new, in a file of its owner alone', async () => {
    await open(lab);
    expect(await lab.readKnownHosts()).toBe(`${lab.sshd.knownHostsLine.trim()}\n`);
    expect((await stat(lab.knownHosts)).mode & 0o777).toBe(0o600);
    await open(lab);
    expect((await lab.readKnownHosts()).split('\n')).toHaveLength(2);
  });

  it('is recorded once by many connections at once, below a line without an end', async () => {
    await lab.writeSsh('known_hosts', `elsewhere ${otherKey}`);
    const provider = lab.provider();
    const connections = await Promise.all(
      Array.from({ length: 10 }, () => provider.connect(lab.settings(), {})),
    );
    await Promise.all(connections.map((connection) => connection.close()));
    expect(await lab.readKnownHosts()).toBe(`elsewhere ${otherKey}\n${lab.sshd.knownHostsLine.trim()}\n`);
  });

  it('is not recorded when the login fails', async () => {
    const key = await lab.makeKey('stranger', { authorized: false });
    await expect(open(lab, { private_key: key })).rejects.toMatchObject({ kind: 'authentication' });
    expect(await lab.readKnownHosts()).toBe('');
  });

  it('is refused when another one is known, with the line to look at', async () => {
    await lab.writeSsh('known_hosts', `# mine\n\n${name} ${otherKey}\n`);
    const failure = open(lab);
    await expect(failure).rejects.toMatchObject({ kind: 'host-key-changed', transient: false });
    await expect(failure).rejects.toThrow(`${lab.knownHosts}:3`);
    await expect(failure).rejects.toMatchObject({
      remedy: expect.stringContaining(`ssh-keygen -R '${name}'`),
    });
    expect(await lab.readKnownHosts()).not.toContain(lab.sshd.knownHostsLine.trim());
  });

  it('is found behind a hashed name', async () => {
    await lab.writeSsh('known_hosts', `${lab.sshd.knownHostsLine}\n`);
    await must(['ssh-keygen', '-q', '-H', '-f', lab.knownHosts]);
    expect(await lab.readKnownHosts()).toMatch(/^\|1\|/);
    await open(lab, { host_key: 'strict' });
    await lab.writeSsh('known_hosts', `${name} ${otherKey}\n`);
    await must(['ssh-keygen', '-q', '-H', '-f', lab.knownHosts]);
    await expect(open(lab)).rejects.toMatchObject({ kind: 'host-key-changed' });
  });

  it('is found by wildcards, unless these exclude the host', async () => {
    const key = lab.sshd.knownHostsLine.split(' ').slice(1).join(' ').trim();
    await lab.writeSsh('known_hosts', `[127.0.1.*]:* ${key}\n`);
    await open(lab, { host_key: 'strict' });
    await lab.writeSsh('known_hosts', `!${name},[127.0.1.*]:* ${key}\n`);
    await expect(open(lab, { host_key: 'strict' })).rejects.toMatchObject({ kind: 'host-key-unknown' });
  });

  it('may be known without its port, as for OpenSSH', async () => {
    const key = lab.sshd.knownHostsLine.split(' ').slice(1).join(' ').trim();
    await lab.writeSsh('known_hosts', `${lab.sshd.address} ${key}\n`);
    await open(lab, { host_key: 'strict' });
  });

  it('is refused when it is revoked, known or not', async () => {
    await lab.writeSsh(
      'known_hosts',
      `${lab.sshd.knownHostsLine.trim()}\n@revoked * ${lab.sshd.knownHostsLine.split(' ').slice(1).join(' ')}\n`,
    );
    await expect(open(lab)).rejects.toMatchObject({ kind: 'host-key-changed' });
    await expect(open(lab)).rejects.toThrow(/revoked.*known_hosts:2/);
  });

  it('is not vouched for by a certificate authority, of which slipway knows nothing', async () => {
    await lab.writeSsh('known_hosts', `@cert-authority * ${otherKey}\n`);
    await expect(open(lab, { host_key: 'strict' })).rejects.toMatchObject({ kind: 'host-key-unknown' });
    await open(lab);
  });

  it('must be known under "strict"', async () => {
    const failure = open(lab, { host_key: 'strict' });
    await expect(failure).rejects.toMatchObject({
      kind: 'host-key-unknown',
      remedy: expect.stringContaining(`slipway trust ${lab.sshd.address}`),
    });
    await expect(failure).rejects.toThrow(lab.sshd.hostKeyFingerprint);
  });

  it('must be the pinned one where one is pinned', async () => {
    await open(lab, { host_key: lab.sshd.hostKeyFingerprint.replace('SHA256', 'sha256') });
    expect(await lab.readKnownHosts()).toBe('');
    const wrong = `sha256:${'A'.repeat(43)}`;
    await expect(open(lab, { host_key: wrong })).rejects.toMatchObject({ kind: 'host-key-changed' });
    await expect(open(lab, { host_key: 'md5:aa' })).rejects.toThrow(/neither "accept-new" nor "strict"/);
  });

  it('is not taken for new when what is known cannot be read', async () => {
    await mkdir(lab.knownHosts);
    try {
      await expect(open(lab)).rejects.toMatchObject({
        kind: 'host-key-unknown',
        message: expect.stringContaining('cannot be read') as string,
      });
    } finally {
      await rm(lab.knownHosts, { recursive: true });
    }
  });

  it('cannot be recorded in a file that cannot be written', async () => {
    await writeFile(join(lab.home, 'file'), '');
    await expect(open(lab, { known_hosts: join(lab.home, 'file', 'known_hosts') })).rejects.toThrow(
      /cannot be written/,
    );
  });
});

describe('a host with keys of several types', () => {
  let lab: SshLab;
  const line = async (type: string): Promise<string> => {
    const public_ = await readFile(join(lab.home, '.ssh', `host_${type}.pub`), 'utf8');
    return `[${lab.sshd.address}]:${lab.sshd.port} ${public_.split(' ').slice(0, 2).join(' ')}`;
  };
  beforeAll(async () => {
    const first = await sshLab();
    const keys = await Promise.all(
      ['rsa', 'ecdsa'].map((type) => first.makeKey(`host_${type}`, { type, authorized: false })),
    );
    const sshd = await first.another({ extraConfig: keys.map((key) => `HostKey ${key}`) });
    lab = {
      ...first,
      sshd,
      settings: (more = {}) => ({
        ...first.settings(),
        host: sshd.address,
        port: sshd.port,
        private_key: sshd.privateKeyPath,
        ...more,
      }),
    };
  });
  afterEach(() => rm(lab.knownHosts, { force: true }));
  afterAll(() => lab.stop());

  it('shows the one that is known, whatever it prefers', async () => {
    for (const type of ['rsa', 'ecdsa']) {
      await lab.writeSsh('known_hosts', `${await line(type)}\n`);
      await open(lab, { host_key: 'strict' });
    }
  });

  it('is refused when it shows a new type in place of a known one', async () => {
    const path = await lab.makeKey('p384', { type: 'ecdsa', authorized: false });
    await must(['ssh-keygen', '-q', '-t', 'ecdsa', '-b', '384', '-N', '', '-f', `${path}_b`]);
    const other = (await readFile(`${path}_b.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
    await lab.writeSsh('known_hosts', `[${lab.sshd.address}]:${lab.sshd.port} ${other}\n`);
    await expect(open(lab)).rejects.toMatchObject({ kind: 'host-key-changed' });
  });

  it('may have any of them pinned', async () => {
    for (const type of ['rsa', 'ecdsa']) {
      const text = await must(['ssh-keygen', '-lf', join(lab.home, '.ssh', `host_${type}.pub`)]);
      await open(lab, { host_key: text.split(' ')[1]?.replace('SHA256', 'sha256') ?? '' });
    }
  });

  it('gives all of them away for a person to compare, and these are trusted once recorded', async () => {
    const provider = lab.provider();
    const offered = await provider.fetchHostKeys(lab.settings(), {});
    expect(offered.keys.map(({ type, status }) => [type, status])).toEqual([
      ['ssh-ed25519', 'unknown'],
      ['ecdsa-sha2-nistp256', 'unknown'],
      ['ssh-rsa', 'unknown'],
    ]);
    const [first] = offered.keys;
    expect(first && fingerprint(first)).toBe(lab.sshd.hostKeyFingerprint);
    expect(await lab.readKnownHosts()).toBe('');
    await provider.recordHostKeys(offered);
    await provider.recordHostKeys(offered);
    expect((await lab.readKnownHosts()).trim().split('\n')).toHaveLength(3);
    await open(lab, { host_key: 'strict' });
    const again = await lab.provider().fetchHostKeys(lab.settings(), {});
    expect(new Set(again.keys.map(({ status }) => status))).toEqual(new Set(['known']));
  });

  it('tells keys that have changed', async () => {
    const path = await lab.makeKey('changed', { authorized: false });
    const other = (await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
    await lab.writeSsh('known_hosts', `[${lab.sshd.address}]:${lab.sshd.port} ${other}\n`);
    const offered = await lab.provider().fetchHostKeys(lab.settings(), {});
    expect(offered.keys[0]?.status).toBe('changed');
  });
});
