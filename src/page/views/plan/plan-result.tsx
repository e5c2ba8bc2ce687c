import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { InstanceAction, PlanAnswer, PlanSummary } from '../../api/plan-types.ts';
import { OperateButton } from '../../cluster/operate.tsx';
import { counted } from '../../parts/amounts.ts';
import { Chips } from '../../parts/chips.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Diagnostics } from '../../parts/problem.tsx';
import { RowList } from '../../parts/row-list.tsx';
import { obstacleOf } from './approval.ts';
import { InstanceRow, SectionRow } from './instance-row.tsx';
import {
  NO_FILTER,
  instanceKey,
  isInterrupted,
  rowsOf,
  sectionsOf,
  type PlanFilter,
  type PlanRow,
} from './model.ts';
import { INSTANCE_ACTIONS, summaryParts } from './words.ts';

/** Few enough to be read from top to bottom. */
const OPEN_AT_FIRST = 3;

/** A plan: what is wrong with it, what it does to each instance, and the button that does it. */
export function PlanResult({
  answer,
  onApply,
}: {
  readonly answer: PlanAnswer;
  readonly onApply: () => void;
}): JSX.Element {
  const { view, changes } = answer;
  const sections = useMemo(() => sectionsOf(view), [view]);
  const all = useMemo(() => sections.flatMap(({ instances }) => instances), [sections]);
  const [filter, setFilter] = useState<PlanFilter>(NO_FILTER);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(all.length <= OPEN_AT_FIRST ? all.map(({ plan }) => instanceKey(plan)) : []),
  );
  const rows = useMemo(() => rowsOf(sections, filter, folded, open), [sections, filter, folded, open]);
  const obstacle = obstacleOf(answer);
  const shown = rows.filter(({ row }) => row === 'instance').length;
  const counts = (action: InstanceAction): number => all.filter(({ plan }) => plan.action === action).length;
  const chips = [
    ...(['install', 'update', 'replace', 'remove'] as const).map((action) => ({
      key: action,
      label: `${INSTANCE_ACTIONS[action].sign} ${INSTANCE_ACTIONS[action].word}`,
      count: counts(action),
      tone: INSTANCE_ACTIONS[action].tone,
    })),
    {
      key: 'restart' as const,
      label: '↻ restarts',
      count: all.filter(({ plan }) => isInterrupted(plan)).length,
      tone: 'restart',
    },
    {
      key: 'drift' as const,
      label: '◆ drifted',
      count: all.filter(({ drifted }) => drifted).length,
      tone: 'drift',
    },
  ];
  return (
    <>
      <Notes answer={answer} />
      {changes ? (
        <section class="card plan-card" aria-labelledby="plan-summary">
          <div class="card-head">
            <h2 id="plan-summary">{headingOf(answer)}</h2>
            <span class="soft">{aboutOf(answer)}</span>
          </div>
          <div class="card-head plan-filter">
            <Chips
              label="Show only"
              chips={chips}
              chosen={filter.actions}
              onChange={(actions) => setFilter({ ...filter, actions })}
            />
            <input
              class="input grow"
              type="search"
              data-filter
              aria-label="Filter by host, component, file"
              placeholder="Filter: host, component, file"
              value={filter.text}
              onInput={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
            />
            <button
              type="button"
              class="button"
              onClick={() =>
                setOpen(open.size > 0 ? new Set() : new Set(all.map(({ plan }) => instanceKey(plan))))
              }
            >
              {open.size > 0 ? 'Fold all' : 'Open all'}
            </button>
          </div>
          {rows.length === 0 ? (
            <Empty title="Nothing matches the filter">
              <button type="button" class="button" onClick={() => setFilter(NO_FILTER)}>
                Show everything
              </button>
            </Empty>
          ) : (
            <RowList
              rows={rows}
              keyOf={(row) => row.key}
              heightOf={heightOf}
              label={`${counted(shown, 'instance')}, in the order of the work`}
              role="list"
              rowClass={(row) => `plan-row plan-row-${row.row}`}
            >
              {(row, tabIndex) =>
                row.row === 'section' ? (
                  <SectionRow
                    row={row}
                    steps={view.order.length}
                    tabIndex={tabIndex}
                    onToggle={() => setFolded(toggled(folded, row.key))}
                  />
                ) : (
                  <InstanceRow
                    row={row}
                    tabIndex={tabIndex}
                    onToggle={() => setOpen(toggled(open, row.key))}
                  />
                )
              }
            </RowList>
          )}
        </section>
      ) : (
        <div class="card">
          <Empty title={answer.does === 'destroy' ? 'There is nothing to remove' : 'No changes'}>
            <p class="plan-words">{unchangedWords(answer)}</p>
          </Empty>
        </div>
      )}
      {changes ? (
        <div class="plan-bar">
          <div class="grow">
            <Totals summary={view.summary} />
            {obstacle === null ? null : <div class="plan-obstacle">{obstacle}</div>}
          </div>
          <OperateButton
            type="button"
            class={`button ${answer.does === 'destroy' ? 'button-danger' : 'button-main'}`}
            disabled={obstacle !== null}
            onClick={onApply}
          >
            {answer.does === 'destroy' ? 'Destroy…' : 'Apply…'}
          </OperateButton>
        </div>
      ) : null}
    </>
  );
}

