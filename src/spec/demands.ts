import { parseBytes } from './units.ts';

/** What a definition demands of a host beyond sizes: `">= 262144"`, `"10.0.0.5:5432"`, `"unlimited"`. Also as `readDemand` gives them. */
export type Operator = '>=' | '<=' | '!=' | '=' | '>' | '<';

/** `>= 5.10`: an operator and what stands right of it. */
export interface Condition {
  readonly operator: Operator;
  readonly value: string;
}

/** A TCP port on an address or name. */
export interface TcpPlace {
  readonly address: string;
  readonly port: number;
}

/** Names of resource limits, as in limits.conf(5). */
export const LIMIT_NAMES = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'sigpending',
  'stack',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** Limits that count bytes, so that "64MiB" makes sense. */
const BYTE_LIMITS: ReadonlySet<string> = new Set([
  'as',
  'core',
  'data',
  'fsize',
  'memlock',
  'msgqueue',
  'rss',
  'stack',
]);

/** `">= 262144"`, `"!= 0"`; a bare value must be equal. undefined: none of these. */
export function parseCondition(text: string): Condition | undefined {
  const match = /^\s*(>=|<=|!=|==?|>|<)?\s*([^<>=!\s](?:.*\S)?)\s*$/s.exec(text);
  if (match === null) return undefined;
  const [, operator = '=', value = ''] = match;
  return { operator: operator === '==' ? '=' : (operator as Operator), value: value.replace(/\s+/g, ' ') };
}

/** `">= 5.10, < 6.8"`: conditions on a version, all of which must hold. undefined: one of them is none. */
export function parseVersionConditions(text: string): readonly Condition[] | undefined {
  const conditions = text.split(',').map(parseCondition);
  return conditions.every((one) => one !== undefined && /^\d+(\.\d+)*$/.test(one.value))
    ? (conditions as readonly Condition[])
    : undefined;
}

/** `10.0.0.5:5432`, `mirror:80`, `[2001:db8::1]:443`; undefined when it is no such place. */
export function parseTcpPlace(text: string): TcpPlace | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([\w.-]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  const address = match?.[1] ?? match?.[2];
  if (address === undefined || port < 1 || port > 65_535) return undefined;
  return { address, port };
}

/** `10.0.0.5:5432`, with brackets where they are needed. */
export function wordTcpPlace({ address, port }: TcpPlace): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A limit's least value: a whole number, a size where it counts bytes, or "unlimited" as `Infinity`. undefined: none of these. */
export function parseLimit(name: string, value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (value === 'unlimited') return Infinity;
  if (/^\d+$/.test(value.trim())) return Number(value);
  return BYTE_LIMITS.has(name) ? parseBytes(value) : undefined;
}

/** Whether a limit counts bytes. */
export function countsBytes(name: LimitName): boolean {
  return BYTE_LIMITS.has(name);
}

/** `vm.max_map_count`, `net/ipv4/conf/eth0.100/rp_filter`: the ways sysctl(8) writes a name. */
export function isSysctlName(name: string): boolean {
  return /^[\w-]+([./][\w:@-]+)+$/.test(name);
}

/** A name that a resolver can be asked for. */
export function isHostName(name: string): boolean {
  return /^[\w]([\w.-]*[\w.])?$/.test(name) && name.length <= 253;
}
