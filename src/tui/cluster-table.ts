import { count } from '../terminal/amounts.ts';
import { CONDITION_LOOKS, conditionLook, type ConditionLook } from '../terminal/conditions.ts';
import { span, type Line, type Span } from '../terminal/style.ts';
import { fit, fitRight, lineWidth, truncateMiddle } from '../terminal/width.ts';
import type { ClusterReport, InstanceReport } from '../app/operate/cluster-report.ts';
import { columnsOf, type ClusterColumn } from './cluster-columns.ts';
import { selectedOf, type ClusterControls } from './cluster-controls.ts';
import type { ClusterModel } from './cluster-model.ts';
import { clusterEntries, type ClusterSort } from './cluster-rows.ts';

/** Cursor and symbol. */
const MARK_COLUMNS = 5;
/** Of a shorter piece of why something does not run nobody learns anything. */
const LEAST_DETAIL = 10;

/** Heading and rows of the table that are in sight: `height` lines below the heading at most. */
export function clusterTable(
  model: ClusterModel,
  controls: ClusterControls,
  height: number,
  width: number,
): { readonly heading: Line; readonly lines: readonly Line[] } {
  const { entries } = clusterEntries(model, controls);
  const names = nameColumns(model, controls.sort, width);
  const columns = columnsOf(model, width - MARK_COLUMNS - names);
  const heading = headingLine(columns, controls.sort, names);
  if (entries.length === 0) return { heading, lines: [[span(`   ${whyEmpty(model, controls)}`, 'faint')]] };
  const selected = selectedOf(controls, model);
  const lines = entries.slice(controls.top, controls.top + height).map((entry, i): Line => {
    if (entry.entry === 'group') return groupLine(entry.component, entry.members);
    const { instance } = entry;
    if (i === 0 && entry.grouped) {
      // The heading of a component stays on top while its rows scroll by.
      const group = entries.findLast((other, at) => at < controls.top && other.entry === 'group');
      if (group?.entry === 'group') return groupLine(group.component, group.members);
    }
    const name = entry.grouped ? instance.host : instance.address;
    return rowLine(model, instance, name, instance.address === selected, names, columns, width);
  });
  return { heading, lines };
}

function whyEmpty({ report }: ClusterModel, { filter, troubleOnly }: ClusterControls): string {
  if (report === null) return 'Looking at the cluster.';
  if (report.instances.length === 0) return 'No instances.';
  if (filter !== '') return `Nothing here matches "${filter}"; esc shows all.`;
  return troubleOnly ? 'Everything runs; f shows all.' : '';
}

function headingLine(columns: readonly ClusterColumn[], sort: ClusterSort, names: number): Line {
  const title = sort === 'component' ? 'ADDRESS ▾' : 'INSTANCE';
  return [
    span(' '.repeat(MARK_COLUMNS)),
    span(fit(title, names), 'faint'),
    ...columns.flatMap((column): Span[] => {
      const sorted = column.sort === sort;
      // In a narrow column the mark takes the place of the space before it.
      const text = sorted ? `${column.title}▾` : column.title;
      const room = column.width + (sorted && column.alignment === 'right' ? 1 : 0);
      return [
        span(' '.repeat(2 + column.width - room)),
        span(column.alignment === 'right' ? fitRight(text, room) : fit(text, room), 'faint'),
      ];
    }),
  ];
}

function groupLine(component: string, members: readonly InstanceReport[]): Line {
  return [
    span(` ${component}`, 'strong'),
    span(`  ${count(members.length, 'instance')}`, 'faint'),
    ...countLooks(members).flatMap(({ look, amount }): Span[] => [
      span('  '),
      span(look.icon, look.tone),
      span(` ${amount}`, 'faint'),
    ]),
  ];
}

/** How many there are of each look, the worst first. */
export function countLooks(
  instances: readonly InstanceReport[],
): readonly { readonly look: ConditionLook; readonly amount: number }[] {
  const amounts = new Map<ConditionLook, number>();
  for (const instance of instances) {
    const look = conditionLook(instance);
    amounts.set(look, (amounts.get(look) ?? 0) + 1);
  }
  return CONDITION_LOOKS.flatMap((look) => {
    const amount = amounts.get(look) ?? 0;
    return amount === 0 ? [] : [{ look, amount }];
  });
}

function rowLine(
  model: ClusterModel,
  instance: InstanceReport,
  name: string,
  selected: boolean,
  names: number,
  columns: readonly ClusterColumn[],
  width: number,
): Line {
  const { icon, tone } = conditionLook(instance);
  const host = model.hostOf.get(instance.host);
  const cells = columns.flatMap((column): Span[] => {
    const cell = column.cell(instance, host);
    return [
      span('  '),
      span(
        column.alignment === 'right' ? fitRight(cell.text, column.width) : fit(cell.text, column.width),
        cell.tone,
      ),
    ];
  });
  // Of what cannot be asked there are no figures: their place is for why.
  const shown = instance.condition === 'unreachable' ? cells.slice(0, 2) : cells;
  const left = width - MARK_COLUMNS - names - lineWidth(shown) - 2;
  return [
    span(selected ? ' ❯ ' : '   ', 'accent'),
    span(`${icon} `, tone),
    span(fit(truncateMiddle(name, names), names), selected ? 'selected' : 'plain'),
    ...shown,
    ...(left < LEAST_DETAIL || instance.detail === null
      ? []
      : [span('  '), span(instance.detail, tone === 'good' ? 'faint' : tone)]),
  ];
}

const widestNames = new WeakMap<ClusterReport, { readonly address: number; readonly host: number }>();

/** One width for all rows, so that columns stand still while one scrolls. */
function nameColumns({ report }: ClusterModel, sort: ClusterSort, width: number): number {
  if (report === null) return 12;
  const known = widestNames.get(report) ?? {
    address: report.instances.reduce((most, { address }) => Math.max(most, address.length), 8),
    host: report.instances.reduce((most, { host }) => Math.max(most, host.length), 9),
  };
  widestNames.set(report, known);
  const widest = sort === 'component' ? known.host : known.address;
  return Math.min(widest, Math.max(12, Math.floor(width * 0.34)));
}
