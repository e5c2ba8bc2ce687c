import { resourcesOfHosts, type HostResources } from '../../app/operate/host-resources.ts';
import type { HostOutcome } from '../../app/operate/each-host.ts';
import { newRunId } from '../../app/run-id.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { Placement } from './placements.ts';

const PARALLELISM = 64;
const KIB = 1024;
const MIB = KIB * KIB;

/** An answer of `GET /deployment-engine/hardware`. */
export interface HardwareRow {
  readonly Comp: string;
  readonly IP: string;
  /** Cores. */
  readonly CPU: number;
  /** KiB */
  readonly RAM: number;
  /** MB of 1,048,576 bytes, to one decimal: of the file system that instances lie on. */
  readonly DISK: number;
}

/** Hardware of the hosts of these placements. One that does not answer has none of it: no demand is met there. */
export async function hardwareRows(
  placements: readonly Placement[],
  use: ServerUseCases,
  signal: AbortSignal,
): Promise<readonly HardwareRow[]> {
  const found = await ask(placements, use, signal);
  return placements.map((placement) => rowOf(placement, found.get(placement.host)?.value ?? NOTHING));
}

/** The same of one; rejects with `HttpError` 502 when its host does not answer. */
export async function hardwareRow(
  placement: Placement,
  use: ServerUseCases,
  signal: AbortSignal,
): Promise<HardwareRow> {
  const outcome = (await ask([placement], use, signal)).get(placement.host);
  if (outcome?.failure === null) return rowOf(placement, outcome.value);
  const detail = [outcome?.failure.message.replace(/\.$/, ''), outcome?.failure.remedy]
    .filter((part) => part !== undefined && part !== '')
    .join('. ');
  throw new HttpError(502, `${placement.host} cannot be asked`, detail);
}

const NOTHING: HostResources = { cores: 0, memoryBytes: 0, diskBytes: 0 };

async function ask(
  placements: readonly Placement[],
  { directory, variables, ports, clock }: ServerUseCases,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HostOutcome<HostResources>>> {
  const hosts = [...new Set(placements.map(({ host }) => host))];
  const request = { run: newRunId(clock()), variables, parallelism: PARALLELISM, signal, clock };
  const outcomes = await resourcesOfHosts(directory, hosts, request, ports);
  return new Map(outcomes.map((outcome) => [outcome.host, outcome]));
}

function rowOf(
  { component, host }: Placement,
  { cores, memoryBytes, diskBytes }: HostResources,
): HardwareRow {
  return {
    Comp: component,
    IP: host,
    CPU: cores,
    RAM: Math.round(memoryBytes / KIB),
    DISK: Math.round((diskBytes / MIB) * 10) / 10,
  };
}
