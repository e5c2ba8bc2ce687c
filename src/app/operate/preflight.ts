import { createHash } from 'node:crypto';
import path from 'node:path';
import { createSemaphore } from '../../apply/semaphore.ts';
import { DiagnosticsError, hasErrors, throwOnErrors, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { distinct } from '../../diagnostics/distinct.ts';
import type { HostLayout } from '../../host/layout.ts';
import { findClaimConflicts } from '../../plan/claims.ts';
import { applyMoves } from '../../plan/moves.ts';
import { compareHosts } from '../../plan/plan-changes.ts';
import { PREFLIGHT_CHECKS, type PreflightFinding } from '../../plan/preflight/finding.ts';
import { parseSelectors, selects } from '../../plan/scope.ts';
import { createSourceReader } from '../../resources/content.ts';
import type { Cluster } from '../../spec/model.ts';
import { emptyState } from '../../state/fold.ts';
import { archiveFetches } from '../archive-fetches.ts';
import { desiredInstances } from '../desired-instances.ts';
import { reachableDeclared } from '../host-settings.ts';
import type { Ports } from '../ports.ts';
import { DEFAULT_PARALLELISM, evaluate } from '../prepare-plan.ts';
import type { LoadedProject } from '../project.ts';
import { checkWorkspace } from '../validate.ts';
import { preflightHost } from './preflight-host.ts';

export interface PreflightRequest {
  /** As typed; none: all hosts of the spec. */
  readonly selectors: readonly string[];
  /** Hosts asked at the same time; null: as the spec says, else 64. */
  readonly parallelism: number | null;
  readonly signal?: AbortSignal;
}

/** What preflight found. JSON-serialisable. */
export interface PreflightReport {
  readonly format: 1;
  /** Nothing failed: an apply may begin. */
  readonly ready: boolean;
  /** By address. */
  readonly hosts: readonly HostPreflight[];
  /** What is wrong in the spec itself, whatever its hosts are like: two that claim one thing. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface HostPreflight {
  readonly address: string;
  readonly name: string | null;
  /** What is placed there, as far as it is selected. */
  readonly components: readonly string[];
  /** By check. */
  readonly findings: readonly PreflightFinding[];
}

/**
 * Asks every host of the spec whether it can carry what is placed there; works where nothing was ever applied. Takes no lock and
 * writes nothing, neither on hosts nor here. Throws `DiagnosticsError` for a wrong spec and unknown selectors, `StateError` for a
 * damaged state.
 */
export async function preflight(
  project: LoadedProject,
  request: PreflightRequest,
  ports: Ports,
): Promise<PreflightReport> {
  const { paths, workspace, digests } = project;
  const stored = await ports.store(path.resolve(paths.directory, workspace.state.path)).read();
  const state = stored?.state ?? emptyState('');
  const access = ports.hostAccess(paths.directory);
  const layouts = new Map<string, HostLayout>();
  const evaluation = evaluate(project, state, passingDigest, layouts, access);
  if (hasErrors(evaluation.diagnostics)) {
    const all = checkWorkspace(workspace, project.variables, paths.directory, digests);
    throw new DiagnosticsError(distinct([...evaluation.diagnostics, ...all]));
  }
  const { cluster } = evaluation;
  const reachable = new Map([...cluster.hosts].map(([address, host]) => [address, reachableDeclared(host)]));
  for (const [address, host] of reachable) layouts.set(address, access.layout(host));
  const layoutOf = (host: string): HostLayout => {
    const layout = layouts.get(host);
    if (layout === undefined) throw new Error(`no layout for host ${host}`);
    return layout;
  };
  const archives = archiveFetches(paths.archives);
  const readSource = createSourceReader(digests);
  const desired = desiredInstances(evaluation, layoutOf, passingDigest, archives.blobOf, readSource);
  const wanted = new Set(evaluation.instances);
  const prior = [...applyMoves(state, cluster.moves, (address) => wanted.has(address)).instances.values()];

  const { inScope, hosts } = readSelection(request.selectors, cluster, evaluation.instances);
  const slots = createSemaphore(request.parallelism ?? cluster.parallelism ?? DEFAULT_PARALLELISM);
  const look = async (address: string): Promise<HostPreflight> => {
    const host = reachable.get(address);
    if (host === undefined) throw new Error(`host ${address} is not declared`);
    const installed = prior.filter((instance) => instance.host === address);
    const found = await preflightHost({
      host,
      layout: layoutOf(address),
      lineage: state.lineage,
      connect: (reach) =>
        access.connect(reach, request.signal === undefined ? {} : { signal: request.signal }),
      desired: (facts) =>
        desired
          .ofHost(address, facts)
          .filter(
            ({ declaration }) =>
              inScope(declaration.component, address) ||
              installed.some((instance) => instance.address === declaration.address),
          ),
      load: {
        prior: installed,
        inScope: (component) => inScope(component, address),
        changes: () => true,
      },
      clock: ports.clock,
      signal: request.signal,
    });
    request.signal?.throwIfAborted();
    return {
      address,
      name: cluster.hosts.get(address)?.name ?? null,
      components: evaluation.instances
        .filter((instance) => instance.endsWith(`@${address}`))
        .map((instance) => instance.slice(0, instance.indexOf('@')))
        .filter((component) => inScope(component, address)),
      findings: found.toSorted((a, b) => orderOf(a) - orderOf(b)),
    };
  };
  const looked = await Promise.all(hosts.map((host) => slots.run(() => look(host))));
  const claims = findClaimConflicts(desired.known().values(), layouts, (host, instance) => {
    const layout = layoutOf(host);
    const init = layout.confined ? ('none' as const) : ('systemd' as const);
    return { lineage: state.lineage, instance, init, layout, triggersDigest: '', hmac: passingDigest };
  });
  const diagnostics = distinct([...project.warnings, ...desired.diagnostics(), ...claims]);
  const ready =
    !hasErrors(diagnostics) &&
    looked.every(({ findings }) => findings.every(({ verdict }) => verdict !== 'fail'));
  return { format: 1, ready, hosts: looked, diagnostics };
}

function readSelection(
  texts: readonly string[],
  cluster: Cluster,
  instances: readonly string[],
): { readonly inScope: (component: string, host: string) => boolean; readonly hosts: readonly string[] } {
  const hostNames = new Map<string, string>();
  for (const [address, { name }] of cluster.hosts) if (name !== null) hostNames.set(name, address);
  const { selectors, diagnostics } = parseSelectors(texts, {
    components: new Set(cluster.components.keys()),
    instances: new Set(instances),
    hosts: new Set(cluster.hosts.keys()),
    hostNames,
  });
  throwOnErrors(diagnostics);
  const all = selectors.length === 0;
  const inScope = (component: string, host: string): boolean =>
    all || selectors.some((selector) => selects(selector, component, host));
  const hosts = new Set(all ? cluster.hosts.keys() : []);
  for (const selector of selectors) if (selector.selects === 'host') hosts.add(selector.host);
  for (const address of instances) {
    const at = address.indexOf('@');
    if (inScope(address.slice(0, at), address.slice(at + 1))) hosts.add(address.slice(at + 1));
  }
  return { inScope, hosts: [...hosts].sort(compareHosts) };
}

function orderOf({ check }: PreflightFinding): number {
  return PREFLIGHT_CHECKS.indexOf(check);
}

/** Nothing is compared with these digests, so that no key is made for them. */
function passingDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
