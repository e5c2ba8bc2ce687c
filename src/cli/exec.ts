import type { ExecOutcome, RemoteCommand } from '../app/operate/exec.ts';
import { VARIABLE_OPTIONS, type Command, type CommandContext } from './command.ts';
import { durationOf, HOST_OPTIONS, hostParallelism, hostRequest, hostSelectors } from './host-commands.ts';
import { untilLost } from './lost-output.ts';
import type { Parsed } from './options.ts';
import { UsageError } from './usage-error.ts';
import {
  execSummary,
  groupedExecView,
  jsonExecView,
  plainExecView,
  streamExecView,
  type ExecView,
  type ExecViewOptions,
} from './view/exec-text.ts';

/** A host that could not be asked, where the exit code is otherwise that of the command: as ssh says it. */
const NO_ANSWER = 255;

export const exec: Command = {
  name: 'exec',
  summary: 'run a command on hosts',
  usage: '[options] SELECTOR... -- COMMAND [ARG]...',
  options: {
    all: HOST_OPTIONS.all,
    'no-become': { type: 'boolean', help: 'as the user of the connection, not as root' },
    user: { type: 'string', value: 'USER', help: 'as this user of the host' },
    stream: { type: 'boolean', help: 'several hosts: every line as it comes, with its host before it' },
    timeout: {
      type: 'string',
      value: 'DURATION',
      help: 'give up a host whose command takes longer (no limit)',
    },
    parallelism: HOST_OPTIONS.parallelism,
    json: HOST_OPTIONS.json,
    ...VARIABLE_OPTIONS,
  },
  details: [
    'Runs once per host, however many selected instances are there, as root where the provider has `become`. COMMAND of one',
    "word is a line for sh ('df -h | tail -1'); several words are run as they are. Its input is empty.",
    '',
    'One host: its outputs and its exit code are those of slipway (255: the host did not answer). Several: a block per host',
    'once it has ended, and exit code 0 only if all have 0.',
    '',
    'As with ssh, the words of COMMAND stand in the process list of the host: no secrets there.',
  ].join('\n'),
  async run(context) {
    const { args, directory, terminal } = context;
    const words = args.afterDashes ?? [];
    if (words.length === 0)
      throw new UsageError(
        `What to run stands after --: slipway exec nats -- uptime. Usage: slipway exec ${exec.usage}`,
      );
    const selectors = hostSelectors(
      args,
      args.positionals.slice(0, args.positionals.length - words.length),
      `exec ${exec.usage}`,
    );
    const [timeoutMs, parallelism, as] = [
      durationOf(args, 'timeout'),
      hostParallelism(args, 64),
      userOf(args),
    ];
    const [{ openCluster }, { selectHosts }, { execOnHosts }, { createMask }, ports] = await Promise.all([
      import('../app/operate/open-cluster.ts'),
      import('../app/operate/select-hosts.ts'),
      import('../app/operate/exec.ts'),
      import('../apply/secret-mask.ts'),
      context.ports(),
    ]);
    const interrupts = context.interrupts();
    const signal = interrupts.stopping;
    // A host that is lost meanwhile is not begun with a second time, so it is not waited for.
    const request = { ...hostRequest(context, ports.clock, signal), outageMs: 0 };
    const cluster = await openCluster(directory, request, ports);
    try {
      const hosts = selectHosts(cluster.state, selectors);
      const view = viewFor(context, hosts, {
        stdout: terminal.stdout,
        stderr: terminal.stderr,
        color: terminal.color,
        mask: createMask(cluster.secrets),
        nameOf: (host) => cluster.state.hosts.get(host)?.name ?? null,
      });
      const isPassedOn = !args.flag('json') && (hosts.length === 1 || args.flag('stream'));
      const lost = { stdout: untilLost(terminal.stdout), stderr: untilLost(terminal.stderr) };
      const outcomes = await execOnHosts(
        cluster,
        hosts,
        { words, as },
        {
          timeoutMs,
          parallelism,
          signal,
          clock: ports.clock,
          onOutput: (host, stream, chunk) => view.onOutput(host, stream, chunk),
          isLost: (stream) => isPassedOn && lost[stream].aborted,
          onEnd: (outcome) => view.onEnd(outcome),
        },
      );
      if (hosts.length > 1 && !args.flag('json')) {
        const out = args.flag('stream') ? terminal.stderr : terminal.stdout;
        out.write(`\n${execSummary(outcomes, terminal.color)}\n`);
      }
      return exitCode(outcomes);
    } finally {
      await cluster.close();
      interrupts.dispose();
    }
  },
};

function viewFor({ args }: CommandContext, hosts: readonly string[], options: ExecViewOptions): ExecView {
  if (args.flag('json')) return jsonExecView(options);
  if (hosts.length === 1) return plainExecView(options);
  return args.flag('stream') ? streamExecView(options, hosts) : groupedExecView(options);
}

function exitCode(outcomes: readonly ExecOutcome[]): number {
  const [only] = outcomes;
  if (outcomes.length === 1 && only !== undefined) return only.value?.code ?? NO_ANSWER;
  return outcomes.every(({ value }) => value?.code === 0) ? 0 : 1;
}

function userOf(args: Parsed): RemoteCommand['as'] {
  const user = args.text('user');
  if (user === undefined) return args.flag('no-become') ? 'login' : 'root';
  if (args.flag('no-become')) throw new UsageError('Give --user or --no-become, not both.');
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*\$?$/.test(user))
    throw new UsageError(`"${user}" is no name of a user.`);
  return { user };
}
