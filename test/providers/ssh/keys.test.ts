import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../lab/command.ts';
import { sshLab } from './ssh-lab.ts';
import type { SshLab } from './ssh-lab.ts';

describe('logging in', () => {
  let lab: SshLab;
  beforeAll(async () => {
    lab = await sshLab();
  });
  afterAll(() => lab.stop());
  const open = async (more = {}, options = {}): Promise<void> => {
    const connection = await lab.provider(options).connect(lab.settings(more), {});
    await connection.close();
  };

  it.each([
    ['ed25519', undefined],
    ['ecdsa', undefined],
    ['rsa', undefined],
    ['rsa', 'PEM'],
  ])('takes a key of type %s, format %s, with and without a passphrase', async (type, format) => {
    const more = format === undefined ? {} : { format };
    await open({ private_key: await lab.makeKey(`${type}${format}`, { type, authorized: true, ...more }) });
    const locked = await lab.makeKey(`${type}${format}_locked`, {
      type,
      passphrase: 'open sesame',
      authorized: true,
      ...more,
    });
    await open({ private_key: locked, passphrase: 'open sesame' });
    await expect(open({ private_key: locked, passphrase: 'wrong' })).rejects.toMatchObject({
      kind: 'key-unreadable',
    });
    await expect(open({ private_key: locked, passphrase: 'wrong' })).rejects.toThrow(/does not open/);
  });

  it('asks for a passphrase once for all hosts, and says so where nobody can be asked', async () => {
    const locked = await lab.makeKey('ask', { passphrase: 'open sesame', authorized: true });
    const questions: string[] = [];
    const provider = lab.provider({
      prompter: ({ text, secret }) => {
        questions.push(`${text} ${secret}`);
        return Promise.resolve('open sesame');
      },
    });
    const connections = await Promise.all(
      [1, 2, 3].map(() => provider.connect(lab.settings({ private_key: locked }), {})),
    );
    await Promise.all(connections.map((connection) => connection.close()));
    expect(questions).toEqual([`Passphrase of ${locked} true`]);
    const failure = open({ private_key: locked });
    await expect(failure).rejects.toThrow(`the private key ${locked} needs a passphrase`);
    await expect(failure).rejects.toMatchObject({
      kind: 'key-unreadable',
      remedy: expect.stringContaining('ssh-add'),
    });
  });

  it('names a key that is absent, or no key', async () => {
    const absent = join(lab.home, 'absent');
    await expect(open({ private_key: absent })).rejects.toThrow(`the private key ${absent} does not exist`);
    await expect(open({ private_key: lab.home })).rejects.toMatchObject({ kind: 'key-unreadable' });
    await writeFile(join(lab.home, 'text'), 'hello');
    await expect(open({ private_key: join(lab.home, 'text') })).rejects.toMatchObject({
      kind: 'key-unreadable',
    });
    await expect(open({ private_key: lab.sshd.publicKeyPath })).rejects.toThrow(/holds a public key/);
  });

  it('expands ~ and does not mind who may read a key', async () => {
    await chmod(await lab.makeKey('open', { authorized: true }), 0o644);
    await open({ private_key: '~/.ssh/open' });
  });

  it('falls back to the keys in ~/.ssh, in vain or not', async () => {
    const other = await sshLab();
    try {
      const without = { ...other.settings(), private_key: null };
      await expect(other.provider().connect(without, {})).rejects.toThrow(
        /nothing to try; the host allows publickey/,
      );
      await other.makeKey('id_ecdsa', { type: 'ecdsa', passphrase: 'x', authorized: false });
      await other.makeKey('id_rsa', { type: 'rsa', authorized: false });
      const failure = other.provider().connect(without, {});
      await expect(failure).rejects.toMatchObject({ kind: 'authentication', transient: false });
      await expect(failure).rejects.toThrow(
        /tried key .*id_rsa; the host allows publickey \(not used: .*id_ecdsa needs a passphrase\)/,
      );
      await other.makeKey('id_ed25519', { authorized: true });
      await (await other.provider().connect(without, {})).close();
    } finally {
      await other.stop();
    }
  });

  it('says who was not let in', async () => {
    const stranger = await lab.makeKey('stranger', { authorized: false });
    await expect(open({ private_key: stranger, user: 'nobody-here' })).rejects.toThrow(
      `${lab.sshd.address} does not let nobody-here in: tried key ${stranger}`,
    );
  });

  describe('with an agent', () => {
    let agentPid: number;
    let socket: string;
    beforeAll(async () => {
      socket = join(lab.home, 'agent.sock');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      await new Promise((resolve) => agent.stdout.once('data', resolve));
      agentPid = agent.pid ?? 0;
    });
    afterAll(() => void process.kill(agentPid));
    const add = (path: string): Promise<string> =>
      must(['ssh-add', '-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const empty = (): Promise<string> =>
      must(['ssh-add', '-q', '-D'], { env: { ...process.env, SSH_AUTH_SOCK: socket } });

    it('uses its keys, at SSH_AUTH_SOCK or where the settings say', async () => {
      await add(await lab.makeKey('agent_rsa', { type: 'rsa', authorized: true }));
      await open({ private_key: null, agent: socket });
      await open({ private_key: null, agent: null }, { agentSocket: socket });
      await open({ private_key: null, agent: true }, { agentSocket: socket });
      await expect(open({ private_key: null, agent: false }, { agentSocket: socket })).rejects.toMatchObject({
        kind: 'authentication',
      });
    });

    it('lets it sign for a locked key that it holds, before all others it has', async () => {
      await empty();
      for (let n = 0; n < 7; n++) await add(await lab.makeKey(`many${n}`, { authorized: false }));
      const path = await lab.makeKey('held', { authorized: true });
      await add(path);
      await must(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'locked now', '-f', path]);
      await open({ private_key: path, agent: socket });
    });

    it('tells when there were more keys than the host takes', async () => {
      await empty();
      for (let n = 0; n < 8; n++) await add(await lab.makeKey(`more${n}`, { authorized: false }));
      const failure = open({ private_key: null, agent: socket });
      await expect(failure).rejects.toMatchObject({
        kind: 'authentication',
        remedy: expect.stringContaining('private_key'),
      });
      await expect(failure).rejects.toThrow(/agent \(8 keys\).*Too many authentication failures/);
    });

    it('goes on without an agent that does not answer', async () => {
      await open({ agent: join(lab.home, 'nobody.sock') });
      const failure = open({ agent: join(lab.home, 'nobody.sock'), private_key: null });
      await expect(failure).rejects.toThrow(/agent at .*nobody.sock/);
    });
  });
});
