import type { OutputState } from '../../state/model.ts';
import type { CommandContext } from '../command.ts';

/** Outputs as `name = value`, indented; a sensitive one only by name. */
export function renderOutputs(outputs: ReadonlyMap<string, OutputState>): string {
  const lines = [...outputs].map(([name, output]) => {
    if (output.sensitive) return `  ${name} = (sensitive)`;
    return `  ${name} = ${JSON.stringify(output.value, null, 2).replaceAll('\n', '\n  ')}`;
  });
  return lines.join('\n');
}

export function showOutputs(
  outputs: ReadonlyMap<string, OutputState>,
  { args, terminal }: CommandContext,
): void {
  if (outputs.size === 0) return;
  if (args.flag('json')) {
    terminal.stdout.write(`${JSON.stringify({ type: 'outputs', outputs: Object.fromEntries(outputs) })}\n`);
  } else terminal.stdout.write(`\nOutputs:\n${renderOutputs(outputs)}\n`);
}
