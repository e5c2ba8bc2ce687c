import { createSemaphore } from '../../apply/semaphore.ts';
import {
  DiagnosticsError,
  errorOnHost,
  runError,
  throwOnErrors,
  type Diagnostic,
} from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { HostObservation } from '../../host/observation.ts';
import { canonicalAddress, looksLikeAddress } from '../../spec/address.ts';
import { evaluateCluster, type ClusterEvaluation } from '../../spec/cluster.ts';
import type { HostDeclaration } from '../../spec/model.ts';
import { providerOf } from '../../spec/provider-settings.ts';
import { createSpecValues } from '../../spec/spec-values.ts';
import { reachableDeclared } from '../host-settings.ts';
import type { Ports } from '../ports.ts';
import { DEFAULT_PARALLELISM } from '../prepare-plan.ts';
import type { LoadedProject } from '../project.ts';
import { sessionPool } from '../session-pool.ts';
import { surveyFailure } from '../survey.ts';

/** Which hosts are asked for their records. */
export interface RecordsRequest {
  readonly run: string;
  /** Addresses beside those of the spec. */
  readonly hosts: readonly string[];
  /** Hosts of the spec that are not asked: addresses or names. */
  readonly excludes: readonly string[];
  /** Hosts that do not answer are left out; else they are an error. */
  readonly partial: boolean;
  readonly parallelism: number | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/** What hosts have on their records. */
export interface HostRecords {
  readonly declarations: ReadonlyMap<string, HostDeclaration>;
  readonly observations: ReadonlyMap<string, HostObservation>;
  /** Left out by request. */
  readonly excluded: readonly string[];
  /** Left out because they did not answer, with the reason. */
  readonly unreachable: readonly Diagnostic[];
}

/**
 * Asks the hosts of a spec, and others, for their records; changes nothing on them. Throws `DiagnosticsError` for unknown hosts,
 * and for those that do not answer or are being worked on, unless they are left out.
 */
export async function readRecords(
  project: LoadedProject,
  evaluation: ClusterEvaluation,
  request: RecordsRequest,
  ports: Ports,
): Promise<HostRecords> {
  const { declarations, excluded } = hostsToAsk(project, evaluation, request);
  const reachable = new Map([...declarations].map(([address, host]) => [address, reachableDeclared(host)]));
  const access = ports.hostAccess(project.paths.directory);
  // Nothing is locked: what lineage it is shows only now.
  const sessions = sessionPool(reachable, access, 'rebuild', { ...request, connectAttempts: 1 }, ports);
  const slots = createSemaphore(request.parallelism ?? evaluation.cluster.parallelism ?? DEFAULT_PARALLELISM);
  const observations = new Map<string, HostObservation>();
  const unreachable: Diagnostic[] = [];
  const busy: Diagnostic[] = [];
  request.onProgress?.(`asking ${declarations.size} ${declarations.size === 1 ? 'host' : 'hosts'}`);
  const askOne = async (address: string): Promise<void> => {
    try {
      const observation = await sessions.of(address).probe([]);
      const { holder } = observation.lock;
      if (holder?.scriptRunning === true) busy.push(isBusy(address, holder.owner, holder.run));
      observations.set(address, observation);
    } catch (error) {
      unreachable.push(surveyFailure(address, error));
    }
  };
  try {
    await Promise.all([...declarations.keys()].map((address) => slots.run(() => askOne(address))));
    request.signal?.throwIfAborted();
  } finally {
    await sessions.closeAll();
  }
  if (busy.length > 0) throw new DiagnosticsError(busy);
  if (unreachable.length > 0 && !request.partial) {
    const detail =
      'What is installed there would be missing in the state. Mend them, or leave them out with --exclude=HOST, or all that do not answer with --partial.';
    throw new DiagnosticsError([...unreachable, runError('Not every host tells what it has', detail)]);
  }
  return { declarations, observations, excluded, unreachable };
}

/** The spec with its hosts; indices are those of the spec alone. Throws `DiagnosticsError`. */
export function evaluateHosts(project: LoadedProject, hmac: (text: string) => string): ClusterEvaluation {
  const evaluation = evaluateCluster(project.workspace, project.variables, {
    placements: new Map(),
    instanceDir: () => null,
    hmac,
  });
  throwOnErrors(evaluation.diagnostics);
  return evaluation;
}

function hostsToAsk(
  { workspace, variables }: LoadedProject,
  evaluation: ClusterEvaluation,
  request: RecordsRequest,
): { readonly declarations: ReadonlyMap<string, HostDeclaration>; readonly excluded: readonly string[] } {
  const declarations = new Map(evaluation.cluster.hosts);
  const wrong: Diagnostic[] = [];
  const findings = {
    report: (diagnostic: Diagnostic) => void wrong.push(diagnostic),
    unknown: () => undefined,
  };
  for (const name of request.hosts) {
    const address = canonicalAddress(name);
    if (address === undefined || !looksLikeAddress(name)) {
      wrong.push(
        runError(
          `"${name}" is no address`,
          '--host takes the address of a machine that stands not in the spec.',
        ),
      );
    } else if (!declarations.has(address)) {
      // Reached by the defaults of the spec, as `trust` does.
      const placements = new Map<string, never>();
      const { scope } = createSpecValues(
        workspace,
        variables,
        { placements, instanceDir: () => null },
        findings,
      );
      const provider = providerOf(address, null, workspace, scope, findings);
      declarations.set(address, { address, name: null, labels: {}, provider, range: null });
    }
  }
  const excluded: string[] = [];
  for (const name of request.excludes) {
    const bare = name.replace(/^@/, '');
    const found = [...declarations.values()].find(
      (host) => host.name === bare || host.address === (canonicalAddress(bare) ?? bare),
    );
    if (found === undefined) {
      const known = [...declarations.values()].flatMap((host) => [
        host.address,
        ...(host.name === null ? [] : [host.name]),
      ]);
      wrong.push(
        runError(`No host is called "${bare}"`, `The spec does not know it.${didYouMean(bare, known)}`),
      );
    } else {
      declarations.delete(found.address);
      excluded.push(found.address);
    }
  }
  throwOnErrors(wrong);
  return { declarations, excluded };
}

function isBusy(host: string, owner: string, run: string): Diagnostic {
  return errorOnHost(
    host,
    'Host is being worked on',
    `A script of run ${run} (${owner}) runs there. Wait for its end, then run this again.`,
  );
}
