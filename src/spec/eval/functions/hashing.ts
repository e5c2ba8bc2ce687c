import { createHash } from 'node:crypto';
import { define, text } from './definition.ts';
import type { EagerFunction } from './definition.ts';

function hash(algorithm: string, encoding: 'hex' | 'base64') {
  return (args: Parameters<typeof text>[0]) => createHash(algorithm).update(text(args, 0)).digest(encoding);
}

export const hashFunctions: readonly EagerFunction[] = [
  define('base64sha256(string)', 'The SHA-256 of a string as Base64.', hash('sha256', 'base64')),
  define('base64sha512(string)', 'The SHA-512 of a string as Base64.', hash('sha512', 'base64')),
  define('md5(string)', 'The MD5 of a string in hex digits.', hash('md5', 'hex')),
  define('sha1(string)', 'The SHA-1 of a string in hex digits.', hash('sha1', 'hex')),
  define('sha256(string)', 'The SHA-256 of a string in hex digits.', hash('sha256', 'hex')),
  define('sha512(string)', 'The SHA-512 of a string in hex digits.', hash('sha512', 'hex')),
];
