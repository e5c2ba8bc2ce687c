import { createSemaphore } from '../apply/semaphore.ts';
import { DiagnosticsError, runError, throwOnErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { canonicalAddress, looksLikeAddress } from '../spec/address.ts';
import { evaluateCluster } from '../spec/cluster.ts';
import type { HostDeclaration } from '../spec/model.ts';
import { providerOf } from '../spec/provider-settings.ts';
import { createSpecValues } from '../spec/spec-values.ts';
import { resolveVariables, type VariableArgument } from '../spec/variables.ts';
import { loadWorkspace } from '../spec/workspace.ts';
import { reachableDeclared } from './host-settings.ts';
import type { OfferedKeys, Ports } from './ports.ts';
import { surveyFailure } from './survey.ts';

/** What one host showed: its keys, or why it could not be asked. */
export type TrustSubject =
  | { readonly host: string; readonly offered: OfferedKeys }
  | { readonly host: string; readonly failure: Diagnostic };

/**
 * Asks hosts for their keys, without logging in. `names` are addresses, with or without a place in the spec, or names of host
 * blocks; none: every host of the spec that is reached over SSH. Throws `DiagnosticsError` for wrong input.
 */
export async function askForKeys(
  directory: string,
  names: readonly string[],
  variables: readonly VariableArgument[],
  ports: Ports,
): Promise<readonly TrustSubject[]> {
  const hosts = await hostsToTrust(directory, names, variables, ports);
  const access = ports.hostAccess(directory);
  const slots = createSemaphore(64);
  return Promise.all(
    hosts.map((host) =>
      slots.run(async (): Promise<TrustSubject> => {
        try {
          return { host: host.address, offered: await access.offeredKeys(reachableDeclared(host), {}) };
        } catch (error) {
          return { host: host.address, failure: surveyFailure(host.address, error) };
        }
      }),
    ),
  );
}

async function hostsToTrust(
  directory: string,
  names: readonly string[],
  variables: readonly VariableArgument[],
  ports: Ports,
): Promise<readonly HostDeclaration[]> {
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser: ports.parser });
  const sources = { environment: ports.environment, arguments: variables, directory };
  const { values, diagnostics: valueProblems } = resolveVariables(workspace, sources);
  throwOnErrors([...diagnostics, ...valueProblems]);
  // A variable without a value is no hindrance here: passwords are not needed to ask for a key.
  const placeNothing = { placements: new Map<string, never>(), instanceDir: () => null };
  const { cluster, diagnostics: problems } = evaluateCluster(workspace, values, {
    ...placeNothing,
    hmac: () => '',
  });
  throwOnErrors(problems);
  const declared = [...cluster.hosts.values()];
  const overSsh = declared.filter((host) => host.provider.provider === 'ssh');
  if (names.length === 0) {
    if (overSsh.length > 0) return overSsh;
    throw new DiagnosticsError([
      runError(
        'No host to trust',
        'No host of the spec is reached over SSH. Name one: slipway trust ADDRESS',
      ),
    ]);
  }
  const wrong: Diagnostic[] = [];
  const findings = {
    report: (diagnostic: Diagnostic) => void wrong.push(diagnostic),
    unknown: () => undefined,
  };
  /** A machine that stands nowhere in the spec is reached by the spec's defaults. */
  const undeclared = (address: string): HostDeclaration => {
    const { scope } = createSpecValues(workspace, values, placeNothing, findings);
    const provider = providerOf(address, null, workspace, scope, findings);
    return { address, name: null, labels: {}, provider, range: null };
  };
  const found = new Map<string, HostDeclaration>();
  for (const name of names) {
    const address = canonicalAddress(name);
    const known = declared.find((host) => host.name === name || host.address === address);
    if (known === undefined && (address === undefined || !looksLikeAddress(name))) {
      const candidates = declared.flatMap((host) => [
        host.address,
        ...(host.name === null ? [] : [host.name]),
      ]);
      const detail = `It is neither an address nor the name of a host block.${didYouMean(name, candidates)}`;
      wrong.push(runError(`No host is called "${name}"`, detail));
      continue;
    }
    const host = known ?? undeclared(address ?? name);
    if (host.provider.provider === 'ssh') found.set(host.address, host);
    else
      wrong.push(runError(`${name} has no host key`, 'It is reached by the provider "local", not over SSH.'));
  }
  throwOnErrors(wrong);
  return [...found.values()];
}
