import { preparePower, type PreparedPower } from '../app/operate/power.ts';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import type { PowerAction } from '../resources/service-power.ts';
import type { Command, CommandContext } from './command.ts';
import { VARIABLE_OPTIONS } from './command.ts';
import { confirm } from './confirm.ts';
import { hostParallelism, hostRequest } from './host-commands.ts';
import { lockTimeoutMs } from './plan-request.ts';
import { openRunView } from './run-view.ts';
import { UsageError } from './usage-error.ts';
import { renderPower } from './view/power-text.ts';

const PARALLELISM = 64;

/** `start`, `stop` and `restart`: select, show the order, confirm, run. Exit code 0 only when all came off. */
export function powerCommand(command: {
  readonly action: PowerAction;
  readonly summary: string;
  readonly details: readonly string[];
}): Command {
  const { action, summary, details } = command;
  return {
    name: action,
    summary,
    usage: '[options] SELECTOR... | --all',
    options: {
      all: { type: 'boolean', help: 'the whole cluster' },
      'auto-approve': { type: 'boolean', help: 'do not ask' },
      parallelism: { type: 'string', value: 'N', help: `hosts worked on at the same time (${PARALLELISM})` },
      'lock-timeout': { type: 'string', value: 'DURATION', help: 'wait so long for the state lock (0s)' },
      json: { type: 'boolean', help: 'JSON lines instead of text' },
      verbose: { type: 'boolean', help: 'show every service, and what is printed on the hosts' },
      ...VARIABLE_OPTIONS,
    },
    details: [
      'SELECTOR: a component (nats), an instance (nats@ADDRESS) or a host (@ADDRESS).',
      ...details,
      '',
      'Exit code: 0 when all came off, 1 otherwise.',
    ].join('\n'),
    run: (context) => changePower(action, context),
  };
}

async function changePower(action: PowerAction, context: CommandContext): Promise<number> {
  const { args, terminal, directory } = context;
  const selectors = selectorsOf(action, context);
  const json = args.flag('json');
  if (!args.flag('auto-approve') && (!terminal.interactive || json))
    throw new UsageError('Nobody can confirm this here: give --auto-approve.');
  const parallelism = hostParallelism(args, PARALLELISM);
  const ports = await context.ports();
  const interrupts = context.interrupts();
  let prepared: PreparedPower | null = null;
  try {
    // The first Ctrl-C lets what runs come to its end: connections are kept until the second.
    const request = hostRequest(context, ports.clock, interrupts.abort);
    prepared = await preparePower(
      directory,
      {
        ...request,
        action,
        selectors,
        lockTimeoutMs: lockTimeoutMs(args),
        stopping: interrupts.stopping,
        onWait: (held) =>
          void terminal.stderr.write(`Waiting for the state lock of ${held.owner} (run ${held.run}).\n`),
      },
      ports,
    );
    const { plan } = prepared;
    const hasWork = plan.components.length > 0;
    if (!hasWork && plan.skipped.length === 0)
      throw new DiagnosticsError([
        runError('Nothing is selected', `No instance matches ${selectors.join(', ')}.`),
      ]);
    if (json) terminal.stdout.write(`${JSON.stringify({ type: 'power-plan', ...jsonPlan(prepared) })}\n`);
    else terminal.stdout.write(renderPower(plan, terminal));
    if (!hasWork) return 0;
    if (!(await confirm('', context))) {
      terminal.stdout.write('Nothing was changed.\n');
      return 1;
    }
    if (!json) terminal.stdout.write('\n');
    const view = await openRunView(context, true, interrupts);
    const { stopping, abort } = interrupts;
    const { outcome } = await prepared
      .run({ run: request.run, operation: action, onEvent: view.onEvent, stopping, abort }, parallelism)
      .finally(() => view.finish());
    return outcome === 'succeeded' ? 0 : 1;
  } finally {
    await prepared?.close();
    interrupts.dispose();
  }
}

function selectorsOf(action: PowerAction, { args }: CommandContext): readonly string[] {
  const selectors = args.positionals;
  if (args.flag('all') && selectors.length > 0)
    throw new UsageError(`--all means the whole cluster: leave out ${selectors.join(' ')}, or --all.`);
  if (!args.flag('all') && selectors.length === 0)
    throw new UsageError(
      `What to ${action}? Name a component (nats), an instance (nats@10.0.0.1) or a host (@10.0.0.1), or give --all.`,
    );
  return selectors;
}

/** The order as other programs read it. */
function jsonPlan({ plan }: PreparedPower) {
  return {
    action: plan.action,
    order: plan.components.map(({ name, stage, work }) => ({
      component: name,
      stage,
      instances: work.map(({ address }) => address),
    })),
    skipped: plan.skipped,
  };
}
