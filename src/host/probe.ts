import { randomBytes } from 'node:crypto';
import type { Connection } from './connection.ts';
import { probeKey } from './observation.ts';
import type { HostObservation, ProbeRequest } from './observation.ts';
import { parseProbe } from './probe-output.ts';
import { mergeRequests, PROBE_BOOTSTRAP, probeProgram } from './probe-program.ts';
import { askReaches, withNames, type ReachRequest } from './reach.ts';

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /** As root where the provider becomes root. Default true. */
  readonly privileged?: boolean;
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/**
 * One probe over an open connection: one program on the host; what the host reaches is tried at the same time, by the
 * connection. Changes nothing there. Rejects with `HostError`; nothing is tried again.
 */
export async function probeHost(
  connection: Connection,
  requests: readonly ProbeRequest[],
  { signal, privileged = true, timeoutMs }: ProbeOptions = {},
): Promise<HostObservation> {
  const all = mergeRequests(withNames(requests));
  const reaches = all.filter((request): request is ReachRequest => request.probe === 'reach');
  const asked = all.filter(({ probe }) => probe !== 'reach');
  const nonce = randomBytes(16).toString('hex');
  const observing = connection
    .exec({
      program: PROBE_BOOTSTRAP,
      stdin: probeProgram(connection.layout, asked, nonce),
      privileged,
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    .then((result) => parseProbe(connection.host, asked, result, nonce));
  const addressesOf = async (name: string): Promise<readonly string[] | null> => {
    const answer = (await observing).answers.get(probeKey({ probe: 'resolve', name }));
    return answer?.probe === 'resolve' ? answer.addresses : null;
  };
  const [observation, reached] = await Promise.all([
    observing,
    askReaches(connection, reaches, addressesOf, signal),
  ]);
  return { ...observation, answers: new Map([...observation.answers, ...reached]) };
}
