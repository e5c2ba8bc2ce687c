import { randomUUID } from 'node:crypto';
import {
  DiagnosticsError,
  errorOnHost,
  hasErrors,
  throwOnErrors,
  type Diagnostic,
} from '../diagnostics/diagnostic.ts';
import { distinct } from '../diagnostics/distinct.ts';
import type { HostObservation } from '../host/observation.ts';
import type { HostLayout } from '../host/layout.ts';
import type { HostSession } from '../host/session.ts';
import type { DesiredInstance, Plan } from '../plan/plan.ts';
import { planChanges } from '../plan/plan-changes.ts';
import { applyMoves } from '../plan/moves.ts';
import { scopeFilter, type Scope, type Selector } from '../plan/scope.ts';
import { evaluateCluster, type ClusterEvaluation, type OutputValue } from '../spec/cluster.ts';
import type { PriorPlacement } from '../spec/model.ts';
import type { State, OutputState } from '../state/model.ts';
import { emptyState } from '../state/fold.ts';
import type { RecoveredRun, Store } from '../state/store.ts';
import { createSemaphore } from '../apply/semaphore.ts';
import { createSourceReader } from '../resources/content.ts';
import { kindOf } from '../resources/kinds.ts';
import { archiveFetches } from './archive-fetches.ts';
import { desiredInstances, type DesiredInstances } from './desired-instances.ts';
import { deploymentsSoFar } from './history-read.ts';
import { quotaProblems } from './history-quota.ts';
import { refuseForeignState } from './foreign-state.ts';
import { jsonOf } from './json-value.ts';
import { reachableDeclared, reachableHosts } from './host-settings.ts';
import type { Ports } from './ports.ts';
import type { LoadedProject } from './project.ts';
import { secretDigests } from './secret-digests.ts';
import { readScope } from './read-scope.ts';
import { sessionPool } from './session-pool.ts';
import { surveyFailure, surveyHost } from './survey.ts';
import { checkWorkspace } from './validate.ts';

export interface PlanRequest {
  readonly mode: 'apply' | 'destroy';
  /** As typed: `nats`, `nats@10.0.0.1`, `@10.0.0.1`. */
  readonly targets: readonly string[];
  readonly excludes: readonly string[];
  readonly replace: readonly string[];
  readonly refresh: boolean;
  /** Hosts asked at the same time; null: as the spec says, else 64. */
  readonly parallelism: number | null;
  readonly run: string;
  /** How hosts are connected to at first; default: several times, as their settings say. */
  readonly connectAttempts?: number;
  readonly connectTimeoutMs?: number;
  /** Lineage of a cluster that has no state yet: that of the saved plan which is to begin it. */
  readonly newLineage?: string;
  readonly signal?: AbortSignal;
  /** Asks for a secret that only a connection recorded in the state needs; undefined: nobody there. */
  readonly askSecret?: (variable: string, host: string) => Promise<string | undefined>;
  /** Told what is going on before there is a plan: "asking 20 hosts". */
  readonly onProgress?: (text: string) => void;
}

export const DEFAULT_PARALLELISM = 64;

