import type { SourceRange } from '../diagnostics/diagnostic.ts';
import type { Blob, ScriptStep } from '../host/script.ts';
import type { HostObservation, ProbeRequest } from '../host/observation.ts';
import type { HostLayout } from '../host/layout.ts';
import type { RecordEntry } from '../host/record.ts';
import type { ResourceKindName } from '../spec/model.ts';

/** Flat, printable attributes of a resource: what state keeps, what a plan compares and shows. */
export type AttributeMap = Readonly<Record<string, AttributeValue>>;
export type AttributeValue = string | number | boolean | null;

/** What every desired resource has. */
interface DesiredBase {
  /** `file.config`, `file.config["a"]` */
  readonly address: string;
  readonly range: SourceRange;
}

export interface DesiredPackage extends DesiredBase {
  readonly kind: 'package';
  readonly name: string;
  /** A glob such as `2.9.*`; null: any version. */
  readonly version: string | null;
}
export interface DesiredGroup extends DesiredBase {
  readonly kind: 'group';
  readonly name: string;
  readonly gid: number | null;
  readonly system: boolean;
}
export interface DesiredUser extends DesiredBase {
  readonly kind: 'user';
  readonly name: string;
  readonly uid: number | null;
  readonly group: string | null;
  readonly groups: readonly string[];
  readonly home: string | null;
  readonly shell: string | null;
  readonly comment: string | null;
  readonly system: boolean;
}
export interface DesiredDirectory extends DesiredBase {
  readonly kind: 'directory';
  readonly path: string;
  readonly owner: string | null;
  readonly group: string | null;
  readonly mode: string;
  readonly onRemove: 'keep' | 'delete';
}
/** Text is rendered on the controller; a blob is a file of the definition, sent by its digest. */
export type Content =
  | { readonly type: 'text'; readonly text: string; readonly digest: string; readonly sensitive: boolean }
  | { readonly type: 'blob'; readonly blob: Blob };
export interface DesiredFile extends DesiredBase {
  readonly kind: 'file';
  readonly path: string;
  readonly content: Content;
  readonly owner: string | null;
  readonly group: string | null;
  readonly mode: string;
}
export interface DesiredLink extends DesiredBase {
  readonly kind: 'link';
  readonly path: string;
  readonly target: string;
}
export interface DesiredArchive extends DesiredBase {
  readonly kind: 'archive';
  readonly path: string;
  readonly blob: Blob;
  readonly format: 'tar.gz' | 'tar.xz' | 'zip';
  readonly strip: number;
  readonly owner: string | null;
  readonly group: string | null;
}
export interface DesiredService extends DesiredBase {
  readonly kind: 'service';
  readonly name: string;
  /** null: a unit that a package brought. */
  readonly command: string | null;
  readonly user: string | null;
  readonly group: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string | null;
  readonly drain: string | null;
  readonly reload: string | null;
  /** Addresses of the resources whose change restarts it, resolved: those above it, or `restart_on`. */
  readonly triggers: readonly string[];
  readonly enabledAtBoot: boolean;
  readonly stopTimeoutSeconds: number;
  /** The instance's directory: where the pidfile supervisor keeps its files. */
  readonly dir: string;
  /** Its instance was stopped with `slipway stop`: it stays down, at boot too; all else of it is kept as the spec wants. */
  readonly stopped?: true;
}
export interface DesiredScript extends DesiredBase {
  readonly kind: 'script';
  readonly once: boolean;
  readonly create: string;
  readonly unless: string | null;
  readonly destroy: string | null;
  /** Canonical JSON of the triggers, its digest; sensitive triggers go in by HMAC. */
  readonly triggersDigest: string;
  readonly secrets: ReadonlyMap<string, string>;
  readonly timeoutSeconds: number;
}

export type DesiredResource =
  | DesiredPackage
  | DesiredGroup
  | DesiredUser
  | DesiredDirectory
  | DesiredFile
  | DesiredLink
  | DesiredArchive
  | DesiredService
  | DesiredScript;

/** What only one instance may hold on a machine (`exclusive`), or what several may share when their attributes are equal. */
export interface Claim {
  /** Record key, as `file /etc/x`, `unit nats`. */
  readonly key: string;
  readonly exclusive: boolean;
}

/** What state keeps of a resource: enough to compare with a later spec and to remove it, without any secret. */
export interface RecordedResource {
  readonly kind: ResourceKindName;
  readonly address: string;
  /** Key in the host record. */
  readonly key: string;
  readonly attributes: AttributeMap;
}

/** What the host has of a resource. */
export type Observed =
  | { readonly state: 'absent' }
  /** `content` is the text of a file for its diff, null where it was not fetched. */
  | { readonly state: 'present'; readonly attributes: AttributeMap; readonly content: string | null }
  /**
   * Something else stands in its place that slipway must not touch: `what` says it in words. `remedy`: sentences on what to
   * do about it; without, moving it away is all there is.
   */
  | { readonly state: 'conflict'; readonly what: string; readonly remedy?: string }
  /** A script without `unless`: only the record tells. */
  | { readonly state: 'unobservable' };

