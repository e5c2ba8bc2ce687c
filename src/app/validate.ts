import { createHash } from 'node:crypto';
import path from 'node:path';
import { hasErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { distinct } from '../diagnostics/distinct.ts';
import type { HostLayout } from '../host/layout.ts';
import { findClaimConflicts } from '../plan/claims.ts';
import type { DesiredInstance } from '../plan/plan.ts';
import { createSourceReader } from '../resources/content.ts';
import { decodeInstance } from '../resources/decode.ts';
import { evaluateCluster } from '../spec/cluster.ts';
import type { HostDeclaration } from '../spec/model.ts';
import { openFileDigests, type FileDigests } from '../spec/file-digests.ts';
import { resolveVariables, type VariableArgument } from '../spec/variables.ts';
import type { Value } from '../spec/value.ts';
import { loadWorkspace, type Workspace } from '../spec/workspace.ts';
import { shadowWarnings } from './override/shadowing.ts';
import type { OfflinePorts } from './ports.ts';

/**
 * Checks all of a spec that can be known without its hosts. A variable without a value is unknown, and what depends on it is
 * checked as far as that goes. Reads no state and changes nothing. Resolves to every diagnostic, by place.
 */
export async function validateSpec(
  directory: string,
  variables: readonly VariableArgument[],
  ports: OfflinePorts,
): Promise<readonly Diagnostic[]> {
  const digests = openFileDigests(null);
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser: ports.parser, digests });
  const sources = { environment: ports.environment, arguments: variables, directory };
  const resolved = resolveVariables(workspace, sources);
  return distinct([
    ...diagnostics,
    ...resolved.diagnostics,
    ...checkWorkspace(workspace, resolved.values, directory, digests),
    ...shadowWarnings(workspace, resolved.values, sources),
  ]);
}

/** All that is wrong in a spec beyond its syntax, as far as its variables have values: what evaluation, kinds and claims say. */
export function checkWorkspace(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
  directory: string,
  digests: FileDigests,
): readonly Diagnostic[] {
  const layouts = new Map<string, HostLayout>();
  const layoutOf = (host: HostDeclaration): HostLayout => {
    const layout = layouts.get(host.address) ?? presumedLayout(host, directory);
    layouts.set(host.address, layout);
    return layout;
  };
  const evaluation = evaluateCluster(workspace, variables, {
    placements: new Map(),
    hmac: passingDigest,
    instanceDir: (component, host) => `${layoutOf(host).instancesDir}/${component}`,
  });
  const found: Diagnostic[] = [...evaluation.diagnostics];

  const known: DesiredInstance[] = [];
  const readSource = createSourceReader(digests);
  for (const address of evaluation.instances) {
    const { instance, diagnostics: problems } = evaluation.evaluateInstance(address, null);
    found.push(...problems);
    const { component, host, dir, unknowns } = instance;
    const declared = evaluation.cluster.components.get(component);
    const machine = evaluation.cluster.hosts.get(host);
    if (dir === null || unknowns.length > 0 || hasErrors(problems) || !declared || !machine) continue;
    const environment = { layout: layoutOf(machine), hmac: passingDigest, readSource };
    const decoded = decodeInstance(instance, environment);
    found.push(...decoded.diagnostics);
    const { definitionDigest, ignoreChanges, requires } = declared;
    const { resources } = decoded;
    known.push({ declaration: instance, dir, definitionDigest, resources, ignoreChanges, requires });
  }
  const contextOf = (host: string, instance: string) => {
    const layout = layouts.get(host) ?? ROOT_LAYOUT;
    const init = layout.confined ? ('none' as const) : ('systemd' as const);
    return { lineage: '', instance, init, layout, triggersDigest: '', hmac: passingDigest };
  };
  found.push(...findClaimConflicts(known, layouts, contextOf));
  return found;
}

/** Digests that nobody keeps need no key, so none is made. */
function passingDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const ROOT_LAYOUT: HostLayout = {
  stateDir: '/var/lib/slipway',
  secretsDir: '/run/slipway',
  instancesDir: '/opt/slipway',
  confined: false,
};

/** Where things would lie; the provider itself is not loaded for it, since only equal and unequal paths matter here. */
function presumedLayout({ address, provider }: HostDeclaration, directory: string): HostLayout {
  if (provider.provider !== 'local') return ROOT_LAYOUT;
  const own = path.join(directory, '.slipway', 'hosts', address);
  return {
    stateDir: path.join(own, 'state'),
    secretsDir: path.join(own, 'secrets'),
    instancesDir: path.join(own, 'instances'),
    confined: true,
  };
}
