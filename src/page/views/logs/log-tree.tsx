import type { JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TreeRow } from './tree.ts';

export interface LogTreeProps {
  readonly rows: readonly TreeRow[];
  readonly isChosen: (row: TreeRow) => boolean;
  /** Shows the children of a component or an instance, or hides them. */
  readonly onOpen: (key: string, isOpen: boolean) => void;
  /** Only this. */
  readonly onChoose: (row: TreeRow) => void;
  /** This as well, or no more. */
  readonly onToggle: (row: TreeRow) => void;
}

const ROW_PX = 30;
const BEYOND = 10;

/** A tree of thousands of rows, of which only those in view are in the document. One stop of the tab key; arrow keys go on from there. */
export function LogTree({ rows, isChosen, onOpen, onChoose, onToggle }: LogTreeProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const [view, setView] = useState({ top: 0, height: 600 });
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const active = Math.max(
    0,
    rows.findIndex(({ key }) => key === activeKey),
  );

  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const look = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);

  const moveTo = (at: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at))];
    if (row !== undefined) setActiveKey(row.key);
  };
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || activeKey === null) return;
    const top = active * ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_PX - element.clientHeight;
  }, [activeKey]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[active];
    if (row === undefined || event.altKey || event.metaKey || event.ctrlKey) return;
    const canOpen = row.kind === 'component' || row.kind === 'instance';
    switch (event.key) {
      case 'ArrowDown':
        moveTo(active + 1);
        break;
      case 'ArrowUp':
        moveTo(active - 1);
        break;
      case 'PageDown':
        moveTo(active + 10);
        break;
      case 'PageUp':
        moveTo(active - 10);
        break;
      case 'Home':
        moveTo(0);
        break;
      case 'End':
        moveTo(rows.length - 1);
        break;
      case 'ArrowRight':
        if (canOpen && !row.isOpen) onOpen(row.key, true);
        else if (canOpen) moveTo(active + 1);
        break;
      case 'ArrowLeft':
        if (canOpen && row.isOpen) onOpen(row.key, false);
        else moveTo(rows.findLastIndex(({ level }, at) => at < active && level < row.level));
        break;
      case 'Enter':
        onChoose(row);
        break;
      case ' ':
        onToggle(row);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const from = Math.max(0, Math.floor(view.top / ROW_PX) - BEYOND);
  const to = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_PX) + BEYOND);
  const drawn = [...Array(Math.max(0, to - from)).keys()].map((i) => from + i);
  // What is pointed to must be there.
  if (rows.length > 0 && (active < from || active >= to)) drawn.push(active);
  return (
    <div
      ref={frame}
      class="tree"
      role="tree"
      aria-label="Components, instances and their logs"
      aria-multiselectable="true"
      tabIndex={0}
      aria-activedescendant={rows.length === 0 ? undefined : `${id}-${active}`}
      onKeyDown={onKeyDown}
    >
      <div class="tree-space" role="presentation" style={{ height: `${rows.length * ROW_PX}px` }}>
        {drawn.map((at) => {
          const row = rows[at] as TreeRow;
          return (
            <Row
              key={row.key}
              id={`${id}-${at}`}
              at={at}
              row={row}
              isActive={at === active}
              isChosen={isChosen(row)}
              onOpen={onOpen}
              onPress={(isMore) => {
                setActiveKey(row.key);
                if (isMore) onToggle(row);
                else onChoose(row);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

function Row({
  id,
  at,
  row,
  isActive,
  isChosen,
  onOpen,
  onPress,
}: {
  readonly id: string;
  readonly at: number;
  readonly row: TreeRow;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly onOpen: LogTreeProps['onOpen'];
  readonly onPress: (isMore: boolean) => void;
}): JSX.Element {
  const canOpen = row.kind === 'component' || row.kind === 'instance';
  return (
    <div
      id={id}
      role="treeitem"
      class={`tree-row tree-${row.kind}${isActive ? ' tree-active' : ''}${isChosen ? ' tree-chosen' : ''}`}
      style={{ top: `${at * ROW_PX}px`, paddingLeft: `${(row.level - 1) * 1.125 + 0.25}rem` }}
      aria-level={row.level}
      aria-setsize={row.among}
      aria-posinset={row.place}
      aria-selected={isChosen}
      {...(canOpen ? { 'aria-expanded': row.isOpen } : {})}
      title={row.kind === 'log' ? row.detail : row.label}
      onClick={(event) => onPress(event.ctrlKey || event.metaKey || event.shiftKey)}
    >
      <span
        class={`tree-mark${canOpen ? (row.isOpen ? ' tree-open' : ' tree-closed') : ''}`}
        aria-hidden="true"
        onClick={(event) => {
          if (!canOpen) return;
          event.stopPropagation();
          onOpen(row.key, !row.isOpen);
        }}
      />
      {row.kind === 'words' ? null : (
        <span
          class="tree-check"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            onPress(true);
          }}
        />
      )}
      <span class={`tree-label${row.kind === 'words' && row.isBad ? ' tree-bad' : ''}`}>{row.label}</span>
      <span class="tree-note">{row.note}</span>
    </div>
  );
}
