import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProject } from '../../src/app/project.ts';
import { preparePlan, type PlanRequest, type PreparedPlan } from '../../src/app/prepare-plan.ts';
import type { Ports } from '../../src/app/ports.ts';
import { runPlan } from '../../src/app/run-plan.ts';
import type { RunEvent } from '../../src/apply/events.ts';
import { renderPlan } from '../../src/cli/view/plan-text.ts';
import { DiagnosticsError, type Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { planView, type PlanView } from '../../src/plan/view.ts';

export interface PlanChoices {
  readonly destroy?: boolean;
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
  readonly replace?: readonly string[];
  readonly refresh?: boolean;
  readonly var?: readonly string[];
}

/** What a plan says, as its user sees it. */
export interface Planned {
  /** null: the input was refused before there was a plan. */
  readonly view: PlanView | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Applied extends Planned {
  readonly outcome: 'refused' | 'succeeded' | 'failed' | 'interrupted';
  /** Why instances failed. */
  readonly failures: readonly string[];
}

/** Planning and applying as the commands do it, in a working directory with its own state file. */
export interface UseCases {
  plan(choices?: PlanChoices): Promise<Planned>;
  apply(choices?: PlanChoices): Promise<Applied>;
  /** A plan and its diagnostics as the terminal shows them. */
  words(planned: Planned): string;
}

/** `onRun` is told what is about to be carried out. */
export function useCases(
  directory: string,
  ports: Ports,
  onRun: (prepared: PreparedPlan) => void = () => undefined,
): UseCases {
  const store = ports.store(join(directory, 'slipway.state.json'));
  let runs = 0;

  async function prepared<T extends Planned>(
    choices: PlanChoices,
    use: (ready: PreparedPlan, project: Awaited<ReturnType<typeof loadProject>>, run: string) => Promise<T>,
  ): Promise<T | Planned> {
    const mode = choices.destroy === true ? 'destroy' : 'apply';
    const request: PlanRequest = {
      mode,
      targets: choices.target ?? [],
      excludes: choices.exclude ?? [],
      replace: choices.replace ?? [],
      refresh: choices.refresh ?? true,
      parallelism: null,
      run: `run-${++runs}`,
      newLineage: 'lineage',
    };
    try {
      const variables = (choices.var ?? []).map((text) => ({ option: 'var', text }) as const);
      const project = await loadProject(directory, variables, ports, null, mode);
      const lock = await store.lock({ run: request.run, operation: mode, owner: 'me' }, { timeoutMs: 0 });
      try {
        const ready = await preparePlan(project, store, request, ports);
        try {
          return await use(ready, project, request.run);
        } finally {
          await ready.close();
        }
      } finally {
        await lock.release();
      }
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      return { view: null, diagnostics: error.diagnostics };
    }
  }

  return {
    plan: (choices = {}) =>
      prepared(choices, ({ plan, diagnostics }) =>
        Promise.resolve({ view: planView(plan, diagnostics), diagnostics }),
      ),
    async apply(choices = {}) {
      const applied = await prepared(choices, async (ready, project, run): Promise<Applied> => {
        const { plan, diagnostics } = ready;
        const view = planView(plan, diagnostics);
        if (diagnostics.some(({ severity }) => severity === 'error'))
          return { view, diagnostics, outcome: 'refused', failures: [] };
        onRun(ready);
        const failures: string[] = [];
        const onEvent = (event: RunEvent): void => {
          if (event.type !== 'instance-failed') return;
          const { resource, message, lastLines } = event.failure;
          failures.push([`${event.instance} ${resource}: ${message}`, ...lastLines].join('\n'));
        };
        const never = new AbortController().signal;
        const request = { run, operation: 'apply', onEvent, stopping: never, abort: never };
        const { outcome } = await runPlan(project, store, ready, request, ports);
        return { view, diagnostics, outcome, failures };
      });
      return 'outcome' in applied ? applied : { ...applied, outcome: 'refused', failures: [] };
    },
    words({ view, diagnostics }) {
      const plan = view === null ? '' : renderPlan(view, { color: false, width: 100, verbose: true });
      const readSource = (file: string): string => readFileSync(join(directory, file), 'utf8');
      const words = renderDiagnostics(diagnostics, { color: false, width: 100, readSource });
      return [plan, words].filter((part) => part !== '').join('\n');
    },
  };
}
