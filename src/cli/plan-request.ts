import type { VariablePrompt } from '../app/project.ts';
import type { PlanRequest } from '../app/prepare-plan.ts';
import type { VariableArgument } from '../spec/variables.ts';
import { parseDuration, type CommandContext, type Terminal } from './command.ts';
import type { Parsed } from './options.ts';
import { UsageError } from './usage-error.ts';

export { newRunId } from '../app/run-id.ts';

/** `--var` and `--var-file` in the order given; the order decides which wins. */
export function variableArguments(args: Parsed): readonly VariableArgument[] {
  return args.ordered.flatMap(({ name, value }): readonly VariableArgument[] => {
    if (name === 'var') return [{ option: 'var', text: value }];
    if (name === 'var-file') return [{ option: 'var-file', path: value }];
    return [];
  });
}

export function planRequest(
  mode: PlanRequest['mode'],
  run: string,
  { args, terminal }: CommandContext,
  signal: AbortSignal,
): PlanRequest {
  const json = args.flag('json');
  return {
    mode,
    targets: args.list('target'),
    excludes: args.list('exclude'),
    replace: args.list('replace'),
    refresh: args.enabled('refresh'),
    parallelism: positiveNumber(args, 'parallelism'),
    run,
    signal,
    ...(terminal.interactive ? { askSecret: secretPrompt(terminal) } : {}),
    onProgress(text) {
      if (!json && terminal.stderr.isTTY) terminal.stderr.write(`${text}\n`);
    },
  };
}

export function positiveNumber(args: Parsed, name: string): number | null {
  const text = args.text(name);
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--${name} takes a whole number from 1 on, not "${text}".`);
  return number;
}

export function lockTimeoutMs(args: Parsed): number {
  const text = args.text('lock-timeout');
  if (text === undefined) return 0;
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new UsageError(`--lock-timeout takes a duration such as 30s or 5m, not "${text}".`);
  return ms;
}

/** Asks for variables at the terminal; null where nobody sits there. */
export function variablePrompt(terminal: Terminal): VariablePrompt | null {
  if (!terminal.interactive) return null;
  return async (variable) => {
    const { ask } = await import('./prompt.ts');
    const about = variable.description === '' ? '' : ` (${variable.description})`;
    return ask(terminal, `var.${variable.name}${about}: `, { secret: variable.sensitive });
  };
}

/** For secrets of connections that only state knows by the names of their variables. */
function secretPrompt(terminal: Terminal): NonNullable<PlanRequest['askSecret']> {
  return async (variable, host) => {
    const { ask } = await import('./prompt.ts');
    return ask(terminal, `var.${variable} (to reach ${host}): `, { secret: true });
  };
}
