import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';

/** What became of a private key file. */
export type KeyFile =
  | { readonly status: 'ready'; readonly path: string; readonly key: ParsedKey }
  | { readonly status: 'absent'; readonly path: string }
  | {
      /** Encrypted, and no passphrase fits. */
      readonly status: 'locked';
      readonly path: string;
      readonly passphrase: 'absent' | 'wrong';
      /** The public half, where the file or its `.pub` tells: an agent may hold the key. */
      readonly publicBlob: Buffer | null;
    }
  | { readonly status: 'unusable'; readonly path: string; readonly reason: string };

/** Private keys, each file read, and each passphrase worked out, once. The permissions of a file are the user's business. */
export interface KeyRing {
  /** `ask`: gives the passphrase of a key that needs one; asked once per file, whatever number of hosts waits for it. */
  load(path: string, passphrase: string | null, ask?: () => Promise<string | undefined>): Promise<KeyFile>;
}

export function keyRing(): KeyRing {
  const loaded = new Map<string, Promise<KeyFile>>();
  return {
    load(path, passphrase, ask) {
      const id = JSON.stringify([path, passphrase, ask !== undefined]);
      let file = loaded.get(id);
      if (file === undefined) {
        file = load(path, passphrase, ask);
        loaded.set(id, file);
      }
      return file;
    },
  };
}

async function load(
  path: string,
  passphrase: string | null,
  ask: (() => Promise<string | undefined>) | undefined,
): Promise<KeyFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { status: 'absent', path };
    return { status: 'unusable', path, reason: code === 'EACCES' ? 'it may not be read' : message };
  }
  const first = await parse(path, text, passphrase);
  if (first.status !== 'locked' || first.passphrase === 'wrong' || ask === undefined) return first;
  const answer = await ask();
  return answer === undefined ? first : parse(path, text, answer);
}

async function parse(path: string, text: string, passphrase: string | null): Promise<KeyFile> {
  const { utils } = (await import('ssh2')).default;
  // The result may be a list, whatever its type says: an OpenSSH file has room for several keys.
  const parsed = [utils.parseKey(text, passphrase ?? undefined)].flat()[0] ?? new Error('it holds no key');
  if (!(parsed instanceof Error)) {
    if (parsed.isPrivateKey()) return { status: 'ready', path, key: parsed };
    return { status: 'unusable', path, reason: 'it holds a public key' };
  }
  // ssh2 tells its errors apart by their text alone.
  const { message } = parsed;
  if (/no passphrase given/i.test(message))
    return { status: 'locked', path, passphrase: 'absent', publicBlob: await publicHalf(path, text) };
  if (
    passphrase !== null &&
    /passphrase|bad decrypt|integrity check|authenticat|wrong final block/i.test(message)
  )
    return { status: 'locked', path, passphrase: 'wrong', publicBlob: null };
  const reason = /BEGIN (ENCRYPTED )?PRIVATE KEY/.test(text)
    ? `it is in PKCS#8 format (convert it: ssh-keygen -p -f ${path})`
    : message;
  return { status: 'unusable', path, reason };
}

/** The public key of an encrypted file: it stands in clear in OpenSSH's own format (PROTOCOL.key), else in the `.pub` beside it. */
async function publicHalf(path: string, text: string): Promise<Buffer | null> {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body !== undefined) {
    const bytes = Buffer.from(body, 'base64');
    let position = 'openssh-key-v1\0'.length;
    const next = (): Buffer => {
      const length = bytes.readUInt32BE(position);
      position += 4 + length;
      return bytes.subarray(position - length, position);
    };
    try {
      next(); // cipher
      next(); // key derivation
      next(); // its options
      position += 4; // number of keys
      return next();
    } catch {
      return null;
    }
  }
  const line = await readFile(`${path}.pub`, 'utf8').catch(() => '');
  const base64 = line.split(/\s+/)[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}
