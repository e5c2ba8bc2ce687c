import { inBatches } from '../../apply/batch.ts';
import type { PowerComponent, PowerPlan } from '../../plan/power-plan.ts';
import { count } from '../../terminal/amounts.ts';
import { addressRanges } from '../../terminal/plan-groups.ts';
import { paintLine, span, type Line } from '../../terminal/style.ts';
import { wrap } from '../../terminal/width.ts';

const TITLES = { start: 'Start', stop: 'Stop', restart: 'Restart' } as const;
const ORDERS = {
  start: 'dependencies first',
  stop: 'dependants first',
  restart: 'dependencies first',
} as const;

/** More of them are counted. */
const LISTED = 20;
/** Columns in front of the name of a component. */
const NUMBER_COLUMNS = 5;

/** What a start, stop or restart is about to do, in its order. Ends with a newline. */
export function renderPower(
  plan: PowerPlan,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const { action, components, skipped } = plan;
  const lines: Line[] = [];
  const instances = components.reduce((sum, { work }) => sum + work.length, 0);
  if (instances === 0) lines.push([span(`Nothing to ${action}.`, 'strong')]);
  else {
    const order = new Set(components.map(({ stage }) => stage)).size > 1 ? `, ${ORDERS[action]}` : '';
    lines.push([span(`${TITLES[action]} ${count(instances, 'instance')}${order}:`, 'strong')]);
    lines.push(...componentLines(plan, width));
    if (action === 'stop')
      lines.push(
        ...wrap('Stopped services stay down, across applies and reboots, until `slipway start`.', width).map(
          (text): Line => [span(text, 'warn')],
        ),
      );
  }
  if (skipped.length > 0) lines.push([], ...skippedLines(plan, width));
  return lines.map((line) => `${paintLine(line, color)}\n`).join('');
}

function componentLines({ action, components }: PowerPlan, width: number): readonly Line[] {
  const column = Math.min(24, Math.max(...components.map(({ name }) => name.length)));
  const sorted = components.toSorted((a, b) => a.stage - b.stage);
  return sorted.flatMap((component, i): Line[] => {
    const { name, stage, work } = component;
    const isFirst = sorted[i - 1]?.stage !== stage;
    const number = isFirst ? `${stage + 1}. `.padStart(NUMBER_COLUMNS) : ' '.repeat(NUMBER_COLUMNS);
    const pace = action === 'restart' ? paceOf(component) : '';
    const hosts = addressRanges(work.map(({ host }) => host)).join(', ') + pace;
    const indent = NUMBER_COLUMNS + Math.max(column, name.length) + 2;
    const [first = '', ...rest] = wrap(hosts, Math.max(20, width - indent));
    return [
      [span(number, 'faint'), span(name.padEnd(column), 'strong'), span('  '), span(first)],
      ...rest.map((text): Line => [span(' '.repeat(indent)), span(text)]),
    ];
  });
}

/** `, 1 first, then 2 at a time, 30 s between`; '' for a single one. */
function paceOf({ work, update, size }: PowerComponent): string {
  const batches = inBatches(work, update, size);
  if (batches.length < 2) return '';
  const widest = Math.max(...batches.slice(update.canaries > 0 ? 1 : 0).map((batch) => batch.length));
  const first = update.canaries > 0 ? `, ${batches[0]?.length ?? 0} first, then` : ',';
  const watch = update.watchSeconds > 0 ? `, watched for ${update.watchSeconds} s` : '';
  return `${first} ${widest} at a time${watch}`;
}

function skippedLines({ skipped }: PowerPlan, width: number): readonly Line[] {
  const more = skipped.length - LISTED;
  return [
    [span('Left alone:')],
    ...skipped
      .slice(0, LISTED)
      .flatMap(({ instance, because }) => wrap(`${instance}: ${because}`, width - 2))
      .map((text): Line => [span(`  ${text}`, 'faint')]),
    ...(more > 0 ? [[span(`  … and ${more} more`, 'faint')]] : []),
  ];
}
