import type { Command } from './command.ts';
import type { Parsed } from './options.ts';
import { UsageError } from './usage-error.ts';

/** The arguments after a command's name, in a number that it takes. Throws `UsageError` that shows the command's usage. */
export function positionals(
  args: Parsed,
  { name, usage }: Pick<Command, 'name' | 'usage'>,
  { min = 0, max = Infinity }: { readonly min?: number; readonly max?: number } = {},
): readonly string[] {
  const given = args.positionals;
  const form = `Usage: slipway ${name}${usage === '' ? '' : ` ${usage}`}`;
  if (given.length < min) throw new UsageError(`An argument is missing. ${form}`);
  if (given.length > max) throw new UsageError(`"${given[max] ?? ''}" is too much. ${form}`);
  return given;
}
