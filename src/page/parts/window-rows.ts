import { useEffect, useRef, useState } from 'preact/hooks';

export interface RowWindow {
  /** Rows from `start` to before `end` are to be drawn. */
  readonly start: number;
  readonly end: number;
  /** Pixels that stand for the rows before and after. */
  readonly before: number;
  readonly after: number;
}

/**
 * Which of many rows of one height lie in sight (and some around), in a list that scrolls with the window. `frame` goes to the
 * element that holds the rows. Give the list `aria-rowcount`, and its rows `aria-rowindex`.
 */
export function useWindowRows<E extends HTMLElement>(
  count: number,
  rowHeight: number,
  around = 20,
): RowWindow & { readonly frame: { current: E | null } } {
  const frame = useRef<E>(null);
  const [range, setRange] = useState({ start: 0, end: Math.min(count, 60) });
  useEffect(() => {
    let pending = 0;
    const measure = (): void => {
      pending = 0;
      if (frame.current === null) return;
      const top = -frame.current.getBoundingClientRect().top;
      const start = Math.max(0, Math.floor(top / rowHeight) - around);
      const end = Math.min(count, Math.ceil((top + window.innerHeight) / rowHeight) + around);
      setRange((last) => (last.start === start && last.end === end ? last : { start, end }));
    };
    const onScroll = (): void => {
      if (pending === 0) pending = requestAnimationFrame(measure);
    };
    measure();
    window.addEventListener('scroll', onScroll, { passive: true });
    window.addEventListener('resize', onScroll);
    return () => {
      cancelAnimationFrame(pending);
      window.removeEventListener('scroll', onScroll);
      window.removeEventListener('resize', onScroll);
    };
  }, [count, rowHeight, around]);
  const start = Math.min(range.start, count);
  const end = Math.max(start, Math.min(range.end, count));
  return { start, end, before: start * rowHeight, after: (count - end) * rowHeight, frame };
}
