import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { bytesText, percentText } from '../../parts/amounts.ts';
import { Link } from '../../router.tsx';
import { conditionText, stepInMatrix, type Matrix, type Spot } from './model.ts';

export interface MapPartProps {
  /** The one that the tab key comes to; the arrow keys lead on from there. */
  readonly active: string | null;
  readonly opened: string | null;
  readonly onActive: (address: string) => void;
  readonly onOpen: (address: string) => void;
}

/** Hosts down, components across; a grid for the arrow keys. */
export function MatrixMap({
  matrix,
  active,
  opened,
  onActive,
  onOpen,
}: MapPartProps & { readonly matrix: Matrix }): JSX.Element {
  const table = useRef<HTMLTableElement>(null);
  const all = matrix.rows.flatMap(({ spots }) => spots.filter((spot) => spot !== null));
  const stop = all.some(({ address }) => address === active) ? active : all[0]?.address;
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTableElement>): void => {
    if (stop === null || stop === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = targetOf(event.key, matrix, all, stop);
    if (to === null) return;
    event.preventDefault();
    onActive(to);
    table.current?.querySelector<HTMLElement>(`[data-spot="${CSS.escape(to)}"]`)?.focus();
  };
  return (
    <div class="table-frame map-frame">
      <table
        class="table map-matrix"
        role="grid"
        aria-label="Instances by host and component"
        ref={table}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th scope="col">Host</th>
            {matrix.components.map((component) => (
              <th scope="col" key={component}>
                {component}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map(({ host, name, spots }) => (
            <tr key={host}>
              <th scope="row">
                <Link to={`/hosts?host=${encodeURIComponent(host)}`} tabIndex={-1} class="map-host">
                  {name ?? host}
                </Link>
                {name === null || name === host ? null : <span class="soft map-address">{host}</span>}
              </th>
              {spots.map((spot, at) => (
                <td key={matrix.components[at]}>
                  {spot === null ? null : (
                    <SpotButton
                      spot={spot}
                      isStop={spot.address === stop}
                      isOpened={spot.address === opened}
                      onActive={onActive}
                      onOpen={onOpen}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SpotButton({
  spot,
  isStop,
  isOpened,
  onActive,
  onOpen,
}: {
  readonly spot: Spot;
  readonly isStop: boolean;
  readonly isOpened: boolean;
  readonly onActive: (address: string) => void;
  readonly onOpen: (address: string) => void;
}): JSX.Element {
  const { address, condition, instance } = spot;
  return (
    <button
      type="button"
      class="map-cell"
      data-state={condition}
      data-spot={address}
      aria-label={`${address}: ${conditionText(spot)}`}
      aria-expanded={isOpened}
      title={instance?.detail ?? undefined}
      tabIndex={isStop ? 0 : -1}
      onFocus={() => onActive(address)}
      onClick={() => onOpen(address)}
    >
      <span class="state-shape" aria-hidden="true" />
      <span class="map-word">{condition === 'unknown' ? '…' : condition}</span>
      <span class="map-usage">{usageText(spot)}</span>
    </button>
  );
}

function usageText({ instance }: Spot): string {
  if (instance === null) return '';
  const { cpuPercent, memoryBytes } = instance;
  return [
    cpuPercent === null ? '' : percentText(cpuPercent),
    memoryBytes === null ? '' : bytesText(memoryBytes),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function targetOf(key: string, matrix: Matrix, all: readonly Spot[], from: string): string | null {
  switch (key) {
    case 'ArrowUp':
    case 'ArrowDown':
    case 'ArrowLeft':
    case 'ArrowRight':
      return stepInMatrix(matrix, from, key);
    case 'Home':
      return all[0]?.address ?? null;
    case 'End':
      return all.at(-1)?.address ?? null;
    default:
      return null;
  }
}
