import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError } from '../http-error.ts';
import type { RouteDemands } from '../plugin.ts';
import { MAX_CONNECTIONS } from '../listener.ts';
import { createCrowd } from './crowd.ts';
import { createFailures, peerKey } from './failures.ts';
import { refuseForeignPage, type Ours } from './origin.ts';
import { roleOf, type Principal } from './principal.ts';
import { headersOf } from './request-head.ts';
import { createOwnerLookup, endsOf, isLoopback, plainAddress, type Ends } from './socket-owner.ts';
import { findToken, givenToken, type Token } from './tokens.ts';

/** Decides who may ask for what, for requests and for upgrades to WebSockets alike. */
export interface Guard {
  /** Lets a request in, or throws `HttpError`, with the principal where it is known who is refused. Reads its head only. */
  admit(request: IncomingMessage, demands: RouteDemands): Promise<Principal>;
  /** To be told of each: past the most that are served, one that was not let in makes room. Where only our own user is served, one of another is not kept. */
  onConnection(socket: Socket): void;
}

export interface GuardOptions extends Ours {
  /** null: sockets of our own user and of root are served, and no others. */
  readonly tokens: (() => Promise<readonly Token[]>) | null;
  /** Our own user. */
  readonly uid: number;
  /** For tests; the kernel's tables otherwise. */
  readonly ownerOf?: (ends: Ends) => Promise<number | null>;
}

/** So long a stranger's connection may take to fetch its refusal. */
const STRANGER_MS = 1_000;

export function createGuard(options: GuardOptions): Guard {
  const { tokens, uid: ownUid, ownerOf = createOwnerLookup() } = options;
  const failures = createFailures(() => performance.now());
  const owners = new WeakMap<Socket, Promise<number | null>>();
  // The other end stays with its process as long as the connection: once is enough.
  const ownerOfSocket = (socket: Socket): Promise<number | null> => {
    const known = owners.get(socket);
    if (known !== undefined) return known;
    const ends = endsOf(socket);
    const owner = ends === null ? Promise.resolve(null) : ownerOf(ends).catch(() => null);
    owners.set(socket, owner);
    return owner;
  };
  const crowd = createCrowd(MAX_CONNECTIONS, ownerOfSocket);
  const isOwn = (uid: number | null): uid is number => uid === ownUid || uid === 0;

  const byUser = async (socket: Socket, address: string): Promise<Principal> => {
    const uid = await ownerOfSocket(socket);
    if (!isOwn(uid))
      throw new HttpError(
        403,
        'Only the user of this server is served',
        `The connection is of ${uid === null ? 'a user who cannot be told' : `user ${uid}`}. Others need a token: \`slipway serve --token-file\`.`,
      );
    return { role: 'operate', name: `uid ${uid}`, address };
  };

  const byToken = async (
    known: readonly Token[],
    request: IncomingMessage,
    address: string,
  ): Promise<Principal> => {
    const headers = headersOf(request.rawHeaders);
    const protocols = isUpgrade(request) ? headers.get('sec-websocket-protocol') : undefined;
    const given = givenToken(headers.get('authorization'), protocols);
    const challenge = { headers: { 'www-authenticate': 'Bearer realm="slipway"' } };
    if (given === null)
      throw new HttpError(401, 'A token is needed', 'Send a header Authorization: Bearer TOKEN.', challenge);
    // Before failures are looked at: all clients of a proxy are one peer, and guesses of one must not lock out the others.
    const token = findToken(known, given);
    if (token === null) {
      // On this machine all have one address: a neighbour's guesses are not ours.
      const peer = peerKey(address, isLoopback(address) ? await ownerOfSocket(request.socket) : null);
      const waitSeconds = failures.waitOf(peer);
      if (waitSeconds !== null)
        throw new HttpError(429, 'Too many wrong tokens', `Try again in ${waitSeconds} seconds.`, {
          headers: { 'retry-after': String(waitSeconds) },
        });
      failures.add(peer);
      throw new HttpError(401, 'The token is not known', 'It is none of those in the token file.', challenge);
    }
    return { role: token.role, name: token.name, address };
  };

  return {
    async admit(request, demands) {
      const { changes, open = false } = demands;
      const { socket, method = 'GET', url = '', rawHeaders } = request;
      const address = plainAddress(socket.remoteAddress ?? '');
      refuseForeignPage(
        { method, url, rawHeaders, localAddress: socket.localAddress ?? '' },
        options,
        changes,
      );
      if (tokens === null) {
        const principal = await byUser(socket, address);
        crowd.admit(socket);
        return principal;
      }
      if (open) return { role: 'read', name: 'anyone', address };
      const principal = await byToken(await tokens(), request, address);
      crowd.admit(socket);
      if (roleOf(demands) === 'operate' && principal.role !== 'operate')
        throw new HttpError(
          403,
          'This token may only read',
          `${principal.name} has the role "read"; this needs "operate".`,
          { principal },
        );
      return principal;
    },
    onConnection(socket) {
      crowd.add(socket);
      if (tokens !== null) return;
      void ownerOfSocket(socket).then((uid) => {
        if (isOwn(uid)) return;
        const timer = setTimeout(() => socket.destroy(), STRANGER_MS);
        socket.once('close', () => clearTimeout(timer));
      });
    },
  };
}

function isUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
