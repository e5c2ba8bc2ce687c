import {
  checkClock,
  checkHostname,
  checkInit,
  checkSpace,
  HOSTNAME_REQUEST,
} from '../../plan/preflight/machine.ts';
import { checkHost } from '../../plan/preflight/check-host.ts';
import { failedHost } from '../../plan/preflight/failed-host.ts';
import { findingsOn, type PreflightCheck, type PreflightFinding } from '../../plan/preflight/finding.ts';
import { preflightRequests, type HostLoad } from '../../plan/preflight/host-load.ts';
import {
  checkPackageSources,
  packageRequests,
  sourceRequests,
} from '../../plan/preflight/package-sources.ts';
import type { DesiredInstance } from '../../plan/plan.ts';
import { HostError, type Connection } from '../../host/connection.ts';
import type { Facts } from '../../host/facts.ts';
import type { HostLayout } from '../../host/layout.ts';
import type { HostObservation, ProbeRequest } from '../../host/observation.ts';
import { probeHost } from '../../host/probe.ts';
import { probeInRounds } from '../survey.ts';
import type { ReachableHost } from '../ports.ts';

/** The slowest a host may answer a whole probe: many names, packages and commands. */
const PROBE_TIMEOUT_MS = 60_000;
const CLOCK_TIMEOUT_MS = 10_000;

/** One host to look at. */
export interface PreflightSubject {
  readonly host: ReachableHost;
  readonly layout: HostLayout;
  /** Of the cluster; '' before there is one. */
  readonly lineage: string;
  readonly connect: (host: ReachableHost) => Promise<Connection>;
  /** The host's instances as far as its facts are known. */
  readonly desired: (facts: Facts | null) => readonly DesiredInstance[];
  readonly load: Pick<HostLoad, 'prior' | 'inScope' | 'changes'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** All that can be said of a host before anything is put there. Writes nothing; what fails is a finding. */
export async function preflightHost(subject: PreflightSubject): Promise<readonly PreflightFinding[]> {
  const { host } = subject;
  let connection: Connection;
  try {
    connection = await subject.connect(host);
  } catch (error) {
    return [failure(error)];
  }
  const answered: PreflightFinding[] = [];
  try {
    if (!subject.layout.confined) answered.push(...(await greet(connection, subject)));
    return [...answered, ...(await examine(connection, subject))];
  } catch (error) {
    return [...answered, failure(error)];
  } finally {
    await connection.close().catch(() => undefined);
  }
}

function failure(error: unknown): PreflightFinding {
  if (error instanceof HostError) return failedHost(error);
  throw error;
}

/** By now the host let us in. Its clock is read on the way, and half of the round trip taken off. */
async function greet(
  connection: Connection,
  { host: { address }, clock, signal }: PreflightSubject,
): Promise<readonly PreflightFinding[]> {
  const { pass } = findingsOn(address);
  const sentAt = clock();
  const result = await connection.exec({
    program: 'date +%s.%N',
    privileged: false,
    timeoutMs: CLOCK_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const receivedAt = clock();
  const findings = [
    pass('reachability', `answers in ${Math.max(1, receivedAt - sentAt)} ms`),
    pass('host-key', 'known'),
    pass('credentials', 'accepted'),
  ];
  // A date without %N gives whole seconds: half a second is as good as any.
  const [, seconds, fraction] = /^(\d+)\.(\d*)/.exec(result.stdout.toString()) ?? [];
  if (seconds === undefined) return findings;
  const hostMs =
    Number(seconds) * 1000 +
    (fraction === '' || fraction === undefined ? 500 : Number(`0.${fraction}`) * 1000);
  return [...findings, checkClock(address, hostMs - (sentAt + receivedAt) / 2, receivedAt - sentAt)];
}

async function examine(
  connection: Connection,
  subject: PreflightSubject,
): Promise<readonly PreflightFinding[]> {
  try {
    return judge(await ask(connection, subject, true), subject);
  } catch (error) {
    if (!(error instanceof HostError) || error.kind !== 'become') throw error;
    // What else is amiss there can be seen without root, all but what depends on who asks.
    const seen = judge(await ask(connection, subject, false), subject);
    return [failedHost(error), ...seen.filter(({ check }) => !AS_ROOT.has(check))];
  }
}

const AS_ROOT: ReadonlySet<PreflightCheck> = new Set(['root', 'init', 'lock', 'ownership', 'limits']);

/** What the answers mean, by the checks of every plan and by those of a machine that nobody has worked on yet. */
function judge(observation: HostObservation, subject: PreflightSubject): readonly PreflightFinding[] {
  const { address } = subject.host;
  const load: HostLoad = {
    ...subject.load,
    host: address,
    observation,
    desired: subject.desired(observation.facts),
  };
  const findings = checkHost(load, subject.lineage);
  if (subject.layout.confined) return findings.filter(({ check }) => !REAL_MACHINES.has(check));
  return [
    findingsOn(address).pass('shell', 'sh understands slipway'),
    ...findings,
    ...checkHostname(load),
    ...checkInit(load),
    ...checkSpace(load, subject.layout),
    ...checkPackageSources(load),
  ];
}

/** What makes no sense under `local`. */
const REAL_MACHINES: ReadonlySet<PreflightCheck> = new Set(['root', 'packages']);

/** Rounds, since facts decide what instances want, and an answer where packages come from. */
function ask(
  connection: Connection,
  { desired, layout, signal }: PreflightSubject,
  privileged: boolean,
): Promise<HostObservation> {
  return probeInRounds(
    (requests) => probeHost(connection, requests, { signal, privileged, timeoutMs: PROBE_TIMEOUT_MS }),
    (observation): readonly ProbeRequest[] => {
      const instances = desired(observation?.facts ?? null);
      if (layout.confined) return preflightRequests(instances);
      return [
        ...preflightRequests(instances),
        ...packageRequests({ desired: instances }),
        ...(observation === null ? [] : sourceRequests(observation)),
        HOSTNAME_REQUEST,
      ];
    },
  );
}
