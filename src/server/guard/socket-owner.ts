import { readFile } from 'node:fs/promises';
import { isIPv4, isIPv6, type Socket } from 'node:net';
import { endianness } from 'node:os';

/** Both ends of a connection as one of its sockets names them. Addresses without zone. */
export interface Ends {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * Finds the user whose process holds the other end of a connection on this machine, by the kernel's tables of sockets; null when that
 * is not known: the peer is elsewhere, has left, or there is no `/proc`. All who ask while the tables are read share the next reading of them,
 * which begins after they asked: a crowd of connections costs little more than one.
 */
export function createOwnerLookup(): (ends: Ends) => Promise<number | null> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<Owners> | null = null;
  const fresh = (): Promise<Owners> =>
    (next ??= last.then(() => {
      next = null;
      const reading = socketTables().then(ownersOf);
      last = reading.catch(() => undefined);
      return reading;
    }));
  return async (ends) => {
    const uid = ownerIn(await fresh(), ends);
    // A socket that is being closed may be listed as root's in the very moment. Then it is not listed as anybody's the next time.
    return uid === 0 ? ownerIn(await fresh(), ends) : uid;
  };
}

/** The ends of a connection as our socket has them; null when it is closed already. */
export function endsOf(socket: Socket): Ends | null {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (
    localAddress === undefined ||
    localPort === undefined ||
    remoteAddress === undefined ||
    remotePort === undefined
  )
    return null;
  return { localAddress, localPort, remoteAddress, remotePort };
}

async function socketTables(): Promise<string> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'latin1').catch(() => '')),
  );
  return tables.join('\n');
}

/** Users by both ends of their sockets, as the tables spell them. */
export type Owners = ReadonlyMap<string, number>;

/**
 * Reads the text of `/proc/net/tcp` and `tcp6` (proc_pid_net(5)). A socket that no process holds any more has no inode and is listed with uid 0: that
 * is nobody, not root.
 */
export function ownersOf(tables: string): Owners {
  const owners = new Map<string, number>();
  for (const line of tables.split('\n')) {
    const [, local, remote, , , , , uid, , inode] = line.trim().split(/\s+/);
    if (uid === undefined || inode === undefined || inode === '0') continue;
    const ends = `${local} ${remote}`;
    const number = Number(uid);
    if (Number.isInteger(number) && !owners.has(ends)) owners.set(ends, number);
  }
  return owners;
}

/** Looks the peer's socket up: its local end is our remote one. */
export function ownerIn(owners: Owners, ends: Ends, littleEndian = endianness() === 'LE'): number | null {
  const row = (mapped: boolean): string =>
    [
      hexEnd(ends.remoteAddress, ends.remotePort, mapped, littleEndian),
      hexEnd(ends.localAddress, ends.localPort, mapped, littleEndian),
    ].join(' ');
  // A program may speak IPv4 through a socket of IPv6.
  return owners.get(row(false)) ?? owners.get(row(true)) ?? null;
}

/** `0100007F:C350`: words of four bytes in the machine's order, then the port. */
function hexEnd(address: string, port: number, mapped: boolean, littleEndian: boolean): string {
  const bytes = bytesOf(address);
  const all = mapped && bytes.length === 4 ? [...new Array<number>(10).fill(0), 0xff, 0xff, ...bytes] : bytes;
  let text = '';
  for (let at = 0; at < all.length; at += 4) {
    const word = all.slice(at, at + 4);
    if (littleEndian) word.reverse();
    text += word.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  return `${text}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** Four bytes of an IPv4 address, also of one mapped into IPv6; sixteen of an IPv6 one; none of anything else. */
function bytesOf(address: string): number[] {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return plain.split('.').map(Number);
  if (!isIPv6(plain)) return [];
  // The URL parser knows how to write one out: without an IPv4 tail, compressed at most once.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const words = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => parseInt(word, 16));
  const before = words(head);
  const after = tail === undefined ? [] : words(tail);
  const gap = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...gap, ...after].flatMap((word) => [word >> 8, word & 0xff]);
}

/** An address without its zone, an IPv4 one without its mapping into IPv6. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  return mapped?.[1] ?? bare;
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}