function Totals({ summary }: { readonly summary: PlanSummary }): JSX.Element {
  return (
    <p class="plan-totals">
      {summaryParts(summary).map(({ sign, tone, text }) => (
        <span key={tone} class="plan-total" data-tone={tone}>
          <span class="plan-sign" aria-hidden="true">
            {sign}
          </span>
          {text}
        </span>
      ))}
    </p>
  );
}

function heightOf(row: PlanRow): number {
  return row.row === 'section' ? 40 : row.open ? 240 : 44;
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

function headingOf({ does, order }: PlanAnswer): string {
  if (order.version !== undefined) return `Changes of going back to version ${order.version}`;
  return does === 'destroy' ? 'What is destroyed' : 'Changes';
}

function aboutOf({ order, view }: PlanAnswer): string {
  const { cluster, specVersion, summary } = view;
  const parts = [
    ...(cluster === null ? [] : [specVersion === null ? cluster : `${cluster} ${specVersion}`]),
    ...(order.targets === undefined ? [] : [`only ${order.targets.join(', ')}`]),
    ...(order.excludes === undefined ? [] : [`without ${order.excludes.join(', ')}`]),
    ...(summary.unchanged === 0 ? [] : [`${counted(summary.unchanged, 'instance')} as wanted`]),
  ];
  return parts.join(' · ');
}

function unchangedWords({ does, view }: PlanAnswer): string {
  if (does === 'destroy') return 'Nothing of this cluster is on any host.';
  const hosts = view.hosts.filter(({ unchanged }) => unchanged.length > 0).length;
  const { unchanged } = view.summary;
  if (unchanged === 0) return 'The spec places nothing, and nothing is there.';
  return `${counted(unchanged, 'instance')} on ${counted(hosts, 'host')} ${unchanged === 1 ? 'is' : 'are'} as the spec wants. Where nothing runs as it should, the map tells.`;
}

/** Errors and warnings stand before everything else. */
function Notes({
  answer: { view, diagnostics, order },
}: {
  readonly answer: PlanAnswer;
}): JSX.Element | null {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  const stopped = view.stopped ?? [];
  const others = [
    ...(order.version === undefined
      ? []
      : ['The working directory stays as it is: the next apply of it undoes this rollback.']),
    ...view.warnings,
    ...(stopped.length === 0
      ? []
      : [
          `${stopped.length > 5 ? `${stopped.slice(0, 5).join(', ')} and ${stopped.length - 5} more` : stopped.join(', ')} stay stopped: applying starts nothing that was stopped.`,
        ]),
    ...(view.refreshed ? [] : ['The hosts were not asked: drift does not show.']),
  ];
  return (
    <>
      {errors.length === 0 ? null : (
        <section class="problem plan-notes" aria-label="Errors">
          <Diagnostics diagnostics={errors} />
        </section>
      )}
      {warnings.length + others.length === 0 ? null : (
        <section class="problem problem-warning plan-notes" aria-label="Warnings">
          {warnings.length === 0 ? null : <Diagnostics diagnostics={warnings} />}
          {others.length === 0 ? null : (
            <ul class="problem-list">
              {others.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          )}
        </section>
      )}
    </>
  );
}
