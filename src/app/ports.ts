import type { Connection } from '../host/connection.ts';
import type { HostLayout } from '../host/layout.ts';
import type { HostSession, SessionOptions } from '../host/session.ts';
import type { HclParser } from '../spec/hcl/parse.ts';
import type { Store } from '../state/store.ts';
import type { Value } from '../spec/value.ts';

/** A host with bare settings, ready to connect: secrets are revealed here and nowhere before. */
export interface ReachableHost {
  readonly address: string;
  readonly provider: 'ssh' | 'local';
  readonly settings: Readonly<Record<string, Value>>;
}

/** How hosts are reached; `src/main.ts` puts the providers behind it. */
export interface HostAccess {
  /** Where slipway's things lie on the host, known without connecting. */
  layout(host: ReachableHost): HostLayout;
  connect(host: ReachableHost, options: { signal?: AbortSignal }): Promise<Connection>;
  /** Asks a host for its keys without logging in. Rejects with `HostError`. */
  offeredKeys(host: ReachableHost, options: { signal?: AbortSignal }): Promise<OfferedKeys>;
}

/** The keys a host shows, before anybody trusted them. */
export interface OfferedKeys {
  /** The name under which they are recorded: the address, or `[address]:port`. */
  readonly name: string;
  /** The file into which `record` writes. */
  readonly knownHostsPath: string;
  readonly keys: readonly OfferedKey[];
  /** Records the keys of these fingerprints that are not known yet. */
  record(fingerprints: ReadonlySet<string>): Promise<void>;
}

export interface OfferedKey {
  /** `ssh-ed25519` */
  readonly type: string;
  /** `SHA256:...` */
  readonly fingerprint: string;
  readonly status: 'known' | 'unknown' | 'changed' | 'revoked';
}

/** What is needed where no host is asked: loading it loads no provider. */
export interface OfflinePorts {
  readonly parser: HclParser;
  readonly store: (path: string) => Store;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `user@machine`, for locks and history. */
  readonly owner: string;
}

/** Everything the use cases need from outside; wired once in `src/main.ts`. */
export interface Ports extends OfflinePorts {
  /** `directory` is the working directory of the spec. */
  readonly hostAccess: (directory: string) => HostAccess;
  /** Works on hosts in another way than over a connection, for tests. */
  readonly openSession?: (options: SessionOptions) => HostSession;
}

/** Makes the ports, each when it is first asked for. */
export interface Wiring {
  readonly offline: () => Promise<OfflinePorts>;
  readonly ports: () => Promise<Ports>;
}
