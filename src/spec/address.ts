import { isIPv4, isIPv6 } from 'node:net';

/**
 * The one way an address is written: IPv4 as it is, IPv6 compressed in lower case (RFC 5952), a DNS name in lower case
 * without its last dot. Undefined when the text is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (isIPv6(text)) return canonicalIpv6(text);
  const name = text.toLowerCase().replace(/\.$/, '');
  // What looks like IPv4 and is none is a typing error, never a name.
  if (/^[\d.]+$/.test(name) || name.length > 253) return undefined;
  return /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/.test(name)
    ? name
    : undefined;
}

function canonicalIpv6(text: string): string {
  const [address = '', zone] = text.split('%');
  // The URL parser of every platform serialises as RFC 5952 asks.
  const bare = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  return zone === undefined ? bare : `${bare}%${zone}`;
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/** The name of a host block has neither dot nor colon; an address has at least one. */
export function looksLikeAddress(text: string): boolean {
  return /[.:]/.test(text);
}
