/** How often one peer may give a wrong token. */
export const MAX_FAILURES = 10;
export const WINDOW_MS = 60_000;
/** Peers that are remembered; past it the one that failed longest ago is forgotten. */
const MAX_PEERS = 10_000;

/** Counts wrong tokens by peer, so that who guesses, or has an old token, is told to wait. What makes guessing vain is the length of tokens. */
export interface Failures {
  /** Seconds until this peer may try again; null: it may now. */
  waitOf(peer: string): number | null;
  add(peer: string): void;
}

/** `clock`: milliseconds, going forward only. */
export function createFailures(clock: () => number): Failures {
  /** By peer, the times of its last failures; the peer that failed last stands last. */
  const times = new Map<string, readonly number[]>();
  const recent = (peer: string): readonly number[] =>
    (times.get(peer) ?? []).filter((time) => time > clock() - WINDOW_MS);
  return {
    waitOf(peer) {
      const failed = recent(peer);
      const oldest = failed[0];
      if (oldest === undefined || failed.length < MAX_FAILURES) return null;
      return Math.max(1, Math.ceil((oldest + WINDOW_MS - clock()) / 1000));
    },
    add(peer) {
      const failed = [...recent(peer), clock()].slice(-MAX_FAILURES);
      times.delete(peer);
      times.set(peer, failed);
      const [first] = times.keys();
      if (times.size > MAX_PEERS && first !== undefined) times.delete(first);
    },
  };
}

/** One who is counted: an address of IPv4, a network of IPv6 (a household has 2^64 addresses), and on this machine the user. */
export function peerKey(address: string, uid: number | null): string {
  const who = uid === null ? '' : `#${uid}`;
  if (!address.includes(':') || address === '::1') return `${address}${who}`;
  const [head = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  return `${head.split(':').slice(0, 4).join(':')}::/64${who}`;
}
