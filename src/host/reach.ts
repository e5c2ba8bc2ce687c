import { isIP } from 'node:net';
import { runCheck } from './check.ts';
import type { Connection } from './connection.ts';
import { probeKey } from './observation.ts';
import type { ProbeAnswer, ProbeRequest } from './observation.ts';

export type ReachRequest = Extract<ProbeRequest, { probe: 'reach' }>;
type ReachAnswer = Extract<ProbeAnswer, { probe: 'reach' }>;

/** Longer than a lost first packet takes to be sent again. */
const REACH_TIMEOUT_MS = 3_000;

/**
 * Asks what a host reaches, all at the same time and through the connection: no process starts there. A name waits for
 * `addressesOf`: sshd would resolve it itself, and stand still for that long. Rejects with `HostError` when the connection fails.
 */
export async function askReaches(
  connection: Connection,
  requests: readonly ReachRequest[],
  addressesOf: (name: string) => Promise<readonly string[] | null>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ReachAnswer>> {
  const ask = async (request: ReachRequest): Promise<readonly [string, ReachAnswer]> => {
    const { address, port } = request;
    const addresses = isIP(address) === 0 ? await addressesOf(address) : [address];
    const results = await Promise.all(
      (addresses ?? [address]).map((one) =>
        runCheck(connection, { type: 'tcp', address: one, port }, { timeoutMs: REACH_TIMEOUT_MS, signal }),
      ),
    );
    const reached = results.some((result) => result.healthy);
    const [why = `${connection.host} cannot resolve ${address}`] = results.flatMap((result) =>
      result.healthy ? [] : [result.why],
    );
    return [probeKey(request), { probe: 'reach', reached, why: reached ? null : why }];
  };
  return new Map(await Promise.all(requests.map(ask)));
}

/** Requests with those for the addresses of names that shall be reached. */
export function withNames(requests: readonly ProbeRequest[]): readonly ProbeRequest[] {
  const names = requests.flatMap((request): readonly ProbeRequest[] =>
    request.probe === 'reach' && isIP(request.address) === 0
      ? [{ probe: 'resolve', name: request.address }]
      : [],
  );
  return names.length === 0 ? requests : [...requests, ...names];
}
