import type { RunEvent } from '../apply/events.ts';
import type { CommandContext, Interrupts } from './command.ts';
import { createRunTextView } from './view/run-text.ts';

/** A view of a run: fed with its events, closed at its end. */
export interface RunView {
  readonly onEvent: (event: RunEvent) => void;
  readonly finish: () => Promise<void>;
}

/** JSON lines with --json, the live view on a terminal, plain lines elsewhere; nothing when there is nothing to do. */
export async function openRunView(
  { args, terminal, screens }: CommandContext,
  hasWork: boolean,
  interrupts: Interrupts,
): Promise<RunView> {
  const out = (line: string): void => void terminal.stdout.write(`${line}\n`);
  if (args.flag('json')) {
    return { onEvent: (event) => out(JSON.stringify(event)), finish: () => Promise.resolve() };
  }
  if (!hasWork) return { onEvent: () => undefined, finish: () => Promise.resolve() };
  const { stdin, stdout, color, width } = terminal;
  if (terminal.interactive) {
    const { startRunView } = await screens();
    return startRunView({ stdin, stdout, color, onInterrupt: interrupts.interrupt });
  }
  return {
    onEvent: createRunTextView(out, { color, width, verbose: args.flag('verbose') }),
    finish: () => Promise.resolve(),
  };
}
