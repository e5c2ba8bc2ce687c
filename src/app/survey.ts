import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { errorOnHost } from '../diagnostics/diagnostic.ts';
import { HostError } from '../host/connection.ts';
import { serviceInit, type Facts } from '../host/facts.ts';
import type { HostLayout } from '../host/layout.ts';
import { probeKey, type HostObservation, type ProbeRequest } from '../host/observation.ts';
import { mergeRequests, tellsAll } from '../host/probe-program.ts';
import type { HostSession } from '../host/session.ts';
import type { KindContext } from '../resources/resource.ts';
import { kindNamed, kindOf } from '../resources/kinds.ts';
import { summaryOf } from '../plan/preflight/failed-host.ts';
import { preflightRequests } from '../plan/preflight/host-load.ts';
import type { DesiredInstance } from '../plan/plan.ts';
import type { InstanceState } from '../state/model.ts';

/** Asking goes in rounds: facts may decide what there is to ask next. */
const MAX_ROUNDS = 3;

/** What shall be found out about one host. */
export interface SurveySubject {
  readonly host: string;
  readonly session: HostSession;
  readonly layout: HostLayout;
  readonly lineage: string;
  /** Told when a script that a killed run of ours has left is waited for. */
  readonly onAdopt: (run: string) => void;
  readonly prior: readonly InstanceState[];
  /** The host's desired instances as far as its facts are known. */
  readonly desired: (facts: Facts | null) => readonly DesiredInstance[];
  readonly context: (instance: string, init: Facts['init']) => KindContext;
}

/**
 * Asks one host all that planning needs, in one round trip where facts decide nothing. Waits for a script that a killed run
 * of this cluster has left there. Throws `HostError`.
 */
export async function surveyHost(subject: SurveySubject): Promise<HostObservation> {
  const first = await askInRounds(subject);
  const { holder } = first.lock;
  if (holder === null || !holder.scriptRunning || holder.lineage !== subject.lineage) return first;
  // A run of ours was killed here and its script goes on: what it leaves is what counts.
  subject.onAdopt(holder.run);
  await subject.session.adopt(first, () => undefined);
  return askInRounds(subject);
}

function askInRounds(subject: SurveySubject): Promise<HostObservation> {
  return probeInRounds(
    (requests) => subject.session.probe(requests),
    (observation) => requestsFor(subject, observation),
  );
}

/** Asks what `requestsFor` wants to know, and again while an answer makes it want more. At least once. */
export async function probeInRounds(
  probe: (requests: readonly ProbeRequest[]) => Promise<HostObservation>,
  requestsFor: (observation: HostObservation | null) => readonly ProbeRequest[],
): Promise<HostObservation> {
  let observation: HostObservation | null = null;
  const asked = new Map<string, ProbeRequest>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const requests = mergeRequests(requestsFor(observation));
    const open = requests.filter((request) => {
      const known = asked.get(probeKey(request));
      return known === undefined || !tellsAll(known, request);
    });
    if (observation !== null && open.length === 0) return observation;
    const next = await probe(open);
    for (const request of open) asked.set(probeKey(request), request);
    observation =
      observation === null ? next : { ...next, answers: new Map([...observation.answers, ...next.answers]) };
  }
  if (observation === null) throw new Error('a survey has at least one round');
  return observation;
}

function requestsFor(subject: SurveySubject, observation: HostObservation | null): readonly ProbeRequest[] {
  const facts = observation?.facts ?? null;
  const rootless = subject.layout.confined || subject.layout.stateDir.startsWith('~/');
  const init = facts === null ? (rootless ? 'none' : 'systemd') : serviceInit(facts);
  const desired = subject.desired(facts);
  const wanted = new Set<string>();
  const requests: ProbeRequest[] = [...preflightRequests(desired)];
  for (const { declaration, resources } of desired) {
    const context = subject.context(declaration.address, init);
    for (const resource of resources) {
      const kind = kindOf(resource);
      wanted.add(kind.key(resource, context));
      requests.push(...kind.probe(resource, context));
    }
  }
  for (const instance of subject.prior) {
    const context = subject.context(instance.address, init);
    for (const recorded of instance.resources) {
      if (!wanted.has(recorded.key))
        requests.push(...kindNamed(recorded.kind).probeRecorded(recorded, context));
    }
  }
  return requests;
}

/** A failed survey as a diagnostic of its host. */
export function surveyFailure(host: string, error: unknown): Diagnostic {
  if (!(error instanceof HostError)) throw error;
  const remedy = error.remedy === '' ? 'Mend it, or leave the host out with --exclude.' : error.remedy;
  const detail = `${error.message.replace(/\.$/, '')}. ${remedy}`;
  return {
    ...errorOnHost(host, summaryOf(error.kind), detail),
    subject: { at: 'host', host, unreached: true },
  };
}
