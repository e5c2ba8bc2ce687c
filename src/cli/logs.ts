import path from 'node:path';
import type { LogSource } from '../app/operate/log-sources.ts';
import type { LogEvent } from '../app/operate/log-event.ts';
import type { OpenCluster } from '../app/operate/open-cluster.ts';
import type { Since } from '../host/log-journal.ts';
import { VARIABLE_OPTIONS, type Command, type CommandContext } from './command.ts';
import { hostParallelism, hostRequest } from './host-commands.ts';
import { untilLost } from './lost-output.ts';
import type { Parsed } from './options.ts';
import { pacedWrite } from './paced-write.ts';
import { UsageError } from './usage-error.ts';
import {
  createHeadings,
  lineBytes,
  lineJson,
  noticeText,
  renderLogList,
  sourcePrefix,
} from './view/logs-text.ts';

const SHOWN_LINES = 20;
const FOLLOWED_LINES = 10;

export const logs: Command = {
  name: 'logs',
  summary: 'show, follow or download the logs of instances',
  usage: '[options] [SELECTOR]...',
  options: {
    lines: {
      type: 'string',
      short: 'n',
      value: 'N',
      help: `the last N lines of each file (${SHOWN_LINES}; with -f ${FOLLOWED_LINES})`,
    },
    follow: { type: 'boolean', short: 'f', help: 'go on with what is written, until Ctrl-C' },
    since: { type: 'string', value: 'TIME', help: 'lines since then: 10m, 2h, 1d, or 2026-01-02T15:04:05' },
    grep: { type: 'string', value: 'REGEX', help: 'only lines that match (as grep -E)' },
    log: { type: 'string', value: 'NAME', help: 'only the log of this name: server, service.nats' },
    list: { type: 'boolean', help: 'list the logs with sizes and times' },
    download: { type: 'string', value: 'DIR', help: 'fetch all files into DIR/INSTANCE/LOG/' },
    ...VARIABLE_OPTIONS,
    parallelism: { type: 'string', value: 'N', help: 'logs or hosts read at the same time (64)' },
    json: { type: 'boolean', help: 'a line of JSON per line' },
  },
  details: [
    '  slipway logs                    what logs there are (so does --list)',
    '  slipway logs nats               the last lines of all logs of nats',
    '  slipway logs -f nats api        follow them',
    '  slipway logs --since=10m --grep="ERROR|WARN"',
    '  slipway logs @10.0.0.11 --download=./logs',
    '',
    'An instance has the logs that its definition names, and per service what that prints (`service.NAME`: its journal, or the',
    "file of its supervisor). --since goes by the times in the lines, read in the host's zone where they name none.",
  ].join('\n'),
  async run(context) {
    const { args } = context;
    const mode = modeOf(args);
    const [{ openCluster }, { selectLogs }, ports] = await Promise.all([
      import('../app/operate/open-cluster.ts'),
      import('../app/operate/log-sources.ts'),
      context.ports(),
    ]);
    // What does not fit is told before anything is connected to.
    const wanted = { since: sinceOf(args, ports.clock()), grep: await grepOf(args), lines: linesOf(args) };
    const parallelism = hostParallelism(args, 64);
    const interrupts = context.interrupts();
    // A reader that has gone (`logs -f | head`) ends it as well.
    const signal = AbortSignal.any([interrupts.stopping, untilLost(context.terminal.stdout)]);
    const cluster = await openCluster(context.directory, hostRequest(context, ports.clock, signal), ports);
    try {
      const sources = selectLogs(cluster.state, args.positionals, args.text('log'));
      const work: Work = { context, cluster, sources, signal, clock: ports.clock, parallelism, ...wanted };
      switch (mode) {
        case 'list':
          return await list(work);
        case 'follow':
          return await follow(work);
        case 'download':
          return await download(work, args.text('download') ?? '.');
        case 'show':
          return await show(work);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      return interrupts.stopping.aborted ? 130 : 0;
    } finally {
      await cluster.close();
      interrupts.dispose();
    }
  },
};

interface Work {
  readonly context: CommandContext;
  readonly cluster: OpenCluster;
  readonly sources: readonly LogSource[];
  readonly signal: AbortSignal;
  readonly clock: () => number;
  readonly parallelism: number;
  readonly since: Since | null;
  readonly grep: { readonly expression: string; readonly regex: RegExp } | null;
  /** null: not said. */
  readonly lines: number | null;
}

async function list({ context, cluster, sources, signal, parallelism, clock }: Work): Promise<number> {
  const { args, terminal } = context;
  const { listLogs } = await import('../app/operate/list-logs.ts');
  const listings = await listLogs(cluster, sources, { parallelism, signal, clock });
  if (args.flag('json')) for (const each of listings) terminal.stdout.write(`${JSON.stringify(each)}\n`);
  else terminal.stdout.write(renderLogList(listings, terminal));
  const problems = new Map(
    listings.flatMap(({ host, content }) =>
      content.from === 'nowhere' ? [[host, content.problem] as const] : [],
    ),
  );
  for (const [host, text] of problems)
    terminal.stderr.write(noticeText({ type: 'notice', host, failed: true, text }, terminal.color));
  return problems.size > 0 ? 1 : 0;
}

async function show(work: Work): Promise<number> {
  const { context, cluster, sources, signal, clock, parallelism, since, grep } = work;
  const { args, terminal } = context;
  const { showLogs } = await import('../app/operate/logs.ts');
  const lines = work.lines ?? (since === null ? SHOWN_LINES : null);
  const headings = createHeadings(sources, terminal.color);
  const isJson = args.flag('json');
  let shown = 0;
  const isComplete = await showLogs(
    cluster,
    sources,
    { lines, since, grep, parallelism, signal, clock },
    (event) => {
      if (event.type === 'notice') return pacedWrite(terminal.stderr, noticeText(event, terminal.color));
      shown++;
      if (isJson) return pacedWrite(terminal.stdout, `${lineJson(event)}\n`);
      const heading = headings(event);
      if (heading !== '') terminal.stdout.write(heading);
      return pacedWrite(terminal.stdout, lineBytes('', event.bytes, textOptions(context)));
    },
  );
  if (shown === 0 && isComplete && !isJson)
    terminal.stderr.write('No lines. `slipway logs --list` shows which logs there are.\n');
  return isComplete ? 0 : 1;
}

async function follow({
  context,
  cluster,
  sources,
  signal,
  clock,
  since,
  grep,
  lines,
}: Work): Promise<number> {
  const { args, terminal } = context;
  const { followLogs } = await import('../app/operate/follow-logs.ts');
  const prefix = sourcePrefix(sources, terminal.color);
  const isJson = args.flag('json');
  const onEvent = (event: LogEvent): void | Promise<void> => {
    if (event.type === 'notice') return pacedWrite(terminal.stderr, noticeText(event, terminal.color));
    if (isJson) return pacedWrite(terminal.stdout, `${lineJson(event)}\n`);
    return pacedWrite(terminal.stdout, lineBytes(prefix(event), event.bytes, textOptions(context)));
  };
  const request = { lines: lines ?? FOLLOWED_LINES, since, grep: grep?.regex ?? null, signal, clock };
  return (await followLogs(cluster, sources, request, onEvent)) ? 0 : 1;
}

async function download(work: Work, directory: string): Promise<number> {
  const { context, cluster, sources, signal, clock, parallelism } = work;
  const { terminal, args } = context;
  const [{ downloadLogs }, { createDownloadView }] = await Promise.all([
    import('../app/operate/download-logs.ts'),
    import('./view/download-text.ts'),
  ]);
  const target = path.resolve(context.directory, directory);
  const shown = path.relative(process.cwd(), target) || '.';
  const view = args.flag('json')
    ? null
    : createDownloadView({
        ...terminal,
        directory: target,
        shown: shown.startsWith('../..') ? target : shown,
        clock,
      });
  try {
    const isComplete = await downloadLogs(
      cluster,
      sources,
      { directory: target, parallelism, signal },
      (event) => {
        if (view !== null) view.onEvent(event);
        else if (event.type !== 'progress') terminal.stdout.write(`${JSON.stringify(event)}\n`);
      },
    );
    return isComplete ? 0 : 1;
  } finally {
    view?.finish(signal.aborted);
  }
}

function textOptions({ terminal }: CommandContext) {
  return { color: terminal.color, isTerminal: terminal.stdout.isTTY === true };
}

type Mode = 'list' | 'show' | 'follow' | 'download';

/** Without a selector, and with nothing that says which lines are wanted, all of a cluster would be a flood: what there is is listed. */
function modeOf(args: Parsed): Mode {
  const modes = (['list', 'follow', 'download'] as const).filter((name) =>
    name === 'download' ? args.text(name) !== undefined : args.flag(name),
  );
  const [mode, other] = modes;
  if (mode !== undefined && other !== undefined)
    throw new UsageError(`--${mode} and --${other} exclude each other.`);
  if (mode === 'list' || mode === 'download') {
    const idle = ['lines', 'since', 'grep'].find((name) => args.text(name) !== undefined);
    if (idle !== undefined) throw new UsageError(`--${idle} means nothing with --${mode}.`);
  }
  if (mode !== undefined) return mode;
  const isSaid = ['lines', 'since', 'grep', 'log'].some((name) => args.text(name) !== undefined);
  return args.positionals.length > 0 || isSaid ? 'show' : 'list';
}

function linesOf(args: Parsed): number | null {
  const text = args.text('lines');
  if (text === undefined) return null;
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > 10_000_000)
    throw new UsageError(`--lines takes a whole number from 0 on, not "${text}".`);
  return number;
}

