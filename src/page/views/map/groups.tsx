import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { counted } from '../../parts/amounts.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { MapPartProps } from './matrix.tsx';
import { conditionText, type Group, type Spot } from './model.ts';

/** Up to so many in all are shown with their hosts' names. */
const NAMED = 150;

/** Instances by component, the worst first: any number of them. One element each, and one stop of the tab key for all. */
export function GroupMap({
  groups,
  hostNames,
  active,
  opened,
  onActive,
  onOpen,
  onComponent,
}: MapPartProps & {
  readonly groups: readonly Group[];
  readonly hostNames: ReadonlyMap<string, string>;
}): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const all = groups.flatMap(({ spots }) => spots);
  const stop = all.some(({ address }) => address === active) ? active : all[0]?.address;
  const isNamed = all.length <= NAMED;
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || frame.current === null) return;
    const tiles = [...frame.current.querySelectorAll<HTMLElement>('[data-spot]')];
    const to = tileAt(
      event.key,
      tiles,
      tiles.findIndex((tile) => tile.dataset['spot'] === stop),
    );
    if (to === undefined) return;
    event.preventDefault();
    onActive(to.dataset['spot'] ?? '');
    to.focus();
  };
  const nameOf = (spot: Spot): string => hostNames.get(spot.host) ?? spot.host;
  // What is seen is said too: whoever speaks to their computer names what they see.
  const labelOf = (spot: Spot): string => {
    const label = `${spot.address}: ${conditionText(spot)}`;
    return nameOf(spot) === spot.host ? label : `${label}, on ${nameOf(spot)}`;
  };
  return (
    <div class="stack" ref={frame} onKeyDown={onKeyDown}>
      {groups.map(({ component, spots, totals }) => (
        <section key={component} class="card" aria-labelledby={`group-${component}`}>
          <div class="card-head">
            <h2 id={`group-${component}`}>
              <button
                type="button"
                class="map-component"
                data-component={component}
                onClick={() => onComponent(component)}
              >
                {component}
              </button>
            </h2>
            <span class="soft">{counted(spots.length, 'instance')}</span>
            <span class="totals">
              {totals.map(({ condition, count }) => (
                <StateBadge key={condition} state={condition} label={`${count} ${condition}`} isPill />
              ))}
            </span>
          </div>
          <div
            class={isNamed ? 'tiles tiles-named' : 'tiles'}
            role="group"
            aria-label={`Instances of ${component}`}
          >
            {spots.map((spot) => (
              <button
                type="button"
                key={spot.address}
                class="tile"
                data-state={spot.condition}
                data-spot={spot.address}
                aria-label={labelOf(spot)}
                aria-expanded={spot.address === opened}
                title={labelOf(spot)}
                tabIndex={spot.address === stop ? 0 : -1}
                onFocus={() => onActive(spot.address)}
                onClick={() => onOpen(spot.address)}
              >
                {isNamed ? <span class="tile-name">{nameOf(spot)}</span> : null}
              </button>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

/** Sideways by order; up and down to the nearest one of the next line, by where they lie. */
function tileAt(key: string, tiles: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const from = tiles[at];
  if (from === undefined) return tiles[0];
  switch (key) {
    case 'ArrowRight':
      return tiles[at + 1];
    case 'ArrowLeft':
      return tiles[at - 1];
    case 'Home':
      return tiles[0];
    case 'End':
      return tiles.at(-1);
    case 'ArrowDown':
      return nearestInNextLine(from, tiles.slice(at + 1));
    case 'ArrowUp':
      return nearestInNextLine(from, tiles.slice(0, at).reverse());
    default:
      return undefined;
  }
}

function nearestInNextLine(from: HTMLElement, ahead: readonly HTMLElement[]): HTMLElement | undefined {
  const { left, top } = from.getBoundingClientRect();
  const first = ahead.find((tile) => Math.abs(tile.getBoundingClientRect().top - top) > 2);
  if (first === undefined) return undefined;
  const lineTop = first.getBoundingClientRect().top;
  let nearest = first;
  let distance = Infinity;
  for (const tile of ahead.slice(ahead.indexOf(first))) {
    const box = tile.getBoundingClientRect();
    if (Math.abs(box.top - lineTop) > 2) break;
    if (Math.abs(box.left - left) >= distance) continue;
    distance = Math.abs(box.left - left);
    nearest = tile;
  }
  return nearest;
}
