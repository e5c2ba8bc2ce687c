import type { JSX } from 'preact';
import { isOver, wordProgress, type RunModel } from './model.ts';

const PARTS = ['done', 'failed', 'skipped', 'running'] as const;

/** How far a run is: a bar of what is done, what failed, what was skipped and what is at work. */
export function Progress({ model }: { readonly model: RunModel }): JSX.Element {
  const { counts, rows } = model;
  const settled = counts.done + counts.failed + counts.skipped;
  return (
    <div class="run-progress">
      <div
        class="progress run-bar"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={rows.length}
        aria-valuenow={settled}
        aria-valuetext={wordProgress(model)}
      >
        {rows.length === 0
          ? null
          : PARTS.filter((part) => counts[part] > 0).map((part) => (
              <span
                key={part}
                class={`run-part run-${part}`}
                style={{ width: `${(counts[part] / rows.length) * 100}%` }}
              />
            ))}
      </div>
      <span class="nowrap" aria-hidden="true">
        {rows.length === 0
          ? isOver(model)
            ? 'nothing to do'
            : 'asking hosts'
          : `${settled} of ${rows.length}`}
      </span>
    </div>
  );
}
