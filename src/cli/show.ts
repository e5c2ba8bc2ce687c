import path from 'node:path';
import type { Command, CommandContext } from './command.ts';
import { positionals } from './positionals.ts';
import { renderPlan } from './view/plan-text.ts';
import { renderState } from './view/state-text.ts';

export const show: Command = {
  name: 'show',
  summary: 'show the state, or a saved plan',
  usage: '[options] [PLANFILE]',
  options: {
    json: { type: 'boolean', help: 'as JSON' },
    verbose: { type: 'boolean', help: 'of a plan: every host, and the text of new files' },
  },
  async run(context) {
    const [file] = positionals(context.args, show, { max: 1 });
    if (file === undefined) await showState(context);
    else await showPlanFile(path.resolve(context.directory, file), context);
    return 0;
  },
};

async function showState(context: CommandContext): Promise<void> {
  const { args, directory, terminal } = context;
  const [{ openStore, readStoredState }, { stateView }, ports] = await Promise.all([
    import('../app/locate-state.ts'),
    import('../app/state-view.ts'),
    context.offline(),
  ]);
  const store = await openStore(directory, ports);
  const view = stateView(await readStoredState(store), store.location);
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
  else terminal.stdout.write(renderState(view, terminal));
}

async function showPlanFile(file: string, { args, terminal }: CommandContext): Promise<void> {
  const { readPlanFile } = await import('../app/plan-file.ts');
  const { view, savedAt, owner } = await readPlanFile(file);
  if (args.flag('json')) {
    terminal.stdout.write(`${JSON.stringify({ type: 'plan', plan: view })}\n`);
    return;
  }
  const { color, width } = terminal;
  terminal.stdout.write(`Saved by ${owner} at ${savedAt}, for serial ${view.serial} of the state.\n\n`);
  terminal.stdout.write(renderPlan(view, { color, width, verbose: args.flag('verbose') }));
}