const DURATION = /^(\d+(?:\.\d+)?)(s|m|h|d)$/;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function sinceOf(args: Parsed, nowMs: number): Since | null {
  const text = args.text('since');
  if (text === undefined) return null;
  const duration = DURATION.exec(text.trim());
  if (duration !== null) return { agoMs: Number(duration[1]) * UNIT_MS[duration[2] as keyof typeof UNIT_MS] };
  const clock = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text.trim());
  const today = new Date(nowMs);
  const iso = text.trim().replace(' ', 'T');
  // A time alone is today's; one without a zone is the controller's.
  const atMs = clock
    ? new Date(today.getFullYear(), today.getMonth(), today.getDate(), ...clockParts(text)).getTime()
    : Date.parse(/^\d{4}-\d\d-\d\d$/.test(iso) ? `${iso}T00:00:00` : iso);
  if (Number.isNaN(atMs) || !(clock || /^\d{4}-/.test(iso)))
    throw new UsageError(
      `--since takes how long ago (10m, 2h, 1d) or a time (2026-01-02T15:04:05, 15:04), not "${text}".`,
    );
  return { atMs };
}

function clockParts(text: string): [number, number, number] {
  const [hour = 0, minute = 0, second = 0] = text.trim().split(':').map(Number);
  return [hour, minute, second];
}

async function grepOf(args: Parsed): Promise<Work['grep']> {
  const expression = args.text('grep');
  if (expression === undefined) return null;
  const { extendedRegex } = await import('../app/operate/extended-regex.ts');
  const read = extendedRegex(expression);
  if ('problem' in read)
    throw new UsageError(`--grep: "${expression}" is no extended regular expression: ${read.problem}.`);
  return { expression, regex: read.regex };
}
