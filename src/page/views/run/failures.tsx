import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { durationText } from '../../parts/amounts.ts';
import { sanitize } from '../../../terminal/sanitize.ts';
import type { RunModel, RunRow } from './model.ts';

/** The first failures are the causes more often than the last. */
const SHOWN = 3;

/** What failed, where and why, with the last lines that it printed. */
export function Failures({
  model: { rows, failures },
  onLog,
}: {
  readonly model: RunModel;
  readonly onLog: (instance: string) => void;
}): JSX.Element | null {
  const [isAll, setIsAll] = useState(false);
  if (failures.length === 0) return null;
  const shown = failures.slice(0, isAll ? 50 : SHOWN).flatMap((at) => rows[at] ?? []);
  const more = failures.length - shown.length;
  return (
    <section class="stack run-failures" aria-labelledby="run-failures">
      <h2 id="run-failures">{failures.length === 1 ? '1 failure' : `${failures.length} failures`}</h2>
      {shown.map((row) => (
        <FailureCard key={row.instance} row={row} onLog={onLog} />
      ))}
      {more === 0 ? null : isAll ? (
        <p class="soft">{more} more are in the list below: filter by “failed”.</p>
      ) : (
        <div>
          <button type="button" class="button" onClick={() => setIsAll(true)}>
            Show {more} more
          </button>
        </div>
      )}
    </section>
  );
}

function FailureCard({
  row: { instance, elapsedMs, failure },
  onLog,
}: {
  readonly row: RunRow;
  readonly onLog: (instance: string) => void;
}): JSX.Element | null {
  if (failure === null) return null;
  const { resource, message, remedy, lastLines = [] } = failure;
  return (
    <article class="problem" aria-label={`Failure of ${instance}`}>
      <p class="problem-title run-failure-head">
        <span class="state" data-state="failed">
          <span class="state-shape" aria-hidden="true" />
          <code>{instance}</code>
        </span>
        {resource === null || resource === undefined ? null : <span>in {resource}</span>}
        {elapsedMs === null ? null : <span class="soft">after {durationText(elapsedMs)}</span>}
        <span class="grow" />
        <button type="button" class="button" onClick={() => onLog(instance)}>
          Its log
        </button>
      </p>
      <p>{sanitize(message)}</p>
      {remedy === undefined || remedy === '' ? null : <p>{sanitize(remedy)}</p>}
      {lastLines.length === 0 ? null : (
        <pre class="run-last" tabIndex={0} aria-label={`Last lines of ${instance}`}>
          {lastLines.slice(-12).map((line) => `${sanitize(line, 500)}\n`)}
        </pre>
      )}
    </article>
  );
}
