import { isIP } from 'node:net';
import { runCheck } from './check.ts';
import { HostError } from './connection.ts';
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
    const tried = await Promise.all(
      (addresses ?? [address]).map((one) => dial(connection, one, port, signal)),
    );
    const [why = `the host cannot resolve ${address}`] = tried.filter((each) => each !== null);
    const reached = tried.includes(null);
    return [probeKey(request), { probe: 'reach', reached, why: reached ? null : why }];
  };
  return new Map(await Promise.all(requests.map(ask)));
}

/** Why there is no connection; null: there was one. */
async function dial(
  connection: Connection,
  address: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const timeoutMs = REACH_TIMEOUT_MS;
  try {
    const stream = await connection.dial(address, port, {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    stream.on('error', () => undefined).destroy();
    return null;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.kind === 'timeout') return `there is no answer within ${timeoutMs / 1000} s`;
    if (error.kind === 'refused' || error.kind === 'unreachable') return error.message;
    if (error.kind !== 'forward-refused') throw error;
    const result = await runCheck(connection, { type: 'tcp', address, port }, { timeoutMs, signal });
    return result.healthy ? null : result.why;
  }
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
