import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import {
  endsOf,
  isLoopback,
  createOwnerLookup,
  ownerIn,
  ownersOf,
  plainAddress,
  type Ends,
} from '../../../src/server/guard/socket-owner.ts';

/** As the kernel prints them, on a little-endian machine. */
const TABLES = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:C350 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31001 1 0 100 0 0 10 0
   1: 0100007F:9C40 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1001        0 31002 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 31003 1 0 20 4 30 10 -1
   3: 0100007F:9C41 0100007F:C350 05 00000000:00000000 03:00001770 00000000     0        0 0 3 0
   4: 0100007F:9C42 0100007F:C350 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
  sl  local_address                         remote_address                        st
   0: 00000000000000000000000001000000:9C43 00000000000000000000000001000000:C350 01 00000000:00000000 00:00000000 00000000  1003        0 31005 1
   1: 0000000000000000FFFF00000100007F:9C44 0000000000000000FFFF00000100007F:C350 01 00000000:00000000 00:00000000 00000000  1004        0 31006 1
`;
const ends = (remotePort: number, address = '127.0.0.1'): Ends => ({
  localAddress: address,
  localPort: 50_000,
  remoteAddress: address,
  remotePort,
});

describe('the owner of the other end', () => {
  it.each([
    ['its own row, not ours', ends(40_000), 1001],
    ['closed and waiting: nobody, though the kernel prints 0', ends(40_001), null],
    ['in TIME_WAIT: nobody', ends(40_002), null],
    ['IPv6', ends(40_003, '::1'), 1003],
    ['IPv4 through a socket of IPv6', ends(40_004), 1004],
    ['IPv4 that we see mapped', ends(40_000, '::ffff:127.0.0.1'), 1001],
    ['unknown', ends(40_005), null],
    ['an address that is none', ends(40_000, 'nonsense'), null],
  ] as const)('%s', (_what, of, uid) => expect(ownerIn(ownersOf(TABLES), of, true)).toBe(uid));

  it('is found by its words on a big-endian machine too', () => {
    const table = '0: 7F000001:9C40 7F000001:C350 01 0:0 0:0 0  1001  0 31002 1';
    expect(ownerIn(ownersOf(table), ends(40_000), false)).toBe(1001);
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['127.example.com', false],
  ] as const)('%s is loopback: %s', (address, expected) => expect(isLoopback(address)).toBe(expected));

  it('lose zone and mapping', () => {
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
    expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
  });
});

describe('sockets of this machine', () => {
  const server = createServer({ allowHalfOpen: true });
  const open: Socket[] = [];
  afterAll(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });

  async function accepted(join: (port: number) => unknown): Promise<Ends> {
    if (!server.listening) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const came = once(server, 'connection') as Promise<[Socket]>;
    join((server.address() as { port: number }).port);
    const [socket] = await came;
    open.push(socket);
    const found = endsOf(socket);
    if (found === null) throw new Error('closed already');
    return found;
  }

  it('are our own', async () => {
    const of = await accepted((port) => open.push(connect(port, '127.0.0.1')));
    expect(await createOwnerLookup()(of)).toBe(process.getuid?.());
  });

  it("are nobody's once their process left them", async () => {
    let client: Socket | undefined;
    const of = await accepted((port) => (client = connect(port, '127.0.0.1')));
    client?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await createOwnerLookup()(of)).toBeNull();
  });

  it.runIf(process.getuid?.() === 0)("are another user's", async () => {
    const script = (port: number): string =>
      `require('node:net').connect(${port}, '127.0.0.1'); setTimeout(() => process.exit(), 5000)`;
    let child: ReturnType<typeof spawn> | undefined;
    const of = await accepted(
      (port) =>
        (child = spawn(process.execPath, ['-e', script(port)], { uid: 65_534, gid: 65_534, cwd: '/' })),
    );
    expect(await createOwnerLookup()(of)).toBe(65_534);
    child?.kill();
  });
});
