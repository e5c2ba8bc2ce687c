import { setMaxListeners } from 'node:events';
import type { ClusterRequest } from '../app/operate/open-cluster.ts';
import { VARIABLE_OPTIONS, parseDuration, type CommandContext } from './command.ts';
import type { OptionSpecs, Parsed } from './options.ts';
import { newRunId, variableArguments } from './plan-request.ts';
import { UsageError } from './usage-error.ts';

/** Options of commands that work on hosts one by one. */
export const HOST_OPTIONS = {
  ...VARIABLE_OPTIONS,
  all: { type: 'boolean', help: 'all hosts of the state' },
  parallelism: { type: 'string', value: 'N', help: 'hosts worked on at the same time (64)' },
  json: { type: 'boolean', help: 'a line of JSON per host' },
} as const satisfies OptionSpecs;

/** The selectors of such a command. Throws `UsageError` when there are none and `--all` is not said, or both are. */
export function hostSelectors(args: Parsed, selectors: readonly string[], usage: string): readonly string[] {
  if (args.flag('all') && selectors.length > 0)
    throw new UsageError(`--all means every host: leave out ${selectors.join(' ')}, or --all.`);
  if (!args.flag('all') && selectors.length === 0)
    throw new UsageError(
      `On which hosts? Name a component (nats), an instance (nats@10.0.0.1) or a host (@10.0.0.1), or give --all. Usage: slipway ${usage}`,
    );
  return selectors;
}

/** How such a command opens its cluster. */
export function hostRequest(
  { args, terminal }: CommandContext,
  clock: () => number,
  signal: AbortSignal,
): ClusterRequest {
  // Everything that is under way on many hosts listens to it.
  setMaxListeners(0, signal);
  return {
    run: newRunId(clock()),
    variables: variableArguments(args),
    signal,
    ...(terminal.interactive
      ? {
          async askSecret(variable: string, host: string) {
            const { ask } = await import('./prompt.ts');
            return ask(terminal, `var.${variable} (to reach ${host}): `, { secret: true });
          },
        }
      : {}),
  };
}

/** A whole number of hosts at a time. */
export function hostParallelism(args: Parsed, otherwise: number): number {
  const text = args.text('parallelism');
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--parallelism takes a whole number from 1 on, not "${text}".`);
  return number;
}

/** A duration in milliseconds; null when it is not given. */
export function durationOf(args: Parsed, name: string): number | null {
  const text = args.text(name);
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new UsageError(`--${name} takes a duration such as 30s or 5m, not "${text}".`);
  return ms;
}
