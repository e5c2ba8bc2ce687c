import { createMask, type Mask } from '../../apply/secret-mask.ts';
import { createSemaphore } from '../../apply/semaphore.ts';
import { runCheck, type CheckResult } from '../../host/check.ts';
import { HostError, type Connection } from '../../host/connection.ts';
import type { Facts } from '../../host/facts.ts';
import type { HostLayout } from '../../host/layout.ts';
import type { HostObservation, ProbeRequest } from '../../host/observation.ts';
import type { CheckState, InstanceState } from '../../state/model.ts';
import type { ClusterReport, HostReport, InstanceReport } from './cluster-report.ts';
import { holdingFileSystem } from './holding-file-system.ts';
import { instanceRequests, judgeInstance, type InstanceLook } from './judge-instance.ts';
import { compareNatural } from './natural-order.ts';
import type { OpenCluster } from './open-cluster.ts';
import { within } from './within.ts';

/** A check is looked at once; one that takes longer is not healthy. */
const CHECK_TIMEOUT_MS = 5_000;
/** All questions to a host that let us in. */
const PROBE_TIMEOUT_MS = 15_000;
/** And to come in: the provider's own limits are shorter, this one is for what hangs all the same. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface LookOptions {
  /** Hosts asked at the same time. */
  readonly parallelism: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
  /** The look before this one, for what no host tells: since when an instance is as it is. */
  readonly previous?: ClusterReport | null;
  /** The run that goes on, wherever it was begun: what it has in hand is not left half done. */
  readonly currentRun?: string | null;
}

/**
 * One look at instances and their hosts: one probe per host, and the checks beside it over the same connection. Changes
 * nothing. A host that cannot be asked is told by its report and by rows of its instances; never rejects for one.
 */
export async function lookAtCluster(
  cluster: OpenCluster,
  instances: readonly InstanceState[],
  { parallelism, clock, signal, previous = null, currentRun = null }: LookOptions,
): Promise<ClusterReport> {
  const byHost = new Map<string, InstanceState[]>();
  for (const instance of instances) {
    const onHost = byHost.get(instance.host);
    if (onHost === undefined) byHost.set(instance.host, [instance]);
    else onHost.push(instance);
  }
  const semaphore = createSemaphore(parallelism);
  const mask = createMask(cluster.secrets);
  const looks = await Promise.all(
    [...byHost].map(([host, onHost]) =>
      semaphore.run(() => lookAtHost(cluster, host, onHost, currentRun, mask, signal)),
    ),
  );
  const time = clock();
  return {
    format: 1,
    time,
    cluster: cluster.state.cluster,
    instances: looks
      .flatMap((look) => look.instances)
      .map((instance) => withSince(instance, previous, time))
      .sort((a, b) => compareNatural(a.component, b.component) || a.index - b.index),
    hosts: looks.map((look) => look.host).sort((a, b) => compareNatural(a.address, b.address)),
  };
}

interface HostLook {
  readonly host: HostReport;
  readonly instances: readonly InstanceReport[];
}

async function lookAtHost(
  cluster: OpenCluster,
  address: string,
  instances: readonly InstanceState[],
  currentRun: string | null,
  mask: Mask,
  signal: AbortSignal | undefined,
): Promise<HostLook> {
  const name = cluster.state.hosts.get(address)?.name ?? null;
  const failed = (problem: string): HostLook => ({
    host: { ...UNKNOWN_HOST, address, name, problem },
    instances: instances.map((instance) => judgeInstance(instance, { problem })),
  });
  const missing = cluster.problems.find(({ host }) => host === address);
  if (missing !== undefined) return failed(`${missing.diagnostic.summary}. ${missing.diagnostic.detail}`);
  if (!cluster.hosts.has(address)) return failed('the state does not know how to reach this host');
  try {
    const { observation, checks } = await askHost(cluster, address, instances, signal);
    return {
      host: hostReport(address, name, observation, cluster.layoutOf(address)),
      instances: instances.map((instance) =>
        masked(
          judgeInstance(
            instance,
            { observation, checks: checks.get(instance.address) ?? NO_CHECKS },
            currentRun,
          ),
          mask,
        ),
      ),
    };
  } catch (error) {
    if (!(error instanceof HostError) || signal?.aborted === true) throw error;
    return failed(mask(problemWords(error)));
  }
}

