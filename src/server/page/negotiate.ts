import type { Encoding } from './page-files.ts';

/** In the order in which we would rather send them. */
const PREFERRED: readonly Encoding[] = ['br', 'gzip'];

/** Which of the encodings that there are a client is sent, by its `Accept-Encoding` (RFC 9110, 12.5.3). */
export function encodingFor(accepted: string | undefined, there: ReadonlySet<Encoding>): Encoding {
  const weights = new Map<string, number>();
  for (const part of (accepted ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    if (name !== '') weights.set(name, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  const isTaken = (encoding: Encoding): boolean => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0;
  return PREFERRED.find((encoding) => there.has(encoding) && isTaken(encoding)) ?? 'identity';
}

/** Whether the client has it already, by its `If-None-Match`. A proxy may have made an ETag a weak one. */
export function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
