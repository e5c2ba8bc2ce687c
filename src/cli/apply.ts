import path from 'node:path';
import { loadProject, type ProjectSource } from '../app/project.ts';
import { prepareChange, type PreparedChange } from '../app/change-cluster.ts';
import { readPlanFile, type PlanFile } from '../app/plan-file.ts';
import type { PlanRequest } from '../app/prepare-plan.ts';
import { hasErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Store } from '../state/store.ts';
import { hasChanges, type PlanView } from '../plan/view.ts';
import { PLAN_OPTIONS, type Command, type CommandContext } from './command.ts';
import { giveHeapHeadroom } from './heap-headroom.ts';
import { lockTimeoutMs, newRunId, planRequest, variableArguments, variablePrompt } from './plan-request.ts';
import { showPlan } from './plan.ts';
import { positionals } from './positionals.ts';
import { openRunView } from './run-view.ts';
import { showDiagnostics } from './show-error.ts';
import { showOutputs } from './view/outputs-text.ts';
import { UsageError } from './usage-error.ts';

const APPROVAL_OPTIONS = {
  ...PLAN_OPTIONS,
  'auto-approve': { type: 'boolean', help: 'do not ask' },
} as const;

export const apply: Command = {
  name: 'apply',
  summary: 'make the hosts as the spec wants them',
  usage: '[options] [PLANFILE]',
  options: APPROVAL_OPTIONS,
  run: (context) => changeCluster('apply', context),
};

/** An older spec that is applied in place of the one in the working directory. */
export interface OlderSpec {
  /** For locks, runs and history: `rollback to 3`. */
  readonly operation: string;
  readonly source: ProjectSource;
  /** Directory whose files messages quote. */
  readonly shownFrom: string;
  readonly store: Store | null;
  readonly warnings: readonly Diagnostic[];
}

/** Shared by apply, destroy and rollback: plan, approval, run. Exit code 0 only when everything came off. */
export async function changeCluster(
  mode: PlanRequest['mode'],
  context: CommandContext,
  older: OlderSpec | null = null,
): Promise<number> {
  const { args, directory, terminal } = context;
  const operation = older?.operation ?? mode;
  const [file] = mode === 'apply' && older === null ? positionals(args, apply, { max: 1 }) : [];
  const saved = file === undefined ? null : await readPlanFile(path.resolve(directory, file));
  const effectiveMode = saved?.request.mode ?? mode;
  const mustAsk = saved === null && !args.flag('auto-approve');
  if (mustAsk && (!terminal.interactive || args.flag('json'))) {
    throw new UsageError(
      'Nobody can approve the plan here: give --auto-approve, or apply a saved plan (slipway plan --out=FILE).',
    );
  }
  const ports = await context.ports();
  const loaded = await loadProject(
    directory,
    variableArguments(args),
    ports,
    variablePrompt(terminal),
    effectiveMode,
    older?.source,
  );
  const project = { ...loaded, warnings: [...loaded.warnings, ...(older?.warnings ?? [])] };
  const store = older?.store ?? ports.store(path.resolve(directory, project.workspace.state.path));
  const run = newRunId(ports.clock());
  const interrupts = context.interrupts();
  let prepared: PreparedChange | null = null;
  try {
    const request = withSaved(planRequest(effectiveMode, run, context, interrupts.stopping), saved);
    prepared = await prepareChange(
      project,
      store,
      {
        ...request,
        operation,
        lockTimeoutMs: lockTimeoutMs(args),
        stopping: interrupts.stopping,
        onWait: (held) =>
          void terminal.stderr.write(`Waiting for the state lock of ${held.owner} (run ${held.run}).\n`),
        ...(saved === null ? {} : { shown: saved }),
      },
      ports,
    );
    const { view, diagnostics } = prepared;
    const failed = hasErrors(diagnostics);
    const review = mustAsk && !failed && hasChanges(view);
    if (!review) await showPlan(view, context);
    await showDiagnostics(diagnostics, terminal, older?.shownFrom ?? directory);
    if (failed) return 1;
    if (review) {
      const approved = await approve(view, context);
      // The screen of the review is gone; what was approved stays readable above the run.
      await showPlan(view, context);
      if (!approved) {
        terminal.stdout.write('Not applied; nothing was changed.\n');
        return 1;
      }
    }
    giveHeapHeadroom();
    const { onEvent, finish } = await openRunView(context, hasChanges(view), interrupts);
    const { stopping, abort } = interrupts;
    const result = await prepared.run({ onEvent, stopping, abort }).finally(() => finish());
    if (result.outcome === 'succeeded' && effectiveMode === 'apply')
      showOutputs(result.state.outputs, context);
    return result.outcome === 'succeeded' ? 0 : 1;
  } finally {
    await prepared?.close();
    interrupts.dispose();
  }
}

function withSaved(request: PlanRequest, saved: PlanFile | null): PlanRequest {
  return saved === null ? request : { ...request, ...saved.request, newLineage: saved.view.lineage };
}

async function approve(view: PlanView, { terminal, screens }: CommandContext): Promise<boolean> {
  const { reviewPlan } = await screens();
  const { stdin, stdout, color } = terminal;
  return (await reviewPlan(view, { stdin, stdout, color })) === 'approved';
}
