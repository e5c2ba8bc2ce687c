import type { Connection } from '../../../src/host/connection.ts';

/** What a provider brings to the suite. */
export interface ConnectionUnderTest {
  /** Opens a connection as an ordinary user of the provider would. */
  connect(options?: { signal?: AbortSignal }): Promise<Connection>;
  /** Breaks the given connection from outside, as a network or a host does; absent where that cannot happen. */
  readonly sever?: (connection: Connection) => Promise<void>;
  close(): Promise<void>;
}

/** The behaviour every `Connection` shares, as a suite: `connectionConformance('ssh', setup)`. */
export function connectionConformance(_name: string, _setup: () => Promise<ConnectionUnderTest>): void {
  throw new Error('not written yet');
}
