import { readVersion } from '../../app/history-read.ts';
import { StalePlan } from '../../app/plan-file.ts';
import { projectPaths } from '../../app/project-paths.ts';
import type { DeskPlan, PlanOrder, RunOrder } from '../../app/serve/run-desk.ts';
import { validateSpec } from '../../app/validate.ts';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { hasChanges } from '../../plan/view.ts';
import type { PowerAction } from '../../resources/service-power.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { PlanAnswer, RunStarted, ValidateAnswer } from './answers.ts';
import { known } from './known.ts';
import { BASE_PATH, type Handler } from './operation.ts';
import { untilGone } from './stream.ts';

export const PLAN_HANDLERS: Readonly<
  Record<'validate' | 'plan' | 'keptPlan' | 'rollback' | 'beginRun', Handler>
> = {
  async validate(_request, _reply, { use }): Promise<ValidateAnswer> {
    const diagnostics = await validateSpec(use.directory, use.variables, use.ports);
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    return {
      valid: !hasErrors(diagnostics),
      errors,
      warnings: diagnostics.length - errors,
      diagnostics,
    };
  },

  async plan(request, reply, { use, closing }) {
    const { does = 'apply', ...selection } = (request.body ?? {}) as Partial<PlanOrder>;
    return planAnswer(await use.desk.plan({ does, ...selection }, untilGone(reply, closing)));
  },

  keptPlan(request, _reply, { use }) {
    const { plan } = request.params as { plan: string };
    return Promise.resolve(planAnswer(keptPlan(use, plan)));
  },

  async rollback(request, reply, { use, closing }) {
    const { version } = request.body as { version: number };
    await known(() => readVersion(projectPaths(use.directory).history, version));
    return planAnswer(await use.desk.plan({ does: 'apply', version }, untilGone(reply, closing)));
  },

  async beginRun(request, reply, { use }): Promise<RunStarted> {
    const order = orderOf(request.body as RunBody, use);
    try {
      const { id } = await use.desk.begin(order);
      request.auditNote = `run ${id}`;
      void reply.code(202).header('location', `${BASE_PATH}/runs/${id}`);
      return { run: id };
    } catch (error) {
      if (!(error instanceof StalePlan)) throw error;
      throw new HttpError(409, 'The plan is stale', `${error.reasons.join('; ')}. Make a plan anew.`);
    }
  },
};

interface RunBody {
  readonly does: 'apply' | 'destroy' | PowerAction;
  readonly plan?: string;
  readonly selectors?: readonly string[];
}

function orderOf({ does, plan, selectors }: RunBody, use: ServerUseCases): RunOrder {
  if (does === 'apply' || does === 'destroy') {
    if (selectors !== undefined)
      throw new HttpError(400, 'A plan has its selection', 'Give `targets` when the plan is made.');
    const kept = keptPlan(use, plan ?? '');
    if (kept.order.does !== does)
      throw new HttpError(400, `The plan is no ${does}`, `It was made for: ${kept.order.does}.`);
    return { does: 'planned', plan: kept.digest };
  }
  if (plan !== undefined) throw new HttpError(400, `A ${does} goes by no plan`, 'Give `selectors` only.');
  return { does, selectors: selectors ?? [] };
}

function keptPlan({ desk }: ServerUseCases, digest: string): DeskPlan {
  const plan = desk.planned(digest);
  if (plan !== null) return plan;
  throw new HttpError(404, 'There is no such plan', 'It was never made here, or is forgotten. Make it anew.');
}

function planAnswer({ digest, order, view, diagnostics }: DeskPlan): PlanAnswer {
  return { plan: digest, does: order.does, order, changes: hasChanges(view), view, diagnostics };
}
