import type { Connection } from '../host/connection.ts';
import type { HostLayout } from '../host/layout.ts';
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
}

/** Everything the use cases need from outside; wired once in `src/main.ts`. */
export interface Ports {
  readonly parser: HclParser;
  readonly store: (path: string) => Store;
  /** `directory` is the working directory of the spec. */
  readonly hostAccess: (directory: string) => HostAccess;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `user@machine`, for locks and history. */
  readonly owner: string;
}
