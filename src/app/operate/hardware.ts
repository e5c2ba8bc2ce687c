import { measureClock, type ClockOffset } from '../../host/clock.ts';
import type { Connection } from '../../host/connection.ts';
import type { Facts } from '../../host/facts.ts';
import type { HardwareObservation } from '../../host/hardware.ts';
import { probeHost } from '../../host/probe.ts';
import { fitOf, type Fit, type Need } from '../../plan/preflight/fit.ts';
import type { State } from '../../state/model.ts';
import { onEachHost, type EachHostOptions } from './each-host.ts';
import type { OpenCluster } from './open-cluster.ts';

const PROBE_TIMEOUT_MS = 15_000;

/** What hosts consist of, and whether that is enough; JSON-serialisable. */
export interface HardwareReport {
  readonly format: 1;
  /** Milliseconds since 1970 by the controller's clock. */
  readonly time: number;
  readonly cluster: string | null;
  /** By address. */
  readonly hosts: readonly HostHardware[];
}

export interface HostHardware {
  readonly address: string;
  readonly name: string | null;
  /** Why it could not be asked; null when it answered. */
  readonly problem: string | null;
  /** null when it did not answer. */
  readonly machine: Machine | null;
  /** What its instances ask for, compared with what it has. */
  readonly fits: readonly Fit[];
}

export interface Machine
  extends HardwareObservation, Omit<Facts, 'disks' | 'clockSeconds' | 'uid' | 'home' | 'bootId'> {
  /** null: the host does not tell its time. */
  readonly clock: ClockOffset | null;
}

/** Asks hosts of a cluster, and compares them with what the state says is on them. Changes nothing. */
export async function hardwareOfCluster(
  cluster: OpenCluster,
  hosts: readonly string[],
  options: EachHostOptions,
): Promise<HardwareReport> {
  const { state } = cluster;
  const outcomes = await onEachHost(cluster, hosts, options, (connection) =>
    machineOf(connection, options.clock, options.signal),
  );
  return {
    format: 1,
    time: options.clock(),
    cluster: state.cluster,
    hosts: outcomes.map(({ host, value, failure }): HostHardware => {
      const name = state.hosts.get(host)?.name ?? null;
      if (failure !== null) {
        const message = failure.message.replace(/\.$/, '');
        const problem = failure.remedy === '' ? message : `${message}. ${failure.remedy}`;
        return { address: host, name, problem, machine: null, fits: [] };
      }
      const { machine, facts } = value;
      return { address: host, name, problem: null, machine, fits: fitOf(facts, needsOn(state, host)) };
    }),
  };
}

/** What one machine consists of, whether anything of ours is there or not. Throws `HostError`. */
export async function machineOf(
  connection: Connection,
  clock: () => number,
  signal?: AbortSignal,
): Promise<{ readonly machine: Machine; readonly facts: Facts }> {
  const { facts, answers } = await probeHost(connection, [{ probe: 'hardware' }], {
    timeoutMs: PROBE_TIMEOUT_MS,
    signal,
  });
  const answer = answers.get('hardware');
  if (answer?.probe !== 'hardware') throw new Error(`the hardware of ${connection.host} was not probed`);
  const { disks: _disks, clockSeconds: _clock, uid: _uid, home: _home, bootId: _boot, ...rest } = facts;
  // After the probe: nothing else of ours runs there by now.
  return {
    facts,
    machine: { ...rest, ...answer.found, clock: await measureClock(connection, clock, signal) },
  };
}

function needsOn(state: State, host: string): readonly Need[] {
  return [...state.instances.values()].flatMap(({ host: address, component, dir }) => {
    const requires = state.components.get(component)?.requires;
    return address === host && requires !== undefined ? [{ component, dir, requires }] : [];
  });
}