const NO_CHECKS: InstanceLook['checks'] = new Map();

async function askHost(
  cluster: OpenCluster,
  host: string,
  instances: readonly InstanceState[],
  signal: AbortSignal | undefined,
): Promise<{
  readonly observation: HostObservation;
  readonly checks: ReadonlyMap<string, InstanceLook['checks']>;
}> {
  const session = cluster.sessionOf(host);
  const connection = await within(CONNECT_TIMEOUT_MS, host, 'did not let us in', session.connection());
  const requests: ProbeRequest[] = [{ probe: 'load' }, ...instances.flatMap(instanceRequests)];
  const checking = Promise.all(
    instances.map(
      async (instance) => [instance.address, await lookAtChecks(connection, instance, signal)] as const,
    ),
  );
  // Its failure is told by the probe, which goes the same way.
  checking.catch(() => undefined);
  const answers = Promise.all([session.probe(requests), checking]);
  const [observation, checks] = await within(
    PROBE_TIMEOUT_MS,
    host,
    'took the connection and did not answer any more',
    answers,
  );
  return { observation, checks: new Map(checks) };
}

/** All of an instance at once; none of one that is meant to be down. */
async function lookAtChecks(
  connection: Connection,
  { checks, stopped }: InstanceState,
  signal: AbortSignal | undefined,
): Promise<InstanceLook['checks']> {
  if (stopped === true) return NO_CHECKS;
  return new Map(
    await Promise.all(
      checks.map(async (check) => [check.name, await look(connection, check, signal)] as const),
    ),
  );
}

async function look(
  connection: Connection,
  { target, timeoutMs }: CheckState,
  signal: AbortSignal | undefined,
): Promise<CheckResult> {
  try {
    return await runCheck(connection, target, { timeoutMs: Math.min(timeoutMs, CHECK_TIMEOUT_MS), signal });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { healthy: false, why: error.message };
  }
}

function problemWords({ message, remedy }: HostError): string {
  const sentence = message.replace(/\.$/, '');
  return remedy === '' ? sentence : `${sentence}. ${remedy}`;
}

/** What programs of the host printed may hold what slipway told them in confidence. */
function masked(instance: InstanceReport, mask: Mask): InstanceReport {
  const { detail, checks } = instance;
  return {
    ...instance,
    detail: detail === null ? null : mask(detail),
    checks: checks.map((check) => (check.why === null ? check : { ...check, why: mask(check.why) })),
  };
}

/** Where no host tells since when: since the first look that found it so, if there was one before that did not. */
function withSince(instance: InstanceReport, previous: ClusterReport | null, time: number): InstanceReport {
  if (instance.sinceMs !== null || previous === null) return instance;
  const before = previous.instances.find(({ address }) => address === instance.address);
  if (before === undefined) return instance;
  return { ...instance, sinceMs: before.condition === instance.condition ? before.sinceMs : time };
}

const UNKNOWN_HOST = {
  cores: null,
  cpuPercent: null,
  memoryBytes: null,
  memoryUsedPercent: null,
  diskUsedPercent: null,
  uptimeSeconds: null,
} as const;

function hostReport(
  address: string,
  name: string | null,
  { facts, answers }: HostObservation,
  layout: HostLayout,
): HostReport {
  const load = answers.get('load');
  return {
    address,
    name,
    problem: null,
    cores: facts.cores,
    cpuPercent: load?.probe === 'load' ? load.cpuPercent : null,
    memoryBytes: facts.memoryBytes,
    memoryUsedPercent: usedPercent(facts.memoryAvailableBytes, facts.memoryBytes),
    diskUsedPercent: diskUsedPercent(facts, layout.instancesDir),
    uptimeSeconds: Math.round(facts.uptimeSeconds),
  };
}

function diskUsedPercent(facts: Facts, folder: string): number | null {
  const holding = holdingFileSystem(facts, folder);
  return holding === undefined
    ? null
    : usedPercent(holding.availableBytes, holding.usedBytes + holding.availableBytes);
}

function usedPercent(free: number, whole: number): number | null {
  return whole <= 0 ? null : Math.round((1 - free / whole) * 1000) / 10;
}
