import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { wildcard } from './ssh-config.ts';
import { HOST_KEY_TYPES } from './host-key.ts';
import type { HostKey } from './host-key.ts';

/** A line of known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). `@cert-authority` lines are left out: we know no certificates. */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly revoked: boolean;
  readonly matches: (name: string) => boolean;
  readonly key: HostKey;
}

/** What known_hosts has to say about a key that a host has shown. */
export type KeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  /** Another key stands there for this host. */
  | { readonly kind: 'changed'; readonly entry: KnownHost }
  | { readonly kind: 'revoked'; readonly entry: KnownHost };

/** Known hosts out of several files, each read once; what is added is written and known at once. */
export interface KnownHosts {
  /** Lines that name the host, of all files, revoked keys included. Rejects when one of them is there and cannot be read. */
  find(files: readonly string[], name: string): Promise<KnownHost[]>;
  /** Appends a key of one host to a file, one line in one write. */
  add(file: string, name: string, key: HostKey, options: { hashed: boolean }): Promise<void>;
}

export function judgeKey(entries: readonly KnownHost[], key: HostKey): KeyVerdict {
  const same = entries.filter((entry) => entry.key.blob.equals(key.blob));
  const revoked = same.find((entry) => entry.revoked);
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  if (same.length > 0) return { kind: 'known' };
  // A key of another type counts as changed too: known types are offered first, so the host has lost the one we know.
  const others = entries.filter((entry) => !entry.revoked && HOST_KEY_TYPES.includes(entry.key.type));
  const other = others.find((entry) => entry.key.type === key.type) ?? others[0];
  return other === undefined ? { kind: 'unknown' } : { kind: 'changed', entry: other };
}

export function knownHosts(): KnownHosts {
  const files = new Map<string, Promise<KnownHost[]>>();
  const entriesOf = (file: string): Promise<KnownHost[]> => {
    let entries = files.get(file);
    if (entries === undefined) {
      entries = readFile(file, 'utf8').then(
        (text) => parseKnownHosts(text, file),
        // Only of a file that is not there it is certain that it names no key: a changed one must not pass for a new one.
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
          files.delete(file);
          throw error;
        },
      );
      files.set(file, entries);
    }
    return entries;
  };
  return {
    async find(paths, name) {
      const all = await Promise.all(paths.map(entriesOf));
      return all.flat().filter((entry) => entry.matches(name));
    },
    async add(file, name, key, { hashed }) {
      const entries = await entriesOf(file);
      if (entries.some((entry) => entry.matches(name) && entry.key.blob.equals(key.blob))) return;
      const field = hashed ? hashedName(name) : name;
      entries.push({ file, line: 0, revoked: false, matches: (other) => other === name, key });
      await appendLine(file, `${field} ${key.type} ${key.blob.toString('base64')}`);
    },
  };
}

export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((content, index) => {
    const words = content.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [names, type, base64] = words;
    if (names === undefined || names.startsWith('#') || type === undefined || base64 === undefined) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    const blob = Buffer.from(base64, 'base64');
    return [
      { file, line: index + 1, revoked: marker === '@revoked', matches: matcher(names), key: { type, blob } },
    ];
  });
}

function matcher(field: string): (name: string) => boolean {
  if (field.startsWith('|1|')) {
    const [, , salt, hash] = field.split('|');
    return (name) => hashOf(name, Buffer.from(salt ?? '', 'base64')) === hash;
  }
  if (!/[*?!,]/.test(field)) {
    const plain = field.toLowerCase();
    return (name) => name.toLowerCase() === plain;
  }
  const patterns = field
    .toLowerCase()
    .split(',')
    .map((pattern) =>
      pattern.startsWith('!')
        ? { negated: true, expression: wildcard(pattern.slice(1)) }
        : { negated: false, expression: wildcard(pattern) },
    );
  return (name) => {
    const hits = patterns.filter(({ expression }) => expression.test(name.toLowerCase()));
    return hits.length > 0 && !hits.some(({ negated }) => negated);
  };
}

function hashOf(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}

function hashedName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${hashOf(name, salt)}`;
}

/** One write in append mode, so that lines of many hosts, or of another program, never mix. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const separator = size > 0 && last.toString() !== '\n' ? '\n' : '';
    await handle.write(`${separator}${line}\n`);
  } finally {
    await handle.close();
  }
}
