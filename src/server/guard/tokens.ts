import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DiagnosticsError, runError, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Role } from './principal.ts';

/** A token as it is kept: by its digest. */
export interface Token {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
}

const MIN_LENGTH = 24;
/** How long a revoked token may still be good. */
const STALE_MS = 1_000;

/**
 * Reads a file with a line `TOKEN ROLE NAME` per token; `#` begins a comment. Throws `DiagnosticsError` with all that is wrong;
 * no message shows a token.
 */
export async function readTokens(file: string): Promise<readonly Token[]> {
  const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]).catch((error: unknown) => {
    throw new DiagnosticsError([runError('The token file cannot be read', String(error))]);
  });
  if ((mode & 0o077) !== 0) {
    const detail = `${file} has mode 0${(mode & 0o777).toString(8)}: others may read or change it. \`chmod 600 ${file}\` sets that right.`;
    throw new DiagnosticsError([runError('The token file is open to others', detail)]);
  }
  const { tokens, diagnostics } = parseTokens(text, file);
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
  return tokens;
}

export function parseTokens(
  text: string,
  file: string,
): { readonly tokens: readonly Token[]; readonly diagnostics: readonly Diagnostic[] } {
  const tokens: Token[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [token = '', role = '', name = '', ...rest] = line.trim().split(/\s+/);
    const wrong = (why: string): number =>
      diagnostics.push(runError('A token cannot be used', `${file}:${at + 1}: ${why}`));
    if (name === '' || rest.length > 0) wrong('a line is TOKEN ROLE NAME.');
    else if (role !== 'read' && role !== 'operate') wrong('a role is "read" or "operate".');
    else if (token.length < MIN_LENGTH)
      wrong(`a token has at least ${MIN_LENGTH} characters; \`openssl rand -hex 32\` makes one.`);
    else if (!/^[\w.~+/=-]+$/.test(token)) wrong('a token is made of letters, digits and . _ ~ + / = -');
    else if (tokens.some((other) => other.name === name)) wrong(`the name ${name} is given twice.`);
    else tokens.push({ name, role, digest: sha256(token) });
  }
  if (tokens.length === 0 && diagnostics.length === 0)
    diagnostics.push(runError('There is no token', `${file} has no line TOKEN ROLE NAME.`));
  return { tokens, diagnostics };
}

/** The token that was given, null when it is none of ours. Takes the same time whichever it is, and however much of it is right. */
export function findToken(tokens: readonly Token[], given: string): Token | null {
  const digest = sha256(given);
  let found: Token | null = null;
  for (const token of tokens) if (timingSafeEqual(token.digest, digest)) found = token;
  return found;
}

/**
 * The tokens of a file, read anew when it changed: one that is taken out of it is good for a second more. Rejects with
 * `DiagnosticsError` when the file cannot be used at the start.
 */
export async function tokenFile(
  file: string,
  onProblem: (message: string) => void,
): Promise<() => Promise<readonly Token[]>> {
  // Looked at before it is read: what is written in between is seen as a change the next time.
  let seen = await stampOf(file);
  let tokens = Promise.resolve(await readTokens(file));
  let lookedAt = performance.now();
  const look = async (): Promise<readonly Token[]> => {
    const known = await tokens;
    const now = await stampOf(file);
    if (now === seen) return known;
    seen = now;
    return readTokens(file).catch((error: unknown) => {
      // A file that cannot be read lets nobody in: somebody may have wanted to lock everybody out.
      onProblem(error instanceof Error ? error.message : String(error));
      return [];
    });
  };
  return () => {
    if (performance.now() - lookedAt < STALE_MS) return tokens;
    lookedAt = performance.now();
    return (tokens = look());
  };
}

/** Another one whenever the file was changed, or is another one. */
function stampOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(
    ({ mtimeNs, ctimeNs, ino, size }) => `${mtimeNs} ${ctimeNs} ${ino} ${size}`,
    () => 'gone',
  );
}

/** `Bearer TOKEN` of an Authorization header; for a WebSocket also a subprotocol `bearer.TOKEN`, for browsers set no header there. */
export function givenToken(authorization: string | undefined, protocols: string | undefined): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(authorization ?? '');
  if (bearer?.[1] !== undefined) return bearer[1];
  for (const protocol of (protocols ?? '').split(',')) {
    const match = /^bearer\.(\S+)$/.exec(protocol.trim());
    if (match?.[1] !== undefined) return match[1];
  }
  return null;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
