import { setTimeout as sleep } from 'node:timers/promises';
import { allRun, type ClusterReport } from '../app/operate/cluster-report.ts';
import type { ClusterSource } from '../app/operate/cluster-watch.ts';
import { VARIABLE_OPTIONS, type Command, type CommandContext } from './command.ts';
import { durationOf, hostParallelism, hostRequest } from './host-commands.ts';
import { untilLost } from './lost-output.ts';
import { UsageError } from './usage-error.ts';
import { renderStatus } from './view/status-text.ts';

const PARALLELISM = 64;
const INTERVAL_MS = 2_000;

export const status: Command = {
  name: 'status',
  summary: 'how every instance is: running, stopped, failed, degraded, drifted, unreachable',
  usage: '[options] [SELECTOR...]',
  options: {
    watch: { type: 'boolean', help: 'look again and again, live on a terminal' },
    interval: { type: 'string', value: 'DURATION', help: 'with --watch: between two looks (2s)' },
    json: { type: 'boolean', help: 'as JSON; with --watch a line per look' },
    parallelism: { type: 'string', value: 'N', help: `hosts asked at the same time (${PARALLELISM})` },
    ...VARIABLE_OPTIONS,
  },
  details: [
    'Asks the hosts, and changes nothing. A host that does not answer is a row like the others. SELECTOR: a component (nats),',
    'an instance (nats@ADDRESS) or a host (@ADDRESS); all without any.',
    '',
    'Exit code: 0 everything runs, 2 something does not (stopped, failed, degraded or unreachable), 1 error.',
  ].join('\n'),
  run: (context) => (context.args.flag('watch') ? watch(context) : lookOnce(context)),
};

async function lookOnce(context: CommandContext): Promise<number> {
  const { args } = context;
  if (args.text('interval') !== undefined) throw new UsageError('--interval belongs to --watch.');
  return withSource(context, INTERVAL_MS, async (source, signal) => {
    const report = await source.look(null, signal);
    show(report, context);
    return exitCode(report);
  });
}

async function watch(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const intervalMs = durationOf(args, 'interval') ?? INTERVAL_MS;
  return withSource(context, intervalMs, async (source, signal) => {
    if (terminal.interactive && !args.flag('json')) {
      const { watchCluster } = await context.screens();
      const { stdin, stdout, color } = terminal;
      const last = await watchCluster(source, { stdin, stdout, color, stopping: signal });
      return last === null ? 1 : exitCode(last);
    }
    // A reader that has gone (`status --watch | head`) ends it as well.
    const over = AbortSignal.any([signal, untilLost(terminal.stdout)]);
    let report: ClusterReport | null = null;
    try {
      for (;;) {
        report = await source.look(report, over);
        show(report, context);
        await sleep(intervalMs, undefined, { signal: over });
      }
    } catch (error) {
      if (!over.aborted) throw error;
      return report === null ? 1 : exitCode(report);
    }
  });
}

/** Opens the cluster for as long as `use` takes; Ctrl-C aborts the signal. */
async function withSource(
  context: CommandContext,
  intervalMs: number,
  use: (source: ClusterSource, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const { args, directory } = context;
  const parallelism = hostParallelism(args, PARALLELISM);
  const [{ clusterSource }, ports] = await Promise.all([
    import('../app/operate/cluster-source.ts'),
    context.ports(),
  ]);
  const interrupts = context.interrupts();
  // What a host that hangs still holds open must not keep the program alive.
  const done = new AbortController();
  const request = hostRequest(context, ports.clock, AbortSignal.any([interrupts.stopping, done.signal]));
  const source = clusterSource(
    directory,
    { ...request, selectors: args.positionals, parallelism, intervalMs },
    ports,
  );
  try {
    return await use(source, interrupts.stopping);
  } finally {
    done.abort();
    await source.close();
    interrupts.dispose();
  }
}

function show(report: ClusterReport, { args, terminal }: CommandContext): void {
  const { stdout, color, width } = terminal;
  if (!args.flag('json'))
    stdout.write(`${renderStatus(report, { color, width })}${args.flag('watch') ? '\n' : ''}`);
  else if (args.flag('watch')) stdout.write(`${JSON.stringify(report)}\n`);
  else stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function exitCode(report: ClusterReport): number {
  return allRun(report) ? 0 : 2;
}
