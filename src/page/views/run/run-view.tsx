import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { OperateLink } from '../../cluster/operate.tsx';
import { durationText } from '../../parts/amounts.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Diagnostics, Problem } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { useRouter } from '../../router.tsx';
import { CancelRun } from './cancel-run.tsx';
import { Failures } from './failures.tsx';
import { LogPane } from './log-pane.tsx';
import { elapsedOf, isOver, OUTCOMES, wordProgress, type RunModel } from './model.ts';
import { Progress } from './progress.tsx';
import { RunTable } from './run-table.tsx';
import { useRun } from './use-run.ts';
import './run.css';

/** So often readers are told how far a run is. */
const TOLD_MS = 5_000;

/** A run while it goes on, and afterwards. */
export function RunView({ run }: { readonly run: string }): JSX.Element {
  const { model, error, isCut, aheadMs, reload } = useRun(run);
  const { query, setQuery } = useRouter();
  const log = query.get('log') ?? 'local';
  const title = model === null ? 'Run' : titleOf(model);
  const choose = (instance: string): void => setQuery({ log: instance === 'local' ? null : instance });
  return (
    <Page title={title} actions={model === null ? null : <CancelRun model={model} />}>
      <div class="stack">
        {error === null ? null : <Problem error={error} onRetry={reload} />}
        {model === null ? (
          error === null ? (
            <Waiting>Asking for the run</Waiting>
          ) : null
        ) : (
          <>
            <section class="card run-summary" aria-label="Summary">
              <Summary model={model} aheadMs={aheadMs} />
              <Progress model={model} />
              {isCut ? (
                <p class="run-cut" role="status">
                  The connection broke off. What you see may be old; trying again.
                </p>
              ) : null}
            </section>
            <Failures model={model} onLog={choose} />
            <Ending model={model} />
            {model.warnings.length === 0 ? null : (
              <section class="problem problem-warning" aria-label="Warnings">
                <ul class="problem-list">
                  {model.warnings.map((warning) => (
                    <li key={warning}>{warning}</li>
                  ))}
                </ul>
              </section>
            )}
            <div class="run-panes">
              <RunTable model={model} aheadMs={aheadMs} chosen={log} onChoose={choose} />
              <LogPane model={model} name={log} onChoose={choose} />
            </div>
            <Announcer model={model} />
          </>
        )}
      </div>
    </Page>
  );
}

function titleOf({ operation }: RunModel): string {
  if (operation === null) return 'Run';
  return operation.slice(0, 1).toUpperCase() + operation.slice(1);
}

function Summary({ model, aheadMs }: { readonly model: RunModel; readonly aheadMs: number }): JSX.Element {
  const over = isOver(model);
  const elapsed = elapsedOf(model, useSeconds(!over) - aheadMs, over);
  const { outcome, phase, stopping, startedAt, owner } = model;
  return (
    <div class="run-facts">
      <StateBadge
        isPill
        state={over ? stateOf(model) : 'working'}
        label={
          over
            ? OUTCOMES[outcome]
            : stopping !== null
              ? stopping === 'now'
                ? 'ending now'
                : 'ending after what runs'
              : phase === 'preparing'
                ? 'preparing'
                : 'running'
        }
      />
      {elapsed === null ? null : (
        <span>
          <span class="soft">{over ? 'took' : 'for'}</span>{' '}
          <strong>{over ? durationText(elapsed) : clockText(elapsed)}</strong>
        </span>
      )}
      {startedAt === null ? null : (
        <span class="soft">
          began <TimeAgo ms={startedAt} />
        </span>
      )}
      {owner === null ? null : <span class="soft">by {owner}</span>}
      <span class="soft mono">{model.run}</span>
      {over || model.hasEvents ? null : <span class="soft">another process does it</span>}
    </div>
  );
}

export function stateOf({
  outcome,
}: RunModel): 'succeeded' | 'failed' | 'interrupted' | 'broken' | 'refused' {
  return outcome === 'running' ? 'interrupted' : outcome;
}

/** Whole seconds: `12 s`, `3 min 4 s`. */
function clockText(ms: number): string {
  const whole = Math.floor(ms / 1000) * 1000;
  return whole < 10_000 ? `${whole / 1000} s` : durationText(whole);
}

/** What is to be known of its end, and what to do. */
function Ending({ model }: { readonly model: RunModel }): JSX.Element | null {
  const { outcome, problem } = model;
  if (outcome === 'succeeded' || outcome === 'running') return null;
  const isUnfinished = outcome === 'interrupted' || outcome === 'broken' || outcome === 'failed';
  const isChange = model.rows.some(({ action }) => ['install', 'update', 'remove'].includes(action));
  return (
    <section
      class={
        outcome === 'failed' ? 'card card-body run-ending' : `problem ${TONES[outcome] ?? ''} run-ending`
      }
      aria-label="Its end"
    >
      <div>
        <p class="problem-title">{problem?.summary ?? `The run ${OUTCOMES[outcome]}.`}</p>
        {problem?.detail === undefined ? null : <p>{problem.detail}</p>}
        {problem?.diagnostics === undefined ? null : <Diagnostics diagnostics={problem.diagnostics} />}
        <p>{whatNow(model)}</p>
      </div>
      {isUnfinished && isChange ? (
        <OperateLink to="/plan?now" class="button">
          Plan what is left
        </OperateLink>
      ) : null}
    </section>
  );
}

const TONES: Readonly<Partial<Record<RunModel['outcome'], string>>> = {
  interrupted: 'problem-warning',
  broken: 'problem-warning',
};

function whatNow({ outcome, counts }: RunModel): string {
  switch (outcome) {
    case 'refused':
      return 'Nothing was changed.';
    case 'broken':
      return 'What it had done is known from its journal. The next apply takes up what it left half done.';
    case 'interrupted':
      return counts.untouched === 0
        ? 'The next apply goes on there.'
        : `${counts.untouched} of its instances were not worked on to their end. The next apply goes on there.`;
    default:
      return 'What succeeded stays. The next apply repairs what failed and does the rest.';
  }
}

/** Milliseconds since 1970, once a second while something goes on. */
function useSeconds(goesOn: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [goesOn]);
  return now;
}

/** Tells readers how far it is: now and then, and at its end at once. */
function Announcer({ model }: { readonly model: RunModel }): JSX.Element {
  const text = wordProgress(model);
  const over = isOver(model);
  const [told, setTold] = useState(text);
  useEffect(() => {
    if (text === told) return undefined;
    if (over) {
      setTold(text);
      return undefined;
    }
    const timer = setTimeout(() => setTold(text), TOLD_MS - (Date.now() % TOLD_MS));
    return () => clearTimeout(timer);
  }, [text, over, told]);
  return (
    <p class="aside-text" role="status" aria-live="polite">
      {told}
    </p>
  );
}
