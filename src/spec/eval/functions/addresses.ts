import { isIPv4, isIPv6 } from 'node:net';
import type { Value } from '../../value.ts';
import { InputError } from '../error.ts';
import { define, integer, number, text } from './definition.ts';
import type { EagerFunction } from './definition.ts';

/** An IP network; `base` is its first address as a number of `bits` bits. */
interface Network {
  readonly base: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

function parseNetwork(source: string): Network {
  const [address = '', length = '', ...rest] = source.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : undefined;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  if (bits === undefined || prefix > bits || rest.length > 0) {
    throw new InputError('an address prefix as in "10.0.0.0/8" or "fd00::/64" is needed', 0);
  }
  const host = BigInt(bits - prefix);
  return { base: (parseAddress(address, bits) >> host) << host, prefix, bits };
}

function parseAddress(address: string, bits: 32 | 128): bigint {
  if (bits === 32) return fromParts(address.split('.').map(Number), 8);
  // The last 32 bits may be written as IPv4.
  const plain = address.replace(/[\d.]+$/, (tail) => {
    if (!isIPv4(tail)) return tail;
    const [a, b, c, d] = tail.split('.').map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groups = (half: string) => (half === '' ? [] : half.split(':').map((group) => parseInt(group, 16)));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return fromParts([...before, ...zeros, ...after], 16);
}

function fromParts(parts: readonly number[], width: number): bigint {
  return parts.reduce((sum, part) => (sum << BigInt(width)) | BigInt(part), 0n);
}

/** IPv6 as RFC 5952 wants it: the longest run of zero groups (two or more, the first of equals) becomes "::". */
function addressText(address: bigint, bits: 32 | 128): string {
  const width = bits === 32 ? 8 : 16;
  const count = bits / width;
  const parts = Array.from({ length: count }, (_, i) =>
    Number((address >> BigInt(width * (count - 1 - i))) & BigInt(2 ** width - 1)),
  );
  if (bits === 32) return parts.join('.');
  const text = parts.map((part) => part.toString(16)).join(':');
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].sort(
    (a, b) => b[0].length - a[0].length || a.index - b.index,
  );
  const longest = runs[0];
  if (!longest) return text;
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

function networkText({ base, prefix, bits }: Network): string {
  return `${addressText(base, bits)}/${prefix}`;
}

/** A negative number counts from the end. */
function host({ base, prefix, bits }: Network, index: bigint): string {
  const size = 1n << BigInt(bits - prefix);
  const offset = index < 0n ? size + index : index;
  if (offset < 0n || offset >= size) throw new InputError(`the network has only ${size} addresses`, 1);
  return addressText(base + offset, bits);
}

function subnet(network: Network, newBits: number, index: bigint): Network {
  const prefix = network.prefix + newBits;
  if (newBits < 0 || prefix > network.bits)
    throw new InputError(`from 0 to ${network.bits - network.prefix} bits can be added`, 1);
  if (index < 0n || index >= 1n << BigInt(newBits))
    throw new InputError(`${newBits} bits number only ${1n << BigInt(newBits)} subnets`, 2);
  return { ...network, prefix, base: network.base + (index << BigInt(network.bits - prefix)) };
}

/** Subnets of the sizes given, one after the other, each at the next boundary of its size. */
function subnets(network: Network, args: readonly Value[]): string[] {
  const end = network.base + (1n << BigInt(network.bits - network.prefix));
  let next = network.base;
  return args.slice(1).map((_, i) => {
    const added = integer(args, i + 1);
    const prefix = network.prefix + added;
    if (added < 1 || prefix > network.bits)
      throw new InputError(`from 1 to ${network.bits - network.prefix} bits can be added`, i + 1);
    const size = 1n << BigInt(network.bits - prefix);
    const base = ((next + size - 1n) / size) * size;
    if (base + size > end) throw new InputError('the network has no room left for this subnet', i + 1);
    next = base + size;
    return networkText({ base, prefix, bits: network.bits });
  });
}

function whole(args: readonly Value[], i: number): bigint {
  const value = number(args, i);
  if (typeof value === 'number' && !Number.isInteger(value))
    throw new InputError('a whole number is needed', i);
  return BigInt(value);
}

function netmask(network: Network): string {
  if (network.bits === 128) throw new InputError('only an IPv4 network has a netmask', 0);
  const hosts = BigInt(32 - network.prefix);
  return addressText((0xffffffffn >> hosts) << hosts, 32);
}

export const addressFunctions: readonly EagerFunction[] = [
  define(
    'cidrhost(prefix, hostnum)',
    'The address of a number within a network; negative numbers count from its end.',
    (a) => host(parseNetwork(text(a, 0)), whole(a, 1)),
  ),
  define('cidrnetmask(prefix)', 'The netmask of an IPv4 network.', (a) => netmask(parseNetwork(text(a, 0)))),
  define(
    'cidrsubnet(prefix, newbits, netnum)',
    'A subnet, its prefix longer by newbits, by its number.',
    (a) => networkText(subnet(parseNetwork(text(a, 0)), integer(a, 1), whole(a, 2))),
  ),
  define('cidrsubnets(prefix, newbits...)', 'Consecutive subnets, one for each number of bits.', (a) =>
    subnets(parseNetwork(text(a, 0)), a),
  ),
];
