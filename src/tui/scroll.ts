import type { Press } from './presses.ts';

/** The first line to show so that `at` is in sight, moved as little as can be. */
export function scrolledTo(at: number, top: number, height: number, length: number): number {
  const moved = at < top ? at : at >= top + height ? at - height + 1 : top;
  return within(moved, 0, Math.max(0, length - height));
}

export function within(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/** How far a key moves, in lines; null where it does not. */
export function travel(press: Press, height: number): number | null {
  switch (press) {
    case 'up':
    case 'k':
      return -1;
    case 'down':
    case 'j':
      return 1;
    case 'pageup':
    case 'ctrl-b':
      return -Math.max(1, height - 1);
    case 'pagedown':
    case 'ctrl-f':
    case ' ':
      return Math.max(1, height - 1);
    case 'g':
    case 'home':
      return -Infinity;
    case 'G':
    case 'end':
      return Infinity;
    default:
      return null;
  }
}
