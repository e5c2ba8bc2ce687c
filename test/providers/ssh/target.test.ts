import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSshConfig } from '../../../providers/ssh/ssh-config.ts';
import { SSH_SETTINGS } from '../../../providers/ssh/settings.ts';
import type { SshSettings } from '../../../providers/ssh/settings.ts';
import { sshProvider } from '../../../providers/ssh/ssh.ts';
import { resolveTarget } from '../../../providers/ssh/target.ts';
import type { Target } from '../../../providers/ssh/target.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-home-'));
  await mkdir(join(home, '.ssh', 'config.d'), { recursive: true });
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function target(config: string, settings: Partial<SshSettings> = {}): Promise<Target> {
  const path = join(home, '.ssh', 'config');
  await writeFile(path, config);
  return resolveTarget(
    { host: 'web1', ...settings },
    {
      homeDir: home,
      localUser: 'me',
      agentSocket: '/run/agent',
      globalKnownHostsPath: '/etc/ssh/ssh_known_hosts',
      config: readSshConfig(path, { homeDir: home, localUser: 'me' }),
    },
  );
}

describe('the settings of a host', () => {
  it('have defaults', async () => {
    expect(await target('')).toMatchObject({
      address: 'web1',
      port: 22,
      user: 'me',
      privateKey: null,
      defaultKeys: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((key) => join(home, '.ssh', key)),
      agentSocket: '/run/agent',
      hostKey: { kind: 'accept-new' },
      knownHostsName: 'web1',
      knownHostsFiles: [join(home, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'],
      become: null,
      connectTimeoutMs: 10_000,
      keepaliveIntervalMs: 5000,
      jumps: [],
    });
  });

  it('take from ~/.ssh/config what they leave open, the first value of each', async () => {
    const config = `
      Host web*
        HostName %h.example.net
        Port 2222
        User deploy
        IdentityFile ~/.ssh/deploy
        IdentityFile "%d/.ssh/%r@%n"
        IdentitiesOnly yes
        UserKnownHostsFile ~/.ssh/known_%h
        StrictHostKeyChecking yes
        HashKnownHosts yes
        ConnectTimeout 3
      Host *
        User nobody
        Port 1
        IdentityAgent none
    `;
    expect(await target(config)).toMatchObject({
      address: 'web1.example.net',
      port: 2222,
      user: 'deploy',
      identityFiles: [join(home, '.ssh/deploy'), join(home, '.ssh/deploy@web1')],
      identitiesOnly: true,
      defaultKeys: [],
      agentSocket: null,
      hostKey: { kind: 'strict' },
      knownHostsName: '[web1.example.net]:2222',
      knownHostsPlainName: 'web1.example.net',
      knownHostsFiles: [join(home, '.ssh/known_web1.example.net'), '/etc/ssh/ssh_known_hosts'],
      hashKnownHosts: true,
      connectTimeoutMs: 3000,
    });
    expect(
      await target(config, {
        port: 22,
        user: 'root',
        host_key: 'accept-new',
        known_hosts: '~/k',
        agent: '~/a',
        connect_timeout: 1,
      }),
    ).toMatchObject({
      port: 22,
      user: 'root',
      hostKey: { kind: 'accept-new' },
      knownHostsFiles: [join(home, 'k'), '/etc/ssh/ssh_known_hosts'],
      agentSocket: join(home, 'a'),
      connectTimeoutMs: 1000,
    });
    expect(await target(config, { config: false })).toMatchObject({ address: 'web1', port: 22, user: 'me' });
  });

  it('never go below accept-new, whatever the configuration says', async () => {
    expect((await target('StrictHostKeyChecking no')).hostKey).toEqual({ kind: 'accept-new' });
    expect((await target('StrictHostKeyChecking off')).hostKey).toEqual({ kind: 'accept-new' });
  });

  it('know the alias of a host key, without a port', async () => {
    expect(await target('HostKeyAlias shop\nPort 2222')).toMatchObject({
      knownHostsName: 'shop',
      knownHostsPlainName: null,
    });
  });

  it('follow Include, and leave Match alone', async () => {
    await writeFile(join(home, '.ssh', 'config.d', 'a.conf'), 'Host web1\n  Port 2200\n');
    const proof = join(home, 'ran');
    const config = await target(
      `Include config.d/*.conf\nMatch exec "touch ${proof}"\n  User matched\nHost web1\n  User found\n`,
    );
    expect(config).toMatchObject({ port: 2200, user: 'found' });
    await expect(rm(proof)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('go on after an Include in the section around it, whatever the included file ends with', async () => {
    await writeFile(
      join(home, '.ssh', 'config.d', 'a.conf'),
      'Host other\n  Port 2200\nHost another\n  Port 2201\n',
    );
    expect(await target('Include config.d/*\nUser everywhere\nHost web1\n  Port 2222')).toMatchObject({
      port: 2222,
      user: 'everywhere',
    });
    expect(await target('Host web1\n  Include config.d/*\n  User here')).toMatchObject({ user: 'here' });
    expect(await target('Host web2\n  Include config.d/*\n  User there')).toMatchObject({ user: 'me' });
  });

  it('refuse a ProxyCommand, which they cannot honour', async () => {
    await expect(target('ProxyCommand nc %h %p')).rejects.toMatchObject({ kind: 'protocol' });
    expect((await target('ProxyCommand nc %h %p', { proxy_jump: 'none' })).jumps).toEqual([]);
    expect((await target('ProxyCommand none')).jumps).toEqual([]);
  });

  it('read jump hosts in all their spellings, and give them no password', async () => {
    const { jumps } = await target('Host gate\n  HostName 192.0.2.1\n  User guard\n  ProxyJump outer', {
      proxy_jump: 'gate, ops@192.0.2.2:2022,[2001:db8::1]:2023,2001:db8::2,ssh://b@c:22',
      password: 'secret',
      become: 'sudo',
    });
    expect(jumps.map(({ user, address, port }) => `${user} ${address} ${port}`)).toEqual([
      'me outer 22',
      'guard 192.0.2.1 22',
      'ops 192.0.2.2 2022',
      'me 2001:db8::1 2023',
      'me 2001:db8::2 22',
      'b c 22',
    ]);
    expect(JSON.stringify(jumps)).not.toContain('secret');
    expect(new Set(jumps.map(({ become }) => become))).toEqual(new Set([null]));
    await expect(target('', { proxy_jump: 'a b' })).rejects.toThrow(/user@host:port/);
    await expect(target('Host *\n  ProxyJump loop')).rejects.toThrow(/circle/);
  });

  it('say where things lie without connecting', () => {
    const provider = sshProvider({ homeDir: home, localUser: 'me', configPath: '/nowhere' });
    expect(provider.layout({ host: 'h' }).stateDir).toBe('~/.slipway');
    expect(provider.layout({ host: 'h', user: 'root' }).stateDir).toBe('/var/lib/slipway');
    expect(provider.layout({ host: 'h', become: 'sudo' }).instancesDir).toBe('/opt/slipway');
  });

  it('are listed once each', () => {
    const names = SSH_SETTINGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(SSH_SETTINGS.filter(({ sensitive }) => sensitive).map(({ name }) => name)).toEqual([
      'passphrase',
      'password',
      'become_password',
    ]);
  });
});
