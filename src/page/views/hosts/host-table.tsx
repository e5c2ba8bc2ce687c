import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { bytesText, counted, spanText } from '../../parts/amounts.ts';
import { Meter } from '../../parts/meter.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { SortHead, type SortOrder } from '../../parts/table.tsx';
import { useWindowRows } from '../../parts/window-rows.ts';
import { fitText, shortages, type HostRow } from './model.ts';

export interface HostTableProps {
  readonly rows: readonly HostRow[];
  readonly order: SortOrder;
  readonly onSort: (order: SortOrder) => void;
  readonly opened: string | null;
  readonly onOpen: (address: string) => void;
}

/** Pixels; hosts.css makes rows so. */
const ROW_HEIGHT = 44;

/** Any number of hosts; the arrow keys lead from one to the next. */
export function HostTable({ rows, order, onSort, opened, onOpen }: HostTableProps): JSX.Element {
  const [active, setActive] = useState<string | null>(null);
  const { start, end, before, after, frame } = useWindowRows<HTMLTableSectionElement>(
    rows.length,
    ROW_HEIGHT,
  );
  const drawn = rows.slice(start, end);
  const stop = drawn.some(({ address }) => address === active) ? active : drawn[0]?.address;
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTableElement>): void => {
    const at = drawn.findIndex(({ address }) => address === stop);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    const target = to === undefined ? undefined : drawn[to];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setActive(target.address);
    frame.current?.querySelector<HTMLElement>(`[data-host="${CSS.escape(target.address)}"]`)?.focus();
  };
  const head = { order, onSort };
  return (
    <div class="table-frame">
      <table
        class="table host-table"
        aria-rowcount={rows.length + 1}
        aria-label={counted(rows.length, 'host')}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr aria-rowindex={1}>
            <SortHead {...head} name="host">
              Host
            </SortHead>
            <SortHead {...head} name="instances" isLargestFirst>
              Instances
            </SortHead>
            <SortHead {...head} name="cpu" isLargestFirst>
              CPU
            </SortHead>
            <SortHead {...head} name="memory" isLargestFirst>
              Memory
            </SortHead>
            <SortHead {...head} name="disk" isLargestFirst>
              Disk
            </SortHead>
            <SortHead {...head} name="os">
              System
            </SortHead>
            <SortHead {...head} name="uptime" isNumber>
              Up for
            </SortHead>
          </tr>
        </thead>
        <tbody ref={frame}>
          {before === 0 ? null : <Gap height={before} />}
          {drawn.map((row, at) => (
            <HostTableRow
              key={row.address}
              row={row}
              index={start + at + 2}
              isStop={row.address === stop}
              isOpened={row.address === opened}
              onOpen={onOpen}
              onFocus={() => setActive(row.address)}
            />
          ))}
          {after === 0 ? null : <Gap height={after} />}
        </tbody>
      </table>
    </div>
  );
}

/** In place of the rows that are not drawn. */
function Gap({ height }: { readonly height: number }): JSX.Element {
  return (
    <tr aria-hidden="true">
      <td colSpan={7} style={{ height: `${height}px`, padding: 0 }} />
    </tr>
  );
}

function HostTableRow({
  row,
  index,
  isStop,
  isOpened,
  onOpen,
  onFocus,
}: {
  readonly row: HostRow;
  readonly index: number;
  readonly isStop: boolean;
  readonly isOpened: boolean;
  readonly onOpen: (address: string) => void;
  readonly onFocus: () => void;
}): JSX.Element {
  const { address, name, cores, memoryBytes, machine, uptimeSeconds, problem } = row;
  const short = shortages(row.fits);
  return (
    <tr class="row-link" aria-rowindex={index} onClick={() => onOpen(address)}>
      <th scope="row">
        <button
          type="button"
          class="host-name"
          data-host={address}
          aria-expanded={isOpened}
          title={name ?? address}
          tabIndex={isStop ? 0 : -1}
          onFocus={onFocus}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(address);
          }}
        >
          {name ?? address}
        </button>
        {name === null || name === address ? null : <span class="soft host-address">{address}</span>}
        {problem === null ? null : (
          <span title={problem}>
            <StateBadge state="unreachable" isPill />
          </span>
        )}
        {short.length === 0 ? null : (
          <span title={short.map(fitText).join('\n')}>
            <StateBadge state="degraded" label="too small" isPill />
          </span>
        )}
      </th>
      <td>
        <Instances row={row} />
      </td>
      <td>
        <Meter
          percent={row.cpuPercent}
          note={cores === null ? null : counted(cores, 'core')}
          highAt={90}
          fullAt={101}
        />
      </td>
      <td>
        <Meter percent={row.memoryUsedPercent} note={memoryBytes === null ? null : bytesText(memoryBytes)} />
      </td>
      <td>
        <Meter percent={row.diskUsedPercent} />
      </td>
      <td>
        <span class="host-os" title={machine?.os.name}>
          {machine?.os.name ?? '–'}
        </span>
      </td>
      <td class="number">{uptimeSeconds === null ? '–' : spanText(uptimeSeconds)}</td>
    </tr>
  );
}

/** So many by name; of more, how many in each state. */
const NAMED = 4;

function Instances({ row: { instances } }: { readonly row: HostRow }): JSX.Element {
  if (instances.length <= NAMED)
    return (
      <span class="host-components">
        {instances.map(({ address, component, condition }) => (
          <span key={address} class="state" data-state={condition} title={`${component}: ${condition}`}>
            <span class="state-shape" aria-hidden="true" />
            {component}
            <span class="aside-text">: {condition}</span>
          </span>
        ))}
      </span>
    );
  const conditions = [...new Set(instances.map(({ condition }) => condition))];
  return (
    <span class="host-components">
      {conditions.map((condition) => (
        <StateBadge
          key={condition}
          state={condition}
          label={`${instances.filter((one) => one.condition === condition).length} ${condition}`}
        />
      ))}
    </span>
  );
}
