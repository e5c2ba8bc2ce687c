/** Kinds of resource that a state may hold; the language's own list, kept apart so that state stands on nothing. */
export const RECORDED_KINDS = [
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
export type RecordedKind = (typeof RECORDED_KINDS)[number];

/** JSON values, as outputs hold them. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What slipway believes is installed. No secret ever stands in it. */
export interface State {
  /** Never changes during the life of a cluster; guards against applying another cluster's state. */
  readonly lineage: string;
  /** Counts writes. */
  readonly serial: number;
  readonly cluster: string | null;
  /** The user's own label of the last applied spec. */
  readonly specVersion: string | null;
  readonly hosts: ReadonlyMap<string, HostState>;
  readonly components: ReadonlyMap<string, ComponentState>;
  readonly instances: ReadonlyMap<string, InstanceState>;
  readonly outputs: ReadonlyMap<string, OutputState>;
  /** Successful deployments of this cluster, in all; absent in states of older versions. */
  readonly deployments?: number;
}

/** What the record of a host tells of the whole cluster, for the day its state is lost. */
export interface ClusterNote {
  readonly cluster: string | null;
  readonly specVersion: string | null;
  /** With the one that wrote it, as if it came off. */
  readonly deployments: number;
  /** In all, once that one came off. */
  readonly instances?: number;
}

export interface HostState {
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: 'ssh' | 'local';
  /** Connection settings; a secret stands as `{variable: NAME}`. */
  readonly settings: Readonly<Record<string, Json | { readonly variable: string }>>;
}

export interface ComponentState {
  readonly source: string;
  readonly definitionDigest: string;
  readonly dependsOn: readonly string[];
  readonly preventDestroy: boolean;
  readonly inputDigests: Readonly<Record<string, string>>;
  readonly update: {
    readonly canaries: number;
    readonly maxInFlight: { readonly unit: 'instances' | 'percent'; readonly amount: number };
    readonly watchSeconds: number;
  };
  /** What its definition asks of a host; absent in states of older versions. */
  readonly requires?: RequirementsState;
}

/** Minimums per instance; null: no demand. */
export interface RequirementsState {
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
  readonly os: readonly string[];
}

/** `failed` and `incomplete` instances are re-verified by the next apply; their record is never trusted. */
export type InstanceStatus = 'installed' | 'incomplete' | 'failed' | 'removing';

export interface InstanceState {
  readonly address: string;
  readonly component: string;
  readonly host: string;
  readonly index: number;
  readonly dir: string;
  readonly status: InstanceStatus;
  /** `slipway stop` was called for it: its services stay down until `slipway start`. Absent: they are meant to run. */
  readonly stopped?: true;
  /** Run that last changed it. */
  readonly run: string;
  readonly specVersion: string | null;
  readonly definitionDigest: string;
  readonly resources: readonly ResourceState[];
  readonly checks: readonly CheckState[];
  readonly endpoints: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly bind: string;
  }[];
  readonly logs: readonly {
    readonly name: string;
    readonly files: string | null;
    readonly unit: string | null;
  }[];
}

export interface ResourceState {
  readonly kind: RecordedKind;
  readonly address: string;
  readonly key: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
}

export interface CheckState {
  readonly name: string;
  readonly target:
    | { readonly type: 'tcp'; readonly address: string; readonly port: number }
    | { readonly type: 'http'; readonly url: string; readonly status: number | null }
    | { readonly type: 'command'; readonly command: string };
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** A sensitive output keeps no value. */
export type OutputState = { readonly sensitive: false; readonly value: Json } | { readonly sensitive: true };
