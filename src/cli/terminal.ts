import type { Terminal } from './command.ts';

/** What kind of place we talk to. Colour needs a terminal, and neither `--no-color` nor NO_COLOR nor TERM=dumb. */
export function openTerminal(
  {
    stdin,
    stdout,
    stderr,
  }: { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
  args: readonly string[],
): Terminal {
  const plain =
    args.includes('--no-color') ||
    args.includes('-no-color') ||
    (process.env['NO_COLOR'] ?? '') !== '' ||
    process.env['TERM'] === 'dumb';
  return {
    stdin,
    stdout,
    stderr,
    interactive: stdin.isTTY === true && stdout.isTTY === true && process.env['TERM'] !== 'dumb',
    color: stdout.isTTY === true && !plain,
    width: stdout.isTTY === true && stdout.columns > 0 ? stdout.columns : 80,
  };
}
