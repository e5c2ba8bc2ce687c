import type { JSX } from 'preact';

export interface Chip<K extends string> {
  readonly key: K;
  readonly label: string;
  readonly count: number;
  /** One of style/parts.css `data-state`, or of the view's own. */
  readonly tone?: string;
}

export interface ChipsProps<K extends string> {
  readonly label: string;
  readonly chips: readonly Chip<K>[];
  readonly chosen: ReadonlySet<K>;
  readonly onChange: (chosen: ReadonlySet<K>) => void;
}

/** What is shown of a list, by kind: none chosen means all. Kinds that nothing is of are left out. */
export function Chips<K extends string>({ label, chips, chosen, onChange }: ChipsProps<K>): JSX.Element {
  const toggle = (key: K): void => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChange(next);
  };
  return (
    <div class="chips" role="group" aria-label={label}>
      {chips
        .filter(({ key, count }) => count > 0 || chosen.has(key))
        .map(({ key, label: word, count, tone }) => (
          <button
            key={key}
            type="button"
            class="chip"
            data-tone={tone}
            aria-pressed={chosen.has(key)}
            onClick={() => toggle(key)}
          >
            {word} <span class="chip-count">{count}</span>
          </button>
        ))}
    </div>
  );
}
