import { wordAge, wordBytes, wordDuration } from '../terminal/amounts.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { conditionLook } from '../terminal/conditions.ts';
import { span, type Line, type Span, type Tone } from '../terminal/style.ts';
import { truncate, widthOf, wrap } from '../terminal/width.ts';
import type {
  CheckReport,
  HostReport,
  InstanceReport,
  ServiceReport,
} from '../app/operate/cluster-report.ts';
import type { LastRun } from '../app/operate/cluster-watch.ts';
import { loadTone, wordPercent } from './cluster-columns.ts';
import type { ClusterControls, ClusterRoom } from './cluster-controls.ts';
import type { ClusterModel } from './cluster-model.ts';
import { filled, spread, type ScreenSize } from './frame.ts';

/** Title of the cluster, title of the instance, keys. */
const FRAME_LINES = 3;
const LABEL_COLUMNS = 11;
/** The log has so many lines at least where both are shown. */
const LEAST_LOG = 5;

/** Lines of the facts and of the log. */
export function instanceRoom(
  part: ClusterControls['part'],
  factCount: number,
  size: ScreenSize,
): Pick<ClusterRoom, 'facts' | 'log'> {
  const all = Math.max(2, size.rows - FRAME_LINES);
  switch (part) {
    case 'facts':
      return { facts: all, log: 1 };
    case 'log':
      return { facts: 1, log: Math.max(1, all - 1) };
    case 'both': {
      // Between them the heading of the log.
      const log = Math.max(1, Math.min(all - 2, Math.max(LEAST_LOG, all - factCount - 1)));
      return { facts: Math.max(0, all - log - 1), log };
    }
    default:
      return unreachable(part);
  }
}

/** One instance: what is known of it, and its last lines. All lines below the title of the screen. */
export function instanceScreen(
  model: ClusterModel,
  instance: InstanceReport,
  controls: ClusterControls,
  room: ClusterRoom,
  size: ScreenSize,
  now: number,
): readonly Line[] {
  const { icon, tone, word } = conditionLook(instance);
  const width = size.columns;
  const facts = factLines(model, instance, width, now);
  const inSight = facts.slice(controls.factsTop, controls.factsTop + room.facts);
  const hidden = facts.length - room.facts;
  if (controls.part === 'both' && hidden > 0)
    inSight[inSight.length - 1] = [span(`   … ${hidden + 1} more lines: tab shows them`, 'faint')];
  const since = instance.sinceMs === null ? '' : ` for ${wordAge(now - instance.sinceMs)}`;
  return [
    spread(
      [span(` ${icon} `, tone), span(instance.address, 'strong'), span(`  ${word}${since}`, tone)],
      [span(instance.version === null ? '' : `${instance.version} `, 'faint')],
      width,
    ),
    ...(controls.part === 'log' ? [] : filled(inSight, room.facts)),
    ...(controls.part === 'facts' ? [] : logPart(model, controls, room.log, width)),
    [
      span(
        ` ${truncate(`q back   n next   p previous   tab ${NEXT_PART[controls.part]}   ↑↓ PgUp PgDn G scroll`, width - 2)}`,
        'faint',
      ),
    ],
  ];
}

const NEXT_PART: Readonly<Record<ClusterControls['part'], string>> = {
  both: 'facts only',
  facts: 'log only',
  log: 'both',
};

/** All that is known of an instance, beside its log. */
export function factLines(
  model: ClusterModel,
  instance: InstanceReport,
  width: number,
  now: number,
): readonly Line[] {
  const host = model.hostOf.get(instance.host);
  const room = width - LABEL_COLUMNS - 4;
  const lastRun = model.open?.address === instance.address ? model.open.lastRun : undefined;
  return [
    ...part('why', instance.detail === null ? [] : wrap(instance.detail, room).map(plainTone('warn'))),
    ...part('uses', [usesLine(instance)]),
    ...part('host', [hostLine(instance, host)]),
    ...part(
      'services',
      instance.services.map((service) => serviceLine(service, now)),
    ),
    ...part(
      'checks',
      instance.checks.flatMap((check) => checkLines(check, room)),
    ),
    ...part(
      'endpoints',
      instance.endpoints.map(({ name, address, port }): Line => [
        span(`${name}  `),
        span(`${address.includes(':') ? `[${address}]` : address}:${port}`, 'accent'),
      ]),
    ),
    ...part(
      'drift',
      instance.drift.flatMap((text) => wrap(text, room).map(plainTone('warn'))),
    ),
    ...part('last run', runLines(instance.run, lastRun, now)),
  ];
}

function part(label: string, lines: readonly Line[]): readonly Line[] {
  return lines.map((line, i): Line => [
    span(`   ${(i === 0 ? label : '').padEnd(LABEL_COLUMNS)}`, 'faint'),
    ...line,
  ]);
}

function plainTone(tone: Tone): (text: string) => Line {
  return (text) => [span(text, tone)];
}

