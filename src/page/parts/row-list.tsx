import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { drawnRows, rowAt, topsOf } from './row-heights.ts';

export interface RowListProps<T> {
  readonly rows: readonly T[];
  /** Never changes for a row, and no two rows have the same. */
  readonly keyOf: (row: T) => string;
  /** Pixels, until it was drawn once. */
  readonly heightOf: (row: T) => number;
  /**
   * What stands in a row. Exactly one element of it bears `data-row-main` and this tab index: the arrow keys go from one to the next, so
   * that a thousand rows are one stop of the tab key.
   */
  readonly children: (row: T, tabIndex: 0 | -1) => JSX.Element;
  readonly label: string;
  /** `rowgroup`: the rows of a table, whose cells `children` gives. */
  readonly role: 'list' | 'rowgroup';
  /** Rows that a table has above these, for readers. */
  readonly headRows?: number;
  readonly rowClass?: (row: T) => string;
}

/** Pixels that are drawn beyond both edges of the window. */
const BEYOND = 400;

/** Rows of any height that scroll with the page; only those in view are in the document. */
export function RowList<T>(props: RowListProps<T>): JSX.Element {
  const { rows, keyOf, heightOf, children, label, role, headRows = 0, rowClass } = props;
  const frame = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const [measured, setMeasured] = useState(0);
  const [view, setView] = useState({ top: 0, bottom: 1_200 });
  const [active, setActive] = useState<string | null>(null);
  const toFocus = useRef<string | null>(null);

  const tops = useMemo(
    () => topsOf(rows.map((row) => heights.current.get(keyOf(row)) ?? heightOf(row))),
    [rows, measured],
  );

  useEffect(() => {
    let frameId = 0;
    const look = (): void => {
      const box = frame.current?.getBoundingClientRect();
      if (box === undefined) return;
      // By steps: a view that moves by a pixel needs no drawing.
      const top = Math.floor((-box.top - BEYOND) / 100) * 100;
      const bottom = Math.ceil((window.innerHeight - box.top + BEYOND) / 100) * 100;
      setView((before) => (before.top === top && before.bottom === bottom ? before : { top, bottom }));
    };
    const onScroll = (): void => {
      cancelAnimationFrame(frameId);
      frameId = requestAnimationFrame(look);
    };
    look();
    window.addEventListener('scroll', onScroll, { passive: true });
    window.addEventListener('resize', onScroll);
    // What stands above may grow.
    const observer = new ResizeObserver(onScroll);
    observer.observe(document.body);
    return () => {
      cancelAnimationFrame(frameId);
      window.removeEventListener('scroll', onScroll);
      window.removeEventListener('resize', onScroll);
      observer.disconnect();
    };
  }, []);

  const sizes = useMemo(
    () =>
      new ResizeObserver((entries) => {
        let isNew = false;
        for (const { target } of entries) {
          const key = (target as HTMLElement).dataset['key'] ?? '';
          const height = (target as HTMLElement).offsetHeight;
          if (!target.isConnected) sizes.unobserve(target);
          if (height === 0 || heights.current.get(key) === height) continue;
          heights.current.set(key, height);
          isNew = true;
        }
        if (isNew) setMeasured((count) => count + 1);
      }),
    [],
  );
  useEffect(() => () => sizes.disconnect(), []);
  const observe = useCallback((element: HTMLElement | null) => {
    if (element !== null) sizes.observe(element);
  }, []);

  useLayoutEffect(() => {
    if (toFocus.current === null) return;
    const row = rowElement(frame.current, toFocus.current);
    toFocus.current = null;
    row?.querySelector<HTMLElement>('[data-row-main]')?.focus();
  });

  const activeAt = active === null ? -1 : rows.findIndex((row) => keyOf(row) === active);
  const stop = Math.max(0, activeAt);
  // The row that has the focus stays, wherever it is: else the focus would be lost.
  const drawn = drawnRows(rowAt(tops, view.top), rowAt(tops, view.bottom), rows.length, stop);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.target as HTMLElement).matches('[data-row-main]')) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = nextRow(event.key, stop, rows.length);
    const row = next === null ? undefined : rows[next];
    if (row === undefined) return;
    event.preventDefault();
    toFocus.current = keyOf(row);
    setActive(toFocus.current);
  };
  const onFocusIn = (event: FocusEvent): void => {
    const key = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset['key'];
    if (key !== undefined) setActive(key);
  };

  let below = 0;
  return (
    <div ref={frame} role={role} aria-label={label} class="rows" onKeyDown={onKeyDown} onFocusIn={onFocusIn}>
      {drawn.flatMap((at) => {
        const row = rows[at] as T;
        const key = keyOf(row);
        const gap = (tops[at] ?? 0) - below;
        below = tops[at + 1] ?? 0;
        // One flat list: within lists of their own rows would be made anew whenever others come or go, and lose the focus.
        return [
          ...(gap > 0 ? [<Gap key={`gap ${key}`} height={gap} />] : []),
          <div
            key={key}
            data-key={key}
            ref={observe}
            class={rowClass?.(row)}
            {...(role === 'list'
              ? { role: 'listitem', 'aria-setsize': rows.length, 'aria-posinset': at + 1 }
              : { role: 'row', 'aria-rowindex': at + 1 + headRows })}
          >
            {children(row, at === stop ? 0 : -1)}
          </div>,
        ];
      })}
      <Gap key="end" height={(tops.at(-1) ?? 0) - below} />
    </div>
  );
}

function Gap({ height }: { readonly height: number }): JSX.Element {
  return <div aria-hidden="true" class="rows-gap" style={{ height: `${height}px` }} />;
}

const PAGE = 10;

function nextRow(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, count - 1);
    case 'ArrowUp':
      return Math.max(at - 1, 0);
    case 'PageDown':
      return Math.min(at + PAGE, count - 1);
    case 'PageUp':
      return Math.max(at - PAGE, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function rowElement(frame: HTMLElement | null, key: string): HTMLElement | null {
  for (const child of frame?.children ?? [])
    if (child instanceof HTMLElement && child.dataset['key'] === key) return child;
  return null;
}
