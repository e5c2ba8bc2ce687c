import type { SourceRange } from '../diagnostics/diagnostic.ts';
import type { Condition, LimitName, TcpPlace } from './demands.ts';
import type { Value } from './value.ts';

/** The kinds of resource a definition may declare. */
export const RESOURCE_KINDS = [
  'package',
  'group',
  'user',
  'directory',
  'file',
  'link',
  'archive',
  'service',
  'script',
] as const;
export type ResourceKindName = (typeof RESOURCE_KINDS)[number];

/** `nats@10.10.101.182` */
export type InstanceAddress = string;

export function instanceAddress(component: string, host: string): InstanceAddress {
  return `${component}@${host}`;
}

/** A host of the spec. `address` is canonical: the identity of the machine. */
export interface HostDeclaration {
  readonly address: string;
  /** The label of its `host` block, or null. */
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: ProviderSettings;
  readonly range: SourceRange | null;
}

/** Settings of a provider after defaults and merges; a sensitive one carries the variable it came from so that state can name it. */
export interface ProviderSettings {
  readonly provider: 'ssh' | 'local';
  readonly settings: Readonly<Record<string, ProviderSetting>>;
}
export interface ProviderSetting {
  readonly value: Value;
  /** `db_password` when the value is sensitive and comes from `var.db_password`; null otherwise. */
  readonly variable: string | null;
}

/** How fast a component's existing instances may be changed. */
export interface UpdateRules {
  readonly canaries: number;
  readonly maxInFlight: { readonly unit: 'instances' | 'percent'; readonly amount: number };
  readonly watchSeconds: number;
}

export interface ComponentDeclaration {
  readonly name: string;
  readonly source: string;
  readonly range: SourceRange;
  /** SHA-256 over the definition's tree. */
  readonly definitionDigest: string;
  readonly description: string;
  /** In the order of the spec, no duplicates. */
  readonly hosts: readonly string[];
  /** Names of components this one depends on: references to endpoints and `depends_on`. */
  readonly dependsOn: readonly string[];
  readonly requires: Requirements;
  readonly update: UpdateRules;
  readonly ignoreChanges: readonly string[];
  readonly preventDestroy: boolean;
  /** Digest of every input's value (HMAC of a sensitive one), so that a plan can say which input changed. */
  readonly inputDigests: Readonly<Record<string, string>>;
}

/** Minimums per instance; null: no demand. */
export interface Requirements {
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
  readonly os: readonly string[];
  readonly ports: readonly number[];
  /** Names that the host itself must resolve. */
  readonly resolves: readonly string[];
  /** What the host itself must reach. */
  readonly reaches: readonly TcpPlace[];
  readonly sysctl: readonly ({ readonly name: string } & Condition)[];
  /** Hard limits of services; `Infinity`: unlimited. */
  readonly limits: readonly { readonly name: LimitName; readonly atLeast: number }[];
  readonly kernel: { readonly version: readonly Condition[]; readonly parameters: readonly string[] };
}

export const NO_REQUIREMENTS: Requirements = {
  cpu: null,
  memoryBytes: null,
  diskBytes: null,
  os: [],
  ports: [],
  resolves: [],
  reaches: [],
  sysctl: [],
  limits: [],
  kernel: { version: [], parameters: [] },
};

/** One component on one host, evaluated as far as its host's facts are known. */
export interface InstanceDeclaration {
  readonly address: InstanceAddress;
  readonly component: string;
  readonly host: string;
  readonly index: number;
  /** The instance's own directory; null while it depends on facts. */
  readonly dir: string | null;
  readonly resources: readonly ResourceDeclaration[];
  readonly checks: readonly CheckDeclaration[];
  readonly endpoints: readonly EndpointDeclaration[];
  readonly logs: readonly LogDeclaration[];
  /** Paths of facts that were needed and are not known; empty once the host was probed. */
  readonly unknowns: readonly string[];
}

/** A resource block after defaults, conversion and `for_each`; disabled ones are left out. */
export interface ResourceDeclaration {
  readonly kind: ResourceKindName;
  /** `file.config`, or `file.config["a"]` under `for_each`. Unique in the instance. */
  readonly address: string;
  readonly label: string;
  /** By attribute name as in docs/spec.md, every optional one present with its default (null where there is none). May hold Unknown and Sensitive. */
  readonly attributes: Readonly<Record<string, Value>>;
  readonly range: SourceRange;
}

export type CheckTarget =
  | { readonly type: 'tcp'; readonly address: string; readonly port: number }
  | { readonly type: 'http'; readonly url: string; readonly status: number | null }
  | { readonly type: 'command'; readonly command: string };
export interface CheckDeclaration {
  readonly name: string;
  readonly target: CheckTarget;
  readonly intervalMs: number;
  /** How long an instance may take to become healthy. */
  readonly timeoutMs: number;
}
export interface EndpointDeclaration {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly bind: string;
}
export interface LogDeclaration {
  readonly name: string;
  /** A glob of files, or a journald unit. */
  readonly source:
    { readonly type: 'files'; readonly path: string } | { readonly type: 'unit'; readonly unit: string };
}

/** Rename of a component: `moved { from, to }`. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** The whole spec, evaluated except for what depends on facts. */
export interface Cluster {
  readonly name: string | null;
  readonly version: string | null;
  readonly hosts: ReadonlyMap<string, HostDeclaration>;
  readonly components: ReadonlyMap<string, ComponentDeclaration>;
  /** Component names, dependencies before dependants. */
  readonly order: readonly string[];
  readonly moves: readonly Move[];
  readonly parallelism: number | null;
  /** How many deployments may succeed in all; null: any number. */
  readonly maxDeployments: number | null;
  readonly state: { readonly store: 'local'; readonly path: string };
  /** SHA-256 over the spec's files, definitions and the variable values (of sensitive ones the HMAC). */
  readonly digest: string;
  /** Variable values, for saved plans and history. */
  readonly variables: ReadonlyMap<string, { readonly value: Value; readonly sensitive: boolean }>;
}

/** What state knows of placements: indices and directories are fixed once given. Keyed by instance address after moves. */
export interface PriorPlacement {
  readonly index: number;
  readonly dir: string | null;
}
