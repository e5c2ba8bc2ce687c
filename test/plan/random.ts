/** A generator of numbers that gives the same series for the same seed, so that a failing case can be run again. */
export interface Random {
  /** From 0 to `below` - 1. */
  number(below: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Each with a chance of one half; `atLeast` so many. */
  some<T>(items: readonly T[], atLeast?: number): T[];
}

export function randomOf(seed: number): Random {
  let state = seed * 2654435761 + 1;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const random: Random = {
    number: (below) => Math.floor(next() * below),
    chance: (share) => next() < share,
    pick: (items) => items[random.number(items.length)]!,
    some(items, atLeast = 0) {
      const chosen = items.filter(() => next() < 0.5);
      return chosen.length >= atLeast ? chosen : items.slice(0, atLeast);
    },
  };
  return random;
}
