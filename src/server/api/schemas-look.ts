import type {
  CheckReport,
  ClusterReport,
  HostReport,
  InstanceReport,
  ServiceReport,
} from '../../app/operate/cluster-report.ts';
import type { HostHardware, Machine } from '../../app/operate/hardware.ts';
import type { ListedFile, LogListing } from '../../app/operate/list-logs.ts';
import type { ClockOffset } from '../../host/clock.ts';
import type { Disk } from '../../host/facts.ts';
import type { BlockDevice, NetworkInterface } from '../../host/hardware.ts';
import type { Fit } from '../../plan/preflight/fit.ts';
import type { HostAnswer, HostsAnswer } from './answers.ts';
import { list, number, object, oneOf, orNull, ref, text, truth, whole, type JsonSchema } from './schema.ts';

const milliseconds = whole('Milliseconds since 1970.');
const bytes = number('Bytes.');
const percent = number('0 to 100.');
const usage = {
  problem: orNull(text(), 'Why it could not be asked; null when it answered.'),
  cores: orNull(whole()),
  cpuPercent: orNull(number(), 'Of all processors, 0 to 100.'),
  memoryBytes: orNull(bytes),
  memoryUsedPercent: orNull(percent),
  diskUsedPercent: orNull(percent, 'Of the file system that holds the instances.'),
  uptimeSeconds: orNull(number()),
};

/** What is seen on hosts. */
export const LOOK_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ClusterReport: object<ClusterReport>(
    {
      format: { type: 'integer', enum: [1] },
      time: milliseconds,
      cluster: orNull(text()),
      instances: list(ref('Instance'), 'By component and index.'),
      hosts: list(ref('HostUsage'), 'By address.'),
    },
    'What a look at all hosts found, as `slipway status --json` prints it.',
  ),
  Instance: object<InstanceReport>({
    address: text('`backend@10.0.0.1`'),
    component: text(),
    host: text(),
    index: whole(),
    condition: oneOf(['running', 'stopped', 'failed', 'degraded', 'drifted', 'unreachable']),
    stoppedByUser: truth('It stays stopped until it is started.'),
    detail: orNull(text(), 'Why it is not simply running, in a sentence.'),
    sinceMs: orNull(milliseconds, 'Since when it is so: milliseconds since 1970.'),
    version: orNull(text()),
    cpuPercent: orNull(number(), 'Of one processor: 200 is two processors busy.'),
    memoryBytes: orNull(bytes),
    memoryPercent: orNull(percent, "Of its host's memory."),
    restarts: orNull(whole(), 'How often its services were started again by the host.'),
    services: list(ref('Service')),
    checks: list(
      object<CheckReport>({
        name: text(),
        healthy: orNull(truth(), 'null: not looked at.'),
        why: orNull(text()),
      }),
    ),
    endpoints: list(
      object<InstanceReport['endpoints'][number]>({ name: text(), address: text(), port: whole() }),
    ),
    drift: list(text(), 'What differs from what slipway put there.'),
    run: text('Run that last changed it.'),
  }),
  Service: object<ServiceReport>({
    resource: text('`service.backend`'),
    name: text('Of the unit.'),
    state: oneOf(['running', 'starting', 'stopped', 'failed', 'missing']),
    pid: orNull(whole()),
    sinceMs: orNull(milliseconds),
    restarts: orNull(whole()),
  }),
  HostUsage: object<HostReport>({ address: text(), name: orNull(text()), ...usage }),
  Hosts: object<HostsAnswer>({
    time: orNull(milliseconds, 'Of the look, milliseconds since 1970; null: nobody has looked yet.'),
    hosts: list(ref('Host'), 'By address.'),
  }),
  Host: object<HostAnswer>({
    address: text(),
    name: orNull(text()),
    instances: list(text(), 'What is placed there.'),
    usage: orNull(object<NonNullable<HostAnswer['usage']>>(usage), 'null: not looked at yet.'),
    hardware: orNull(
      object<Omit<HostHardware, 'address' | 'name'>>({
        problem: orNull(text(), 'Why it could not be asked.'),
        machine: orNull(ref('Machine')),
        fits: list(ref('Fit'), 'What its instances ask for, compared with what it has.'),
      }),
      'null: not looked at yet.',
    ),
  }),
  Machine: object<Machine>({
    hostname: text(),
    os: object<Machine['os']>({ id: text(), version: text(), name: text(), like: list(text()) }),
    arch: text(),
    kernel: text(),
    cores: whole(),
    cpuModel: text(),
    memoryBytes: bytes,
    memoryAvailableBytes: bytes,
    init: oneOf(['systemd', 'monit', 'none']),
    packageManager: oneOf(['apt', 'none']),
    virtualization: text(),
    uptimeSeconds: number(),
    disks: list(
      object<BlockDevice>({
        name: text(),
        sizeBytes: bytes,
        model: text(),
        rotational: orNull(truth()),
      }),
    ),
    fileSystems: list(
      object<Disk>({
        mount: text(),
        device: text(),
        type: text(),
        sizeBytes: bytes,
        usedBytes: bytes,
        availableBytes: bytes,
      }),
    ),
    interfaces: list(
      object<NetworkInterface>({
        name: text(),
        addresses: list(text()),
        mac: text(),
        state: text(),
        speedMbit: orNull(number()),
      }),
    ),
    swapBytes: bytes,
    clock: orNull(object<ClockOffset>({ offsetMs: number("Ahead of the server's."), roundTripMs: number() })),
  }),
  Fit: object<Fit>({
    what: oneOf(['cpu', 'memory', 'disk', 'os']),
    components: list(text()),
    needs: text(),
    has: text(),
    short: orNull(text(), 'By how much it falls short; null: it fits.'),
  }),
  Log: object<Omit<LogListing, 'content'> & { readonly content: unknown }>({
    instance: text(),
    host: text(),
    log: text('`server`, or `service.NAME` for what a service prints.'),
    askedMs: number("When it was asked, by the host's clock: milliseconds since 1970."),
    content: {
      oneOf: [
        {
          type: 'object',
          properties: {
            from: { const: 'files' },
            pattern: text(),
            files: list(object<ListedFile>({ path: text(), sizeBytes: bytes, modifiedMs: number() })),
          },
          required: ['from', 'pattern', 'files'],
        },
        {
          type: 'object',
          properties: { from: { const: 'journal' }, unit: text(), lastMs: orNull(number()) },
          required: ['from', 'unit', 'lastMs'],
        },
        {
          type: 'object',
          properties: { from: { const: 'nowhere' }, problem: text() },
          required: ['from', 'problem'],
        },
      ],
    },
  }),
};