/** A plan with all that its execution goes on with; `close` must be called whatever happens. */
export interface PreparedPlan {
  readonly plan: Plan;
  /** Errors forbid to apply it; warnings come along. */
  readonly diagnostics: readonly Diagnostic[];
  readonly state: State;
  readonly recovered: RecoveredRun | null;
  /** How many deployments of this cluster have succeeded before. */
  readonly deployments: number;
  readonly observations: ReadonlyMap<string, HostObservation>;
  readonly sessionOf: (host: string) => HostSession;
  readonly parallelism: number;
  readonly hmac: (text: string) => string;
  readonly evaluation: ClusterEvaluation | null;
  /** Fetches what the plan sends and names by URL; before the first change. Throws `DiagnosticsError`. */
  readonly fetchArchives: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Makes a plan: evaluates the spec, reads the state, asks the hosts, compares. Needs the state's lock. Changes nothing on
 * any host. Throws `DiagnosticsError` for wrong input, `StateError` for the state.
 */
export async function preparePlan(
  project: LoadedProject,
  store: Store,
  request: PlanRequest,
  ports: Ports,
): Promise<PreparedPlan> {
  const hmac = secretDigests(project.paths, ports.environment);
  const stored = await store.read();
  const lineage = stored?.state.lineage ?? request.newLineage ?? randomUUID();
  const state: State = stored?.state ?? emptyState(lineage);
  const deployments = await deploymentsSoFar(state, project.paths.history);
  const access = ports.hostAccess(project.paths.directory);
  const archives = archiveFetches(project.paths.archives);
  const layouts = new Map<string, HostLayout>();
  const layoutOf = (host: string): HostLayout => {
    const layout = layouts.get(host);
    if (layout === undefined) throw new Error(`no layout for host ${host}`);
    return layout;
  };

  const evaluation = request.mode === 'apply' ? evaluate(project, state, hmac, layouts, access) : null;
  if (evaluation !== null && hasErrors(evaluation.diagnostics)) {
    const all = checkWorkspace(
      project.workspace,
      project.variables,
      project.paths.directory,
      project.digests,
    );
    throw new DiagnosticsError(distinct([...evaluation.diagnostics, ...all]));
  }
  refuseForeignState(state, evaluation?.cluster.name ?? null, store.location);
  const { hosts, diagnostics: hostProblems } = await reachableHosts(evaluation, state, project, request);
  for (const host of hosts.values()) layouts.set(host.address, access.layout(host));
  const readSource = createSourceReader(project.digests);
  const desired =
    evaluation === null ? null : desiredInstances(evaluation, layoutOf, hmac, archives.blobOf, readSource);
  const wanted = new Set(evaluation?.instances);
  const moved = applyMoves(state, evaluation?.cluster.moves ?? [], (address) => wanted.has(address));

  const scope = readScope(request, evaluation, state);
  throwOnErrors(scope.diagnostics);
  const inScope = scopeFilter(scope.scope, request.mode, dependenciesOf(evaluation, moved.components));
  const priorInScope = [...moved.instances.values()].filter((i) => inScope(i.component, i.host));
  const parallelism = request.parallelism ?? evaluation?.cluster.parallelism ?? DEFAULT_PARALLELISM;

  const sessions = sessionPool(hosts, access, lineage, request, ports);
  const observations = new Map<string, HostObservation>();
  const problems: Diagnostic[] = [];
  const close = async (): Promise<void> => {
    await sessions.closeAll();
  };
  try {
    const touched = new Set(priorInScope.map((instance) => instance.host));
    for (const address of evaluation?.instances ?? []) {
      const at = address.indexOf('@');
      if (inScope(address.slice(0, at), address.slice(at + 1))) touched.add(address.slice(at + 1));
    }
    if (request.refresh) {
      throwOnErrors(
        hostProblems.filter((problem) => touched.has(problem.host)).map((problem) => problem.diagnostic),
      );
      request.onProgress?.(`asking ${touched.size} ${touched.size === 1 ? 'host' : 'hosts'}`);
      const slots = createSemaphore(parallelism);
      const survey = async (host: string): Promise<void> => {
        try {
          const subject = {
            host,
            session: sessions.of(host),
            layout: layoutOf(host),
            lineage,
            onAdopt: (run: string) =>
              request.onProgress?.(`${host}: waiting for a script that run ${run} left there`),
            prior: priorInScope.filter((instance) => instance.host === host),
            desired: (facts: Parameters<DesiredInstances['ofHost']>[1]) =>
              (desired?.ofHost(host, facts) ?? []).filter((i) => inScope(i.declaration.component, host)),
            context: (instance: string, init: HostObservation['facts']['init']) => ({
              lineage,
              instance,
              init,
              layout: layoutOf(host),
              triggersDigest: '',
              hmac,
            }),
          };
          observations.set(host, await surveyHost(subject));
        } catch (error) {
          problems.push(surveyFailure(host, error));
        }
      };
      await Promise.all([...touched].map((host) => slots.run(() => survey(host))));
      request.signal?.throwIfAborted();
    }
    // Asking a host may have told where things lie there (a home directory).
    throwOnErrors(desired?.diagnostics() ?? []);
    const unknown: Selector[] = [];
    for (const [address, facts] of desired?.waiting() ?? []) {
      const [component = '', host = ''] = address.split('@');
      if ((request.refresh && !observations.has(host)) || !inScope(component, host)) continue;
      unknown.push({ selects: 'instance', component, host });
      const detail = `${address} needs ${facts.join(', ')}, which only the host can tell. Plan without --refresh=false.`;
      problems.push(errorOnHost(host, 'Facts are not known', detail));
    }
    const unasked = request.refresh ? [...touched].filter((host) => !observations.has(host)) : [];
    const made = planChanges({
      mode: request.mode,
      lineage,
      state: stored?.state ?? null,
      unfinished: new Set(stored?.recovered?.unfinished ?? []),
      cluster: evaluation?.cluster ?? null,
      desired: withoutHosts(desired?.known() ?? new Map(), unasked),
      observations,
      refreshed: request.refresh,
      layouts,
      scope: withoutUnknown(scope.scope, unasked, unknown),
      outputs: outputStates(evaluation?.outputs ?? new Map()),
      hmac,
    });
    return {
      plan: made.plan,
      diagnostics: [
        ...project.warnings,
        ...problems,
        ...made.diagnostics,
        ...quotaProblems(evaluation?.cluster ?? null, made.plan, deployments),
      ],
      state,
      recovered: stored?.recovered ?? null,
      deployments,
      observations,
      sessionOf: sessions.of,
      parallelism,
      hmac,
      evaluation,
      fetchArchives: (signal) => archives.fetch(digestsToSend(made.plan), signal),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function digestsToSend(plan: Plan): ReadonlySet<string> {
  const digests = new Set<string>();
  for (const change of plan.changes) {
    if (change.action !== 'install' && change.action !== 'update') continue;
    for (const { action, resource } of change.resources) {
      if (action === 'none' || action === 'adopt') continue;
      for (const blob of kindOf(resource).blobs(resource)) digests.add(blob.digest);
    }
  }
  return digests;
}

/** Evaluates the spec with the places that instances have already. */
export function evaluate(
  project: LoadedProject,
  state: State,
  hmac: (text: string) => string,
  layouts: Map<string, HostLayout>,
  access: ReturnType<Ports['hostAccess']>,
): ClusterEvaluation {
  const placements = new Map<string, PriorPlacement>();
  // Also of those that leave: their indices are not given out again at once.
  const moved = applyMoves(state, project.workspace.moves, () => true);
  for (const [address, { index, dir }] of moved.instances) placements.set(address, { index, dir });
  return evaluateCluster(project.workspace, project.variables, {
    placements,
    hmac,
    instanceDir(component, host, facts) {
      const layout = layouts.get(host.address) ?? access.layout(reachableDeclared(host));
      layouts.set(host.address, layout);
      const dir = `${layout.instancesDir}/${component}`;
      if (!dir.startsWith('~/')) return dir;
      const home = facts?.['home'];
      return typeof home === 'string' ? home + dir.slice(1) : null;
    },
  });
}

function dependenciesOf(
  evaluation: ClusterEvaluation | null,
  recorded: State['components'],
): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, readonly string[]>();
  for (const [name, component] of recorded) result.set(name, component.dependsOn);
  for (const [name, component] of evaluation?.cluster.components ?? []) result.set(name, component.dependsOn);
  return result;
}

/** Hosts that could not be asked, and instances of which too little is known, are errors already; the rest of the plan is still shown. */
function withoutUnknown(scope: Scope, hosts: readonly string[], instances: readonly Selector[]): Scope {
  if (hosts.length === 0 && instances.length === 0) return scope;
  const excluded = hosts.map((host) => ({ selects: 'host', host }) as const);
  return { ...scope, excludes: [...scope.excludes, ...excluded, ...instances] };
}

function withoutHosts(
  desired: ReadonlyMap<string, DesiredInstance>,
  hosts: readonly string[],
): ReadonlyMap<string, DesiredInstance> {
  if (hosts.length === 0) return desired;
  return new Map([...desired].filter(([, instance]) => !hosts.includes(instance.declaration.host)));
}

export function outputStates(outputs: ReadonlyMap<string, OutputValue>): ReadonlyMap<string, OutputState> {
  return new Map(
    [...outputs].map(([name, { value, sensitive }]): [string, OutputState] => [
      name,
      sensitive ? { sensitive: true } : { sensitive: false, value: jsonOf(value) },
    ]),
  );
}
