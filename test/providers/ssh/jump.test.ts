import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descendants } from '../../lab/process-tree.ts';
import type { SshdHost } from '../../lab/sshd.ts';
import { sshLab } from './ssh-lab.ts';
import type { SshLab } from './ssh-lab.ts';

describe('going through jump hosts', () => {
  let lab: SshLab;
  let first: SshdHost;
  let second: SshdHost;
  beforeAll(async () => {
    lab = await sshLab();
    // All servers let the same key in.
    const authorized = `AuthorizedKeysFile ${lab.sshd.dir}/authorized_keys`;
    first = await lab.another({ extraConfig: [authorized] });
    second = await lab.another({ extraConfig: [authorized] });
  });
  afterAll(() => lab.stop());
  const place = (host: SshdHost): string => `${host.user}@${host.address}:${host.port}`;

  it('works over one or several, each verified by its own key', async () => {
    const connection = await lab
      .provider()
      .connect(lab.settings({ proxy_jump: `${place(first)},${place(second)}` }), {});
    const { stdout } = await connection.exec({ program: 'echo "$SSH_CONNECTION"', privileged: false });
    expect(stdout.toString()).toContain(lab.sshd.address);
    const known = await lab.readKnownHosts();
    for (const host of [first, second, lab.sshd]) expect(known).toContain(host.knownHostsLine.trim());
    const bytes = Buffer.alloc(4 * 1024 * 1024, 'x');
    expect((await connection.exec({ program: 'cat', stdin: bytes })).stdout.equals(bytes)).toBe(true);
    await connection.close();
    expect(await connection.closed).toBeUndefined();
  });

  it('logs in once at a jump host for all hosts behind it, and leaves it with the last of them', async () => {
    const provider = lab.provider();
    const before = (await first.log()).split('Accepted publickey').length;
    const connections = await Promise.all(
      Array.from({ length: 8 }, () => provider.connect(lab.settings({ proxy_jump: place(first) }), {})),
    );
    expect((await first.log()).split('Accepted publickey').length).toBe(before + 1);
    await Promise.all(connections.map((connection) => connection.close()));
    await expect.poll(() => descendants(first.pid), { timeout: 5000 }).toEqual([]);
  });

  it('is told by ~/.ssh/config, unless the settings overrule it', async () => {
    const config = [
      'Host bastion',
      `  HostName ${first.address}`,
      `  Port ${first.port}`,
      `Host ${lab.sshd.address}`,
      '  ProxyJump bastion',
    ];
    const configPath = await lab.writeSsh('config_jump', config.join('\n'));
    const count = async (): Promise<number> => (await first.log()).split('Accepted publickey').length;
    const before = await count();
    const through = await lab.provider({ configPath }).connect(lab.settings(), {});
    await through.close();
    expect(await count()).toBe(before + 1);
    for (const direct of [{ proxy_jump: 'none' }, { config: false }]) {
      await (await lab.provider({ configPath }).connect(lab.settings(direct), {})).close();
    }
    expect(await count()).toBe(before + 1);
  });

  it('does not take a jump host for dead while an upload fills a slow line to it', async () => {
    const line = await slowLine(first, 200_000);
    const settings = lab.settings({
      proxy_jump: `${first.user}@127.0.0.1:${line.port}`,
      keepalive_interval: 1,
    });
    try {
      const connection = await lab.provider().connect(settings, {});
      // Longer under way than three keepalives may stay without an answer.
      const stdin = Buffer.alloc(1_600_000, 'x');
      const { stdout } = await connection.exec({ program: 'wc -c', stdin });
      expect(Number(stdout.toString())).toBe(stdin.length);
      await connection.close();
    } finally {
      line.close();
    }
  });

  it('breaks for all behind it when it breaks', async () => {
    const third = await lab.another({ extraConfig: [`AuthorizedKeysFile ${lab.sshd.dir}/authorized_keys`] });
    const connection = await lab.provider().connect(lab.settings({ proxy_jump: place(third) }), {});
    const running = expect(connection.exec({ program: 'sleep 30' })).rejects.toMatchObject({ kind: 'lost' });
    for (const pid of await descendants(third.pid)) process.kill(pid, 'SIGKILL');
    await running;
    expect(await connection.closed).toMatchObject({ kind: 'lost' });
  });

  it('names the host that fails, on the way or at its end', async () => {
    const gone = { ...first, port: 1 };
    const onTheWay = lab.provider().connect(lab.settings({ proxy_jump: place(gone) }), {});
    await expect(onTheWay).rejects.toMatchObject({ kind: 'refused', host: lab.sshd.address });
    await expect(onTheWay).rejects.toThrow(`on the way to ${lab.sshd.address}: ${first.address}:1 refuses`);
    const atTheEnd = lab.provider().connect(lab.settings({ proxy_jump: place(first), port: 1 }), {});
    await expect(atTheEnd).rejects.toMatchObject({ kind: 'refused' });
    const closed = await lab.another({
      extraConfig: [`AuthorizedKeysFile ${lab.sshd.dir}/authorized_keys`, 'AllowTcpForwarding no'],
    });
    await expect(
      lab.provider().connect(lab.settings({ proxy_jump: place(closed) }), {}),
    ).rejects.toMatchObject({
      kind: 'forward-refused',
    });
  });

  it('refuses a changed key of a jump host', async () => {
    const key = await lab.makeKey('imposter', { authorized: false });
    const blob = (await readFile(`${key}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
    const known_hosts = await lab.writeSsh('known_jump', `[${first.address}]:${first.port} ${blob}\n`);
    await expect(
      lab.provider().connect(lab.settings({ known_hosts, proxy_jump: place(first) }), {}),
    ).rejects.toMatchObject({ kind: 'host-key-changed', host: lab.sshd.address });
  });
});

/** A way to a server that takes so many bytes per second, and holds what waits; answers are not held up. */
async function slowLine(
  { address, port }: SshdHost,
  bytesPerSecond: number,
): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, address);
    const held: Buffer[] = [];
    const timer = setInterval(() => {
      const waiting = Buffer.concat(held.splice(0));
      const due = bytesPerSecond / 50;
      far.write(waiting.subarray(0, due));
      if (waiting.length > due) held.push(waiting.subarray(due));
    }, 20);
    near.on('data', (chunk: Buffer) => held.push(chunk));
    far.pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
