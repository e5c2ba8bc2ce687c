import type { Socket } from 'node:net';
import { peerKey } from './failures.ts';
import { endsOf, isLoopback, plainAddress } from './socket-owner.ts';

/** The connections that are open, and whom of them the guard let in. */
export interface Crowd {
  add(socket: Socket): void;
  /** This one has asked for something that it may have: it stays. */
  admit(socket: Socket): void;
}

interface Newcomer {
  readonly socket: Socket;
  peer: string;
  /** It is closed, or about to be. */
  readonly forget: () => void;
}

/**
 * Keeps at most `max` connections. Past it one goes that was never let in (a half request, a wrong token): of the peer that has most of those, the
 * oldest. So whoever takes all there are takes them from themselves.
 */
export function createCrowd(max: number, ownerOfSocket: (socket: Socket) => Promise<number | null>): Crowd {
  const open = new Set<Socket>();
  /** By their ends: a connection with TLS has two sockets. */
  const newcomers = new Map<string, Newcomer>();
  /** By peer, the oldest first. */
  const byPeer = new Map<string, Set<Newcomer>>();

  const join = (newcomer: Newcomer): void => {
    const others = byPeer.get(newcomer.peer);
    if (others === undefined) byPeer.set(newcomer.peer, new Set([newcomer]));
    else others.add(newcomer);
  };
  const leave = (newcomer: Newcomer): void => {
    const others = byPeer.get(newcomer.peer);
    others?.delete(newcomer);
    if (others?.size === 0) byPeer.delete(newcomer.peer);
  };
  const oldestOfMost = (): Newcomer | undefined => {
    let most: ReadonlySet<Newcomer> = new Set();
    for (const others of byPeer.values()) if (others.size > most.size) most = others;
    const [oldest] = most;
    return oldest;
  };

  return {
    add(socket) {
      // Told of twice when an upgrade was passed over.
      if (open.has(socket)) return;
      const key = keyOf(socket);
      if (key === null) return void socket.destroy();
      const address = plainAddress(socket.remoteAddress ?? '');
      const newcomer: Newcomer = {
        socket,
        peer: peerKey(address, null),
        forget: () => {
          if (!open.delete(socket)) return;
          leave(newcomer);
          if (newcomers.get(key) === newcomer) newcomers.delete(key);
        },
      };
      open.add(socket);
      newcomers.set(key, newcomer);
      join(newcomer);
      socket.once('close', newcomer.forget);
      if (open.size > max) {
        const last = oldestOfMost();
        // At once, for many may come before the first of them is closed.
        last?.forget();
        last?.socket.destroy();
      }
      // On this machine all have one address.
      if (isLoopback(address))
        void ownerOfSocket(socket).then((uid) => {
          if (newcomers.get(key) !== newcomer) return;
          leave(newcomer);
          newcomer.peer = peerKey(address, uid);
          join(newcomer);
        });
    },
    admit(socket) {
      const key = keyOf(socket);
      const newcomer = key === null ? undefined : newcomers.get(key);
      if (key === null || newcomer === undefined) return;
      leave(newcomer);
      newcomers.delete(key);
    },
  };
}

function keyOf(socket: Socket): string | null {
  const ends = endsOf(socket);
  return ends === null
    ? null
    : [ends.localAddress, ends.localPort, ends.remoteAddress, ends.remotePort].join(' ');
}
