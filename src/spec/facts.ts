import { nested, shape } from './schema/references.ts';
import type { Shape } from './schema/references.ts';
import { Unknown } from './value.ts';
import type { Value, ValueObject } from './value.ts';

/** `host.facts` of a probed host: the attributes of docs/spec.md, in snake case. */
export type FactsValue = ValueObject;

/** What a probe must say for `factsValue`. What changes by itself (free memory, uptime) is no fact here: a file made of it would never be at rest. */
export interface ProbedFacts {
  readonly hostname: string;
  readonly os: {
    readonly id: string;
    readonly version: string;
    readonly name: string;
    readonly like: readonly string[];
  };
  readonly arch: string;
  readonly kernel: string;
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryBytes: number;
  readonly disks: readonly {
    readonly mount: string;
    readonly device: string;
    readonly type: string;
    readonly sizeBytes: number;
  }[];
  readonly init: string;
  readonly packageManager: string;
  readonly virtualization: string;
  readonly uid: number;
  readonly home: string;
}

/** Names under `host.facts`, for docs and for messages. */
export const FACTS: readonly {
  readonly name: string;
  readonly type: string;
  readonly description: string;
}[] = [
  { name: 'hostname', type: 'string', description: 'Its own name.' },
  {
    name: 'os',
    type: 'object',
    description: '`id` ("debian"), `version` ("12"), `name` and `like` (a list), as in `/etc/os-release`.',
  },
  { name: 'arch', type: 'string', description: 'As `uname -m` says: "x86_64", "aarch64".' },
  { name: 'kernel', type: 'string', description: 'As `uname -r` says.' },
  { name: 'cores', type: 'number', description: 'Number of cores.' },
  { name: 'cpu_model', type: 'string', description: 'Model of the processor.' },
  { name: 'memory_bytes', type: 'number', description: 'All of its memory.' },
  {
    name: 'disks',
    type: 'list(object)',
    description: 'Mounted disks: `mount`, `device`, `type`, `size_bytes`.',
  },
  { name: 'init', type: 'string', description: '"systemd", "monit" or "none".' },
  { name: 'package_manager', type: 'string', description: '"apt" or "none".' },
  {
    name: 'virtualization',
    type: 'string',
    description: 'Kind of virtual machine or container; "" when unknown.',
  },
  { name: 'uid', type: 'number', description: 'Number of the user that slipway works as.' },
  { name: 'home', type: 'string', description: 'Home directory of that user.' },
];
const OS_NAMES = ['id', 'version', 'name', 'like'];

/** What a probe says of a host as a value of the language: names in snake case (`memoryBytes` is `host.facts.memory_bytes`). */
export function factsValue(facts: ProbedFacts): FactsValue {
  const { id, version, name, like } = facts.os;
  return plain({
    hostname: facts.hostname,
    os: plain({ id, version, name, like }),
    arch: facts.arch,
    kernel: facts.kernel,
    cores: facts.cores,
    cpu_model: facts.cpuModel,
    memory_bytes: facts.memoryBytes,
    disks: facts.disks.map(({ mount, device, type, sizeBytes }) =>
      plain({ mount, device, type, size_bytes: sizeBytes }),
    ),
    init: facts.init,
    package_manager: facts.packageManager,
    virtualization: facts.virtualization,
    uid: facts.uid,
    home: facts.home,
  });
}

/** The facts of a host that was not probed: every one of them unknown, by its name. */
export function unknownFacts(): FactsValue {
  const unknown = (path: string) => new Unknown(`host.facts.${path}`);
  const os = plain(Object.fromEntries(OS_NAMES.map((name) => [name, unknown(`os.${name}`)])));
  return plain({ ...Object.fromEntries(FACTS.map(({ name }) => [name, unknown(name)])), os });
}

export function factsShape(): Shape {
  return nested('fact', [
    ...FACTS.map(({ name }) => [name, null] as const),
    ['os', shape('attribute of host.facts.os', OS_NAMES)],
  ]);
}

/** An object of the language has no prototype. */
export function plain(object: Record<string, Value>): ValueObject {
  return Object.assign(Object.create(null) as Record<string, Value>, object);
}
