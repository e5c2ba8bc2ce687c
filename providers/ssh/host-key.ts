import { createHash } from 'node:crypto';

/** A public host key. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string;
  /** As on the wire. */
  readonly blob: Buffer;
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function fingerprint(key: HostKey): string {
  return `SHA256:${createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '')}`;
}

/** A key from its wire format; its type is the first string in it (RFC 4253, 6.6). */
export function hostKeyFromBlob(blob: Buffer): HostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return { type: blob.toString('latin1', 4, 4 + length), blob };
}

/** Signature algorithms a key of this type can prove itself with, the best first. */
export function signatureAlgorithms(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type];
}

/** Key types we can verify, the preferred first. */
export const HOST_KEY_TYPES: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
];

/**
 * The order in which host key algorithms are offered: those of the known keys first, as OpenSSH does. Otherwise a host
 * whose ed25519 key we know might show its ecdsa key, and look like another host.
 */
export function offeredAlgorithms(knownTypes: Iterable<string>): string[] {
  const known = new Set(knownTypes);
  const ordered = [
    ...HOST_KEY_TYPES.filter((type) => known.has(type)),
    ...HOST_KEY_TYPES.filter((type) => !known.has(type)),
  ];
  return ordered.flatMap(signatureAlgorithms);
}
