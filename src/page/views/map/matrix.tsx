import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { bytesText, percentText } from '../../parts/amounts.ts';
import { Link } from '../../router.tsx';
import { conditionText, stepInGrid, type GridPlace, type Matrix, type Spot } from './model.ts';

export interface MapPartProps {
  /** The one that the tab key comes to; the arrow keys lead on from there. */
  readonly active: string | null;
  readonly opened: string | null;
  readonly onActive: (address: string) => void;
  readonly onOpen: (address: string) => void;
  readonly onComponent: (component: string) => void;
}

/** Hosts down, components across; a grid for the arrow keys, its heads too. */
export function MatrixMap({
  matrix,
  active,
  opened,
  onActive,
  onOpen,
  onComponent,
}: MapPartProps & { readonly matrix: Matrix }): JSX.Element {
  const table = useRef<HTMLTableElement>(null);
  const all = matrix.rows.flatMap(({ spots }) => spots.filter((spot) => spot !== null));
  const stop = all.some(({ address }) => address === active) ? active : all[0]?.address;
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTableElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || table.current === null) return;
    const from = placeOf(event.target as HTMLElement);
    const places = [...table.current.querySelectorAll<HTMLElement>('[data-place]')]
      .map(placeOf)
      .filter((place) => place !== null);
    const to = from === null ? null : stepInGrid(places, from, event.key);
    if (to === null) return;
    event.preventDefault();
    table.current.querySelector<HTMLElement>(`[data-place="${to.join()}"]`)?.focus();
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
            {matrix.components.map((component, column) => (
              <th scope="col" key={component}>
                <button
                  type="button"
                  class="map-component"
                  tabIndex={-1}
                  data-place={`-1,${column}`}
                  data-component={component}
                  onClick={() => onComponent(component)}
                >
                  {component}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map(({ host, name, spots }, row) => (
            <tr key={host}>
              <th scope="row">
                <Link
                  to={`/hosts?host=${encodeURIComponent(host)}`}
                  tabIndex={-1}
                  class="map-host"
                  data-place={`${row},-1`}
                >
                  {name ?? host}
                </Link>
                {name === null || name === host ? null : <span class="soft map-address">{host}</span>}
              </th>
              {spots.map((spot, column) => (
                <td key={matrix.components[column]}>
                  {spot === null ? null : (
                    <SpotButton
                      spot={spot}
                      place={`${row},${column}`}
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

function placeOf(element: HTMLElement): GridPlace | null {
  const [row, column] = (element.dataset['place'] ?? '').split(',').map(Number);
  return row === undefined || column === undefined ? null : [row, column];
}

function SpotButton({
  spot,
  place,
  isStop,
  isOpened,
  onActive,
  onOpen,
}: {
  readonly spot: Spot;
  readonly place: string;
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
      data-place={place}
      aria-expanded={isOpened}
      title={instance?.detail ?? undefined}
      tabIndex={isStop ? 0 : -1}
      onFocus={() => onActive(address)}
      onClick={() => onOpen(address)}
    >
      <span class="state-shape" aria-hidden="true" />
      <span class="map-word">
        <span class="aside-text">{address}: </span>
        {conditionText(spot)}
      </span>
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
