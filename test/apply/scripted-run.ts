import { apply } from '../../src/apply/apply.ts';
import type { RunEvent } from '../../src/apply/events.ts';
import type { HostSession, SessionScript } from '../../src/host/session.ts';
import type { ScriptOutcome } from '../../src/host/script.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { JournalEntry } from '../../src/state/store.ts';

export interface Script {
  readonly host: string;
  readonly instance: string;
  readonly steps: readonly string[];
}

/** What a scripted run did, in the order it did it. */
export interface Trace {
  /** `start nats@a`, `end nats@a`, as scripts began and ended on hosts. */
  readonly order: string[];
  readonly scripts: Script[];
  readonly events: RunEvent[];
  readonly journal: JournalEntry[];
  readonly mostAtOnce: () => number;
  readonly outcome: string;
  readonly counts: { readonly succeeded: number; readonly failed: number; readonly skipped: number };
}

/** Applies a plan on hosts that answer in memory. `outcomes` decides by instance; others succeed. */
export async function runScripted(
  plan: Plan,
  options: {
    readonly outcomes?: Readonly<Record<string, readonly ScriptOutcome[]>>;
    readonly parallelism?: number;
    readonly stopping?: AbortController;
    readonly onStart?: (instance: string) => void;
  } = {},
): Promise<Trace> {
  const order: string[] = [];
  const scripts: Script[] = [];
  const events: RunEvent[] = [];
  const journal: JournalEntry[] = [];
  const outcomes = new Map(Object.entries(options.outcomes ?? {}).map(([name, list]) => [name, [...list]]));
  let running = 0;
  let most = 0;

  const session = (host: string): HostSession => ({
    host,
    connection: () => Promise.reject(new Error('the scripted host has no connection')),
    probe: () => Promise.reject(new Error('the scripted host is not probed')),
    adopt: () => Promise.resolve(null),
    close: () => Promise.resolve(),
    async run({ instance, steps }: SessionScript) {
      order.push(`start ${instance}`);
      scripts.push({ host, instance, steps: steps.map((step) => step.id) });
      options.onStart?.(instance);
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      order.push(`end ${instance}`);
      return outcomes.get(instance)?.shift() ?? { outcome: 'succeeded' };
    },
  });
  let time = 0;
  const result = await apply(plan, {
    run: 'run-1',
    sessionOf: session,
    observations: new Map(),
    journal: {
      append(entry) {
        journal.push(entry);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    emit: (event) => void events.push(event),
    clock: () => time++,
    stopping: (options.stopping ?? new AbortController()).signal,
    abort: new AbortController().signal,
    parallelism: options.parallelism ?? 64,
    hmac: (text) => text,
    logPathOf: (instance) => `${instance}.log`,
  });
  return {
    order,
    scripts,
    events,
    journal,
    mostAtOnce: () => most,
    outcome: result.outcome,
    counts: result.counts,
  };
}

export const FAILED: ScriptOutcome = {
  outcome: 'failed',
  step: 'file.config',
  code: 1,
  message: 'it broke',
  lastLines: ['no'],
};