function usesLine({ cpuPercent, memoryBytes, memoryPercent, restarts }: InstanceReport): Line {
  const parts = [
    cpuPercent === null ? null : `CPU ${wordPercent(cpuPercent)} %`,
    memoryBytes === null
      ? null
      : `memory ${wordBytes(memoryBytes)}${memoryPercent === null ? '' : `, ${wordPercent(memoryPercent)} % of its host's`}`,
    restarts === null || restarts === 0 ? null : `started again ${restarts}×`,
  ].filter((text) => text !== null);
  return parts.length === 0 ? [span('not known', 'faint')] : [span(parts.join('   '))];
}

function hostLine({ host: address }: InstanceReport, host: HostReport | undefined): Line {
  const name = [span(address), span(typeof host?.name === 'string' ? ` ${host.name}` : '', 'faint')];
  if (host === undefined) return name;
  if (host.problem !== null) return [...name, span('   '), span(host.problem, 'bad')];
  const share = (label: string, percent: number | null): readonly Span[] =>
    percent === null
      ? []
      : [span(`   ${label} `, 'faint'), span(`${wordPercent(percent)} %`, loadTone(percent))];
  return [
    ...name,
    ...share(host.cores === null ? 'CPU' : `CPU (${host.cores})`, host.cpuPercent),
    ...share('memory', host.memoryUsedPercent),
    ...share('disk', host.diskUsedPercent),
    ...(host.uptimeSeconds === null
      ? []
      : [span('   up ', 'faint'), span(wordAge(host.uptimeSeconds * 1000))]),
  ];
}

const SERVICE_LOOK: Readonly<Record<ServiceReport['state'], { readonly icon: string; readonly tone: Tone }>> =
  {
    running: { icon: '✔', tone: 'good' },
    starting: { icon: '●', tone: 'change' },
    stopped: { icon: '■', tone: 'bad' },
    failed: { icon: '✖', tone: 'bad' },
    missing: { icon: '?', tone: 'bad' },
  };

function serviceLine({ resource, name, state, pid, sinceMs, restarts }: ServiceReport, now: number): Line {
  const { icon, tone } = SERVICE_LOOK[state];
  const more = [
    ...(sinceMs === null ? [] : [`for ${wordAge(now - sinceMs)}`]),
    ...(pid === null ? [] : [`pid ${pid}`]),
    ...(restarts === null || restarts === 0 ? [] : [`started again ${restarts}×`]),
    name,
  ];
  return [span(`${icon} `, tone), span(`${resource}  ${state}`), span(`  ${more.join(', ')}`, 'faint')];
}

function checkLines({ name, healthy, why }: CheckReport, room: number): readonly Line[] {
  if (healthy === null) return [[span('○ ', 'faint'), span(name), span('  not looked at', 'faint')]];
  if (healthy) return [[span('✔ ', 'good'), span(name)]];
  const [first = '', ...more] = wrap(why ?? 'not healthy', Math.max(20, room - 4 - widthOf(name)));
  const indent = ' '.repeat(4 + widthOf(name));
  return [
    [span('✖ ', 'bad'), span(`${name}  `), span(first, 'warn')],
    ...more.map((text): Line => [span(indent), span(text, 'warn')]),
  ];
}

function runLines(run: string, last: LastRun | null | undefined, now: number): readonly Line[] {
  if (last === null || last === undefined)
    return [[span(run), span(last === null ? '  nothing is kept of it here' : '', 'faint')]];
  const outcome: Span =
    last.outcome === 'succeeded'
      ? span('succeeded', 'good')
      : last.outcome === 'failed'
        ? span('failed', 'bad')
        : span(last.outcome ?? 'was killed', 'warn');
  const took = last.finishedAt === null ? '' : ` in ${wordDuration(last.finishedAt - last.startedAt)}`;
  return [
    [
      span(`${last.run}  ${last.operation} `),
      outcome,
      span(`${took}, ${wordAge(now - last.startedAt)} ago, by ${last.owner}`, 'faint'),
    ],
    ...(last.logPath === null ? [] : [[span(last.logPath, 'faint')]]),
  ];
}

function logPart(
  model: ClusterModel,
  controls: ClusterControls,
  height: number,
  width: number,
): readonly Line[] {
  const log = model.open?.log ?? [];
  const end = log.length - controls.logBack;
  const lines = log.slice(Math.max(0, end - height), end).map((text): Line => [span(` ${text}`)]);
  const logEnd = model.open?.logEnd ?? null;
  const state =
    controls.logBack > 0 ? `${controls.logBack} lines below` : logEnd === null ? 'following' : logEnd;
  const title = ` log, ${truncate(state, Math.max(8, width - 12))} `;
  const rule: Line = [
    span('──', 'faint'),
    span(title, logEnd === null ? 'faint' : 'warn'),
    span('─'.repeat(Math.max(0, width - 2 - widthOf(title))), 'faint'),
  ];
  const none = logEnd === null ? 'No line so far.' : '';
  return [rule, ...filled(log.length === 0 ? [[span(`   ${none}`, 'faint')]] : lines, height)];
}
