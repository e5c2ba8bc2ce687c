import type { HostStateView, StateView } from '../../app/state-view.ts';
import type { InstanceState, InstanceStatus } from '../../state/model.ts';
import { count } from '../../terminal/amounts.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { renderOutputs } from './outputs-text.ts';

export interface StateTextOptions {
  readonly color: boolean;
}

const TONES: Readonly<Record<InstanceStatus, Tone>> = {
  installed: 'good',
  incomplete: 'warn',
  failed: 'bad',
  removing: 'warn',
};

/** The state for people, host by host; ends with a newline. */
export function renderState(view: StateView, { color }: StateTextOptions): string {
  const instances = view.hosts.flatMap((host) => host.instances);
  const name = view.cluster === null ? 'Cluster without a name' : `Cluster ${view.cluster}`;
  const version = view.specVersion === null ? '' : `, version ${view.specVersion}`;
  const hosts = view.hosts.filter((host) => host.instances.length > 0);
  const lines = [
    `${paint(name, 'strong', color)}${version}: ${count(instances.length, 'instance')} on ${count(hosts.length, 'host')}`,
    paint(`serial ${view.serial}, lineage ${view.lineage}, in ${view.location}`, 'faint', color),
  ];
  if (view.unfinishedRun !== null) {
    const { run, instances: left } = view.unfinishedRun;
    const what = left.length === 0 ? '' : ` in the middle of ${left.join(', ')}`;
    lines.push('', paint(`Run ${run} did not end in order${what}: the next apply mends it.`, 'warn', color));
  }
  const widths = { address: widest(instances, (i) => i.address), status: widest(instances, wordStatus) };
  for (const host of hosts)
    lines.push('', hostTitle(host, color), ...host.instances.map((i) => row(i, widths, color)));
  const outputs = new Map(Object.entries(view.outputs));
  if (outputs.size > 0) lines.push('', 'Outputs:', renderOutputs(outputs));
  return `${lines.join('\n')}\n`;
}

function hostTitle({ address, name, labels }: HostStateView, color: boolean): string {
  const marks = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const extra = [...(name === null ? [] : [name]), ...marks].join(', ');
  return `${paint(address, 'strong', color)}${extra === '' ? '' : paint(` (${extra})`, 'faint', color)}`;
}

function row(
  instance: InstanceState,
  widths: { readonly address: number; readonly status: number },
  color: boolean,
): string {
  const { address, specVersion, endpoints } = instance;
  const state = paint(wordStatus(instance).padEnd(widths.status), toneOf(instance), color);
  const version = specVersion === null ? '' : `  version ${specVersion}`;
  const reachable = endpoints.map((e) => `${e.name} ${hostPort(e.address, e.port)}`).join(', ');
  const cells = `  ${address.padEnd(widths.address)}  ${state}${version}`;
  return (reachable === '' ? cells : `${cells}  ${reachable}`).trimEnd();
}

/** `installed`, `installed, stopped` */
function wordStatus({ status, stopped }: InstanceState): string {
  return stopped === true ? `${status}, stopped` : status;
}

function toneOf({ status, stopped }: InstanceState): Tone {
  return stopped === true && status === 'installed' ? 'warn' : TONES[status];
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function widest<T>(items: readonly T[], text: (item: T) => string): number {
  return Math.max(0, ...items.map((item) => text(item).length));
}

/** One instance with all that the state knows of it; ends with a newline. */
export function renderInstance(instance: InstanceState, { color }: StateTextOptions): string {
  const { address, index, dir, run, specVersion, resources, checks, endpoints, logs } = instance;
  const lines = [
    paint(address, 'strong', color),
    `  status   ${paint(wordStatus(instance), toneOf(instance), color)}`,
    `  index    ${index}`,
    `  dir      ${dir}`,
    `  version  ${specVersion ?? '(none)'}`,
    `  run      ${run}`,
    ...section(
      'Endpoints',
      endpoints.map((e) => `${e.name}  ${hostPort(e.address, e.port)}, bound to ${e.bind}`),
    ),
    ...section(
      'Checks',
      checks.map((check) => `${check.name}  ${targetOf(check.target)}`),
    ),
    ...section(
      'Logs',
      logs.map((log) => `${log.name}  ${log.files ?? `journal of ${log.unit ?? ''}`}`),
    ),
    ...section(
      'Resources',
      resources.flatMap(({ address: resource, attributes }) => [
        resource,
        ...Object.entries(attributes)
          .filter(([, value]) => value !== null)
          .map(([key, value]) => paint(`    ${key} = ${JSON.stringify(value)}`, 'faint', color)),
      ]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : [`  ${title}:`, ...rows.map((text) => `    ${text}`)];
}

function targetOf(target: InstanceState['checks'][number]['target']): string {
  switch (target.type) {
    case 'tcp':
      return `tcp ${hostPort(target.address, target.port)}`;
    case 'http':
      return `http ${target.url}${target.status === null ? '' : `, status ${target.status}`}`;
    case 'command':
      return `command ${target.command}`;
  }
}