export interface AttributeChange {
  readonly name: string;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
  /** Values must not be shown. */
  readonly sensitive: boolean;
}

/** Why a resource changes; the planner words it for people. */
export type Reason =
  | { readonly because: 'new' }
  | { readonly because: 'input-changed' }
  | { readonly because: 'drifted' }
  | { readonly because: 'missing' }
  | { readonly because: 'replace-requested' }
  | { readonly because: 'unfinished' } // a previous run failed or was killed in it
  | { readonly because: 'triggered'; readonly by: readonly string[] } // resources that changed
  | { readonly because: 'start-swallowed' } // triggers changed since its last successful start
  | { readonly because: 'not-running' }
  | { readonly because: 'stopped-by-user' } // it runs, although `slipway stop` was called for it
  | { readonly because: 'removed-from-spec' };

/** What a plan does to one resource. */
export type ResourceChange =
  | { readonly action: 'create'; readonly resource: DesiredResource; readonly reason: Reason }
  /**
   * Existed before slipway and is as wanted: only the record learns of it. `takenOver`: it was slipway's on another host (a
   * `once` script), so nothing of it was there before slipway.
   */
  | { readonly action: 'adopt'; readonly resource: DesiredResource; readonly takenOver?: boolean }
  | {
      readonly action: 'update';
      readonly resource: DesiredResource;
      readonly attributes: readonly AttributeChange[];
      /** Unified diff of a text file, null where there is none to show. */
      readonly diff: string | null;
      readonly reason: Reason;
      readonly observed: Observed;
    }
  /** Service: started, restarted, reloaded or stopped without any other change. */
  | {
      readonly action: 'start' | 'restart' | 'reload' | 'stop';
      readonly resource: DesiredService;
      readonly reason: Reason;
    }
  /** Script: `create` runs. */
  | { readonly action: 'run'; readonly resource: DesiredScript; readonly reason: Reason }
  | { readonly action: 'none'; readonly resource: DesiredResource };

/** What a plan takes off. `fate` is what becomes of the thing on the host. */
export interface ResourceRemoval {
  readonly action: 'remove';
  readonly recorded: RecordedResource;
  readonly reason: Reason;
  readonly fate:
    | { readonly fate: 'deleted' }
    | { readonly fate: 'restored' } // what was there before slipway comes back
    | {
        readonly fate: 'kept';
        readonly why: 'adopted' | 'shared' | 'on_remove';
        readonly entries: number | null;
        readonly bytes: number | null;
      }
    | { readonly fate: 'gone' }; // not there any more: only the record is cleaned
}

/** What a kind is told of the place it works in. */
export interface KindContext {
  readonly lineage: string;
  readonly instance: string;
  readonly init: 'systemd' | 'monit' | 'none';
  /** Where slipway keeps its own things on this host; `confined` under the local provider. */
  readonly layout: HostLayout;
  /** Digest over the resource's triggers, for services; '' for others. */
  readonly triggersDigest: string;
  /** Digests of blobs that one resource of the whole plan for this host uses: it may take the file instead of a copy. */
  readonly soleBlobs?: ReadonlySet<string>;
  /** Maps sensitive text to the digest that state may keep. */
  readonly hmac: (text: string) => string;
}

/**
 * One kind of resource: a pure module. Facts in, commands out; nothing here talks to a host.
 * `D` is its member of `DesiredResource`.
 */
export interface ResourceKind<D extends DesiredResource> {
  readonly kind: D['kind'];
  /** Shell functions its steps call; sent once per script that uses the kind. */
  readonly functions: string;
  /** Key in the host record: `file /etc/x`, `script api@10.0.0.1/script.schema`. */
  key(resource: D, context: KindContext): string;
  claims(resource: D): readonly Claim[];
  /** For state and comparison; sensitive content only as `hmac:...`. */
  attributes(resource: D, context: KindContext): AttributeMap;
  /** What to ask a host about a desired resource. */
  probe(resource: D, context: KindContext): readonly ProbeRequest[];
  observe(resource: D, observation: HostObservation, context: KindContext): Observed;
  /** Compares desired with observed; `prior` is what state recorded (null: new), `entry` what the host recorded. */
  diff(
    resource: D,
    observed: Observed,
    prior: RecordedResource | null,
    entry: RecordEntry | null,
    context: KindContext,
  ): ResourceChange;
  /** The step that makes it so; asserts that it finds what the plan saw, or the finished result. `secrets` collects sensitive content by file name. */
  apply(
    change: ResourceChange & { resource: D },
    entry: RecordEntry | null,
    context: KindContext,
    secrets: Map<string, string | Uint8Array>,
  ): ScriptStep | null;
  /** Content that must lie on the host before `apply`. */
  blobs(resource: D): readonly Blob[];
  /** What to ask before removing. */
  probeRecorded(recorded: RecordedResource, context: KindContext): readonly ProbeRequest[];
  planRemoval(
    recorded: RecordedResource,
    observation: HostObservation,
    context: KindContext,
  ): ResourceRemoval['fate'];
  remove(removal: ResourceRemoval, entry: RecordEntry | null, context: KindContext): ScriptStep | null;
}
