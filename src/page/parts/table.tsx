import type { ComponentChildren, JSX } from 'preact';

export interface SortOrder {
  readonly by: string;
  readonly isDown: boolean;
}

export interface SortHeadProps {
  readonly name: string;
  readonly order: SortOrder;
  readonly onSort: (order: SortOrder) => void;
  /** At the right, and the largest first. */
  readonly isNumber?: boolean;
  readonly isLargestFirst?: boolean;
  readonly children: ComponentChildren;
}

/** Head of a column by which a table can be sorted; use `.table` in `.table-frame`. */
export function SortHead({
  name,
  order,
  onSort,
  isNumber = false,
  isLargestFirst = isNumber,
  children,
}: SortHeadProps): JSX.Element {
  const isSorted = order.by === name;
  const sort = isSorted ? (order.isDown ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" aria-sort={sort} class={isNumber ? 'number' : undefined}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ by: name, isDown: isSorted ? !order.isDown : isLargestFirst })}
      >
        {children}
        <span class="sort-mark" aria-hidden="true">
          {isSorted ? (order.isDown ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}
