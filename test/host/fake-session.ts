import type { HostSession } from '../../src/host/session.ts';
import type { HostObservation } from '../../src/host/observation.ts';
import type { ScriptOutcome } from '../../src/host/script.ts';
import type { SessionScript } from '../../src/host/session.ts';
import type { ProbeRequest } from '../../src/host/observation.ts';

export interface FakeHostOptions {
  readonly host: string;
  /** What the next probe finds; default: an empty Debian machine that answers every request with "not there". */
  readonly observe?: (requests: readonly ProbeRequest[]) => Partial<HostObservation>;
  /** How a script ends; default succeeded. */
  readonly outcome?: (script: SessionScript) => ScriptOutcome | Promise<ScriptOutcome>;
}

export interface FakeHostSession extends HostSession {
  /** Every script that was run, in order. */
  readonly scripts: readonly SessionScript[];
  readonly probes: number;
  readonly closed: boolean;
}

/** A host in memory that answers at once: for tests and benchmarks of the engine. */
export function fakeSession(_options: FakeHostOptions): FakeHostSession {
  throw new Error('not written yet');
}
