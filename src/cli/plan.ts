import path from 'node:path';
import { loadProject } from '../app/project.ts';
import { preparePlan } from '../app/prepare-plan.ts';
import { writePlanFile } from '../app/plan-file.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { hasChanges, planView, type PlanView } from '../plan/view.ts';
import { PLAN_OPTIONS, type Command, type CommandContext } from './command.ts';
import { lockTimeoutMs, newRunId, planRequest, variableArguments, variablePrompt } from './plan-request.ts';
import { positionals } from './positionals.ts';
import { showDiagnostics } from './show-error.ts';
import { renderPlan } from './view/plan-text.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'show what apply would do; change nothing',
  usage: '[options]',
  options: {
    ...PLAN_OPTIONS,
    out: { type: 'string', value: 'FILE', help: 'save the plan, to apply exactly it' },
    destroy: { type: 'boolean', help: 'plan the removal of everything' },
    'detailed-exitcode': { type: 'boolean', help: '0 nothing to do, 1 error, 2 changes' },
  },
  async run(context) {
    const { args, directory, terminal } = context;
    positionals(args, plan, { max: 0 });
    const ports = await context.ports();
    const mode = args.flag('destroy') ? 'destroy' : 'apply';
    const project = await loadProject(
      directory,
      variableArguments(args),
      ports,
      variablePrompt(terminal),
      mode,
    );
    const store = ports.store(path.resolve(directory, project.workspace.state.path));
    const run = newRunId(ports.clock());
    const interrupts = context.interrupts();
    const lock = await store.lock(
      { run, operation: 'plan', owner: ports.owner },
      {
        timeoutMs: lockTimeoutMs(args),
        signal: interrupts.stopping,
        onWait: (held) =>
          terminal.stderr.write(`Waiting for the state lock of ${held.owner} (run ${held.run}).\n`),
      },
    );
    try {
      const request = planRequest(mode, run, context, interrupts.stopping);
      const prepared = await preparePlan(project, store, request, ports);
      await prepared.close();
      const view = planView(prepared.plan, prepared.diagnostics);
      await showPlan(view, context);
      await showDiagnostics(prepared.diagnostics, terminal, directory);
      if (hasErrors(prepared.diagnostics)) return 1;
      const out = args.text('out');
      if (out !== undefined) {
        await writePlanFile(path.resolve(directory, out), view, request, ports);
        if (!args.flag('json'))
          terminal.stdout.write(`\nSaved as ${out}. Apply it with: slipway apply ${out}\n`);
      }
      return args.flag('detailed-exitcode') && hasChanges(view) ? 2 : 0;
    } finally {
      await lock.release();
      interrupts.dispose();
    }
  },
};

export async function showPlan(view: PlanView, { args, terminal }: CommandContext): Promise<void> {
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify({ type: 'plan', plan: view })}\n`);
  // Where hosts could not be asked, an empty plan says nothing.
  else if (hasChanges(view) || !hasErrors(view.diagnostics)) {
    const { color, width } = terminal;
    terminal.stdout.write(`${renderPlan(view, { color, width, verbose: args.flag('verbose') })}\n`);
  }
  return Promise.resolve();
}
