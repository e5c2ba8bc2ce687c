/** What the guard reads of a request, before anything else does. */
export interface RequestHead {
  readonly method: string;
  /** As it was sent: `/deployment-engine/status?x=1`. */
  readonly url: string;
  /** Names and values by turns, as they were sent; Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  /** Address that the connection came in at. */
  readonly localAddress: string;
}

/** Of these a second one is a trick: what we would read is not what a proxy before us read. */
const ONCE = [
  'host',
  'origin',
  'authorization',
  'content-length',
  'transfer-encoding',
  'sec-fetch-site',
  'upgrade',
];

/** Values of headers by their names in lower case; repeated ones are joined. */
export function headersOf(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** Headers that came twice although they must not. */
export function repeatedHeaders(rawHeaders: readonly string[]): readonly string[] {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  return ONCE.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
}
