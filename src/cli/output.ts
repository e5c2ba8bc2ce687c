import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import type { Json, OutputState } from '../state/model.ts';
import type { Command, CommandContext } from './command.ts';
import { positionals } from './positionals.ts';
import { UsageError } from './usage-error.ts';
import { renderOutputs } from './view/outputs-text.ts';

export const output: Command = {
  name: 'output',
  summary: 'print outputs of the last apply',
  usage: '[options] [NAME]',
  options: {
    json: { type: 'boolean', help: 'as JSON' },
    raw: { type: 'boolean', help: 'with NAME: a string, number or bool as it is, for scripts' },
  },
  details: 'Outputs are read from the state. A sensitive one has no value there: no secret is written to it.',
  async run(context) {
    const { args, directory, terminal } = context;
    const [name] = positionals(args, output, { max: 1 });
    if (args.flag('raw') && name === undefined) throw new UsageError('--raw needs the name of an output.');
    if (args.flag('raw') && args.flag('json')) throw new UsageError('Give --raw or --json, not both.');
    const [{ openStore, readStoredState }, ports] = await Promise.all([
      import('../app/locate-state.ts'),
      context.offline(),
    ]);
    const store = await openStore(directory, ports);
    const { state } = await readStoredState(store);
    if (name === undefined) showAll(state.outputs, context);
    else terminal.stdout.write(oneOutput(name, valueOf(name, state.outputs), context));
    return 0;
  },
};

function showAll(outputs: ReadonlyMap<string, OutputState>, { args, terminal }: CommandContext): void {
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(Object.fromEntries(outputs), null, 2)}\n`);
  else if (outputs.size === 0) terminal.stdout.write('The spec that was applied has no outputs.\n');
  else terminal.stdout.write(`${renderOutputs(outputs).replaceAll(/^ {2}/gm, '')}\n`);
}

function oneOutput(name: string, value: Json, { args }: CommandContext): string {
  if (!args.flag('raw')) return `${JSON.stringify(value, null, args.flag('json') ? undefined : 2)}\n`;
  if (value === null || typeof value === 'object') {
    throw new UsageError(`Output "${name}" is no string, number or bool: take it with --json.`);
  }
  return String(value);
}

function valueOf(name: string, outputs: ReadonlyMap<string, OutputState>): Json {
  const found = outputs.get(name);
  if (found === undefined) {
    const detail = `The last apply made none of that name.${didYouMean(name, outputs.keys())}`;
    throw new DiagnosticsError([runError(`No output is called "${name}"`, detail)]);
  }
  if (found.sensitive) {
    const detail =
      'The state keeps no secret, so there is no value to print. It follows from your variables: read it where you keep them, or give it to a file resource with mode 0600 on the host that needs it.';
    throw new DiagnosticsError([runError(`Output "${name}" is sensitive`, detail)]);
  }
  return found.value;
}
