import {
  DecodeError,
  listOf,
  numeric,
  oneOf,
  only,
  optional,
  orNull,
  recordOf,
  shape,
  text,
  truth,
  variant,
  whole,
  type Decoder,
} from './decode.ts';
import type {
  CheckState,
  ClusterNote,
  ComponentState,
  HostState,
  InstanceState,
  Json,
  OutputState,
  RequirementsState,
  ResourceState,
  State,
} from './model.ts';
import { RECORDED_KINDS } from './model.ts';

/** Version of the state format that this slipway writes, and the newest it reads. */
export const STATE_VERSION = 1;

const anything: Decoder<Json> = (value) => value as Json;
const scalar: Decoder<string | number | boolean | null> = (value, path) =>
  value === null || typeof value !== 'object'
    ? (value as string | number | boolean | null)
    : text(value, path);

const resource: Decoder<ResourceState> = shape<ResourceState>({
  kind: oneOf(...RECORDED_KINDS),
  address: text,
  key: text,
  attributes: recordOf(scalar),
});

const checkTarget = variant<CheckState['target']>('type', {
  tcp: shape<Extract<CheckState['target'], { type: 'tcp' }>>({
    type: oneOf('tcp'),
    address: text,
    port: whole,
  }),
  http: shape<Extract<CheckState['target'], { type: 'http' }>>({
    type: oneOf('http'),
    url: text,
    status: orNull(whole),
  }),
  command: shape<Extract<CheckState['target'], { type: 'command' }>>({
    type: oneOf('command'),
    command: text,
  }),
});

const instance: Decoder<InstanceState> = shape<InstanceState>({
  address: text,
  component: text,
  host: text,
  index: whole,
  dir: text,
  status: oneOf('installed', 'incomplete', 'failed', 'removing'),
  stopped: optional(only(true)),
  run: text,
  specVersion: orNull(text),
  definitionDigest: text,
  resources: listOf(resource),
  checks: listOf(
    shape<CheckState>({ name: text, target: checkTarget, intervalMs: numeric, timeoutMs: numeric }),
  ),
  endpoints: listOf(
    shape<InstanceState['endpoints'][number]>({ name: text, address: text, port: whole, bind: text }),
  ),
  logs: listOf(shape<InstanceState['logs'][number]>({ name: text, files: orNull(text), unit: orNull(text) })),
});

const component: Decoder<ComponentState> = shape<ComponentState>({
  source: text,
  definitionDigest: text,
  dependsOn: listOf(text),
  preventDestroy: truth,
  inputDigests: recordOf(text),
  update: shape<ComponentState['update']>({
    canaries: whole,
    maxInFlight: shape<ComponentState['update']['maxInFlight']>({
      unit: oneOf('instances', 'percent'),
      amount: numeric,
    }),
    watchSeconds: numeric,
  }),
  requires: optional(
    shape<RequirementsState>({
      cpu: orNull(numeric),
      memoryBytes: orNull(numeric),
      diskBytes: orNull(numeric),
      os: listOf(text),
    }),
  ),
});

const host: Decoder<HostState> = shape<HostState>({
  name: orNull(text),
  labels: recordOf(text),
  provider: oneOf('ssh', 'local'),
  settings: recordOf(anything),
});

const output: Decoder<OutputState> = (value, path) => {
  const { sensitive } = shape<{ sensitive: boolean }>({ sensitive: truth })(value, path);
  return sensitive ? { sensitive: true } : { sensitive: false, value: (value as { value: Json }).value };
};

interface StateDocument {
  readonly version: number;
  readonly lineage: string;
  readonly serial: number;
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly hosts: Readonly<Record<string, HostState>>;
  readonly components: Readonly<Record<string, ComponentState>>;
  readonly outputs: Readonly<Record<string, OutputState>>;
  readonly instances: readonly InstanceState[];
  readonly deployments?: number;
}

const document: Decoder<StateDocument> = shape<StateDocument>({
  version: whole,
  lineage: text,
  serial: whole,
  cluster: orNull(text),
  specVersion: orNull(text),
  hosts: recordOf(host),
  components: recordOf(component),
  outputs: recordOf(output),
  instances: listOf(instance),
  deployments: optional(whole),
});

const clusterNote = shape<ClusterNote>({
  cluster: orNull(text),
  specVersion: orNull(text),
  deployments: whole,
  instances: optional(whole),
});

/** State as the text of a file: one instance per line, so that two states can be compared with `diff`. */
export function encodeState(state: State): string {
  const { lineage, serial, cluster, specVersion, deployments } = state;
  const count = deployments === undefined ? {} : { deployments };
  const head = { version: STATE_VERSION, lineage, serial, cluster, specVersion, ...count };
  const lines = [
    ...Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`),
    `  "hosts": ${encodeMap(state.hosts)}`,
    `  "components": ${encodeMap(state.components)}`,
    `  "outputs": ${encodeMap(state.outputs)}`,
    `  "instances": [${[...state.instances.values()].map((i) => `\n    ${JSON.stringify(i)}`).join(',')}\n  ]`,
  ];
  return `{\n${lines.join(',\n')}\n}\n`;
}

function encodeMap(map: ReadonlyMap<string, unknown>): string {
  return `{${[...map].map(([name, value]) => `\n    ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',')}\n  }`;
}

/** Version of a state document, before anything else of it is believed. Throws `SyntaxError` or `DecodeError`. */
export function stateVersion(parsed: unknown): number {
  return shape<{ version: number }>({ version: whole })(parsed, '').version;
}

/** Throws `DecodeError`. */
export function decodeState(parsed: unknown): State {
  const decoded = document(parsed, '');
  const { lineage, serial, cluster, specVersion, hosts, components, outputs, instances, deployments } =
    decoded;
  instances.forEach(({ address, component: name, host: where }, i) => {
    if (address !== `${name}@${where}`) throw new DecodeError(`instances[${i}].address`, `${name}@${where}`);
  });
  return {
    lineage,
    serial,
    cluster,
    specVersion,
    hosts: new Map(Object.entries(hosts)),
    components: new Map(Object.entries(components)),
    outputs: new Map(Object.entries(outputs)),
    instances: new Map(instances.map((item) => [item.address, item])),
    ...(deployments === undefined ? {} : { deployments }),
  };
}

/** One instance, as the host record and the journal keep it. */
export function encodeInstance(state: InstanceState): string {
  return JSON.stringify(state);
}

/** Throws `SyntaxError` or `DecodeError`. */
export function decodeInstance(json: string): InstanceState {
  return instance(JSON.parse(json), '');
}

/** A component, as host records keep it. */
export function encodeComponent(state: ComponentState): string {
  return JSON.stringify(state);
}

/** Throws `SyntaxError` or `DecodeError`. */
export function decodeComponent(json: string): ComponentState {
  return component(JSON.parse(json), '');
}

export function encodeClusterNote(note: ClusterNote): string {
  return JSON.stringify(note);
}

/** Throws `SyntaxError` or `DecodeError`. */
export function decodeClusterNote(json: string): ClusterNote {
  return clusterNote(JSON.parse(json), '');
}

export const decoders = { instance, component, host, output };
