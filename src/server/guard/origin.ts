import { HttpError } from '../http-error.ts';
import { headersOf, repeatedHeaders, type RequestHead } from './request-head.ts';
import { plainAddress } from './socket-owner.ts';

/** By what names and from which pages we may be asked. */
export interface Ours {
  readonly scheme: 'http' | 'https';
  /** Address listened on, as given. */
  readonly listenHost: string;
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
}

/** What else such a connection brings is not read. */
const CLOSE = { headers: { connection: 'close' } };
/** Pages that open by themselves what a person may want next. */
const PREFETCH = ['sec-purpose', 'purpose', 'x-moz'];

/**
 * Refuses what a page of somebody else's makes a browser send. An old client's GET deploys, and a browser sends a GET for
 * anybody: a browser says by `Sec-Fetch-Site` and `Origin` for whom, and by `Host` under which name it found us (a name that
 * was made to point here, DNS rebinding, is not ours). Throws `HttpError`.
 */
export function refuseForeignPage(head: RequestHead, ours: Ours, changes: boolean): void {
  const repeated = repeatedHeaders(head.rawHeaders);
  if (repeated.length > 0)
    throw new HttpError(400, 'A header came twice', `${repeated.join(', ')}: send it once.`, CLOSE);
  if (!head.url.startsWith('/') && !(head.method === 'OPTIONS' && head.url === '*'))
    throw new HttpError(400, 'The target of the request is not a path', 'We are not a proxy.', CLOSE);
  const headers = headersOf(head.rawHeaders);
  const host = headers.get('host');
  const name = host === undefined ? undefined : hostName(host);
  if (host === undefined || name === undefined)
    throw new HttpError(400, 'The request names no host', 'Send a header Host with the name of this server.');
  if (!isOurs(name, head.localAddress, ours))
    throw new HttpError(
      421,
      'This server is not called so',
      `The request is for ${JSON.stringify(name)}. If that is a name of this server, start it with --allow-host ${name}.`,
    );
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin !== undefined) {
    if (isAllowedOrigin(origin, ours)) return refusePrefetch(headers, changes);
    // The port of Host is the port of the page: no page can send another one than its own.
    if (origin.toLowerCase() !== `${ours.scheme}://${host}`.toLowerCase())
      throw new HttpError(
        403,
        'Pages of other origins are not served',
        `The request comes from a page of ${JSON.stringify(origin.slice(0, 200))}. \`slipway serve --allow-origin\` names origins that may ask.`,
      );
  }
  if (site !== undefined && site !== 'none' && site !== 'same-origin')
    throw new HttpError(
      403,
      'Pages of other sites are not served',
      headers.get('sec-fetch-mode') === 'navigate'
        ? 'A link on a page of another site does not lead here. Type the address, or open it from a bookmark.'
        : `Sec-Fetch-Site is ${JSON.stringify(site)}.`,
    );
  refusePrefetch(headers, changes);
}

export function isAllowedOrigin(origin: string, { allowOrigins }: Pick<Ours, 'allowOrigins'>): boolean {
  return allowOrigins.includes(origin.toLowerCase());
}

/** Nothing is changed because a browser guesses what somebody is about to type. */
function refusePrefetch(headers: ReadonlyMap<string, string>, changes: boolean): void {
  if (changes && PREFETCH.some((name) => headers.get(name)?.toLowerCase().includes('prefetch') === true))
    throw new HttpError(403, 'Nothing is changed ahead of time', 'The request is a prefetch.');
}

/**
 * Ports are left aside: a forwarded port (`ssh -L`) has another one than ours, and a name that was made to point here has ours.
 */
function isOurs(name: string, localAddress: string, { listenHost, allowHosts }: Ours): boolean {
  const own = ['localhost', '127.0.0.1', '::1', listenHost, plainAddress(localAddress), ...allowHosts];
  return own.some((known) => known.toLowerCase() === name);
}

/** The name in a Host header, in lower case, without port and brackets; undefined when it is none. */
export function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
