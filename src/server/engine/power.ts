import type { LiveRun, RunDesk, RunEnd, RunOrder } from '../../app/serve/run-desk.ts';
import { errorOnHost, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { Meant } from './engine-body.ts';
import { selectPlacements, type Placements } from './placements.ts';

/** Clients have lost patience by then: the answer names the run, which goes on. */
const ANSWER_MS = 60_000;

export interface PowerAnswer {
  readonly run: string;
  /** `running`: it goes on. */
  readonly outcome: 'succeeded' | 'running';
  /** Addresses. */
  readonly instances: readonly string[];
}

/**
 * Restarts or stops one instance, or all, in dependency order; what was stopped is started by a restart, for old clients have no
 * other way to do it. Resolves at its end, or after a minute. Rejects with `HttpError`: 400 when it is not placed or not
 * deployed, 409, 502 when it failed somewhere.
 */
export async function power(
  action: 'restart' | 'stop',
  meant: Meant,
  placements: Placements,
  { desk }: ServerUseCases,
  onRun: (run: string) => void,
): Promise<PowerAnswer> {
  const installed = selectPlacements(placements, meant).filter(({ isInstalled }) => isInstalled);
  const { state } = placements;
  if (state === null || installed.length === 0)
    throw new HttpError(400, 'It is not deployed yet', 'GET /deployment-engine/deploy puts it there.');
  const addresses = installed.map(({ component, host }) => `${component}@${host}`);
  const isStopped = (address: string): boolean => state.instances.get(address)?.stopped === true;
  const stopped = action === 'restart' ? addresses.filter(isStopped) : [];
  const others = addresses.filter((address) => !stopped.includes(address));
  const orders: RunOrder[] = [];
  if (stopped.length > 0) orders.push({ does: 'start', selectors: stopped });
  if (others.length > 0)
    orders.push({ does: action, selectors: stopped.length === 0 && meant === 'all' ? [] : others });

  const runs: LiveRun[] = [];
  const ended = inTurn(orders, desk, (run) => {
    runs.push(run);
    onRun(run.id);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, ANSWER_MS, 'late')));
  const end = await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  ended.catch(() => undefined);
  const last = runs.at(-1);
  if (end === 'late') return { run: last?.id ?? '', outcome: 'running', instances: addresses };
  if (end.outcome !== 'succeeded') throw await failed(action, end, last);
  return { run: end.run, outcome: 'succeeded', instances: addresses };
}

/** One run after another; the first that does not succeed is the last. */
async function inTurn(
  orders: readonly RunOrder[],
  desk: RunDesk,
  onRun: (run: LiveRun) => void,
): Promise<RunEnd> {
  let end: RunEnd | undefined;
  for (const order of orders) {
    const run = await desk.begin(order);
    onRun(run);
    end = await run.done;
    if (end.outcome !== 'succeeded') return end;
  }
  if (end === undefined) throw new Error('nothing was ordered');
  return end;
}

async function failed(
  action: 'restart' | 'stop',
  { run, outcome }: RunEnd,
  live: LiveRun | undefined,
): Promise<HttpError> {
  const diagnostics: Diagnostic[] = [];
  if (live !== undefined) {
    for await (const { event } of live.events()) {
      if (event.type !== 'instance-failed' && event.type !== 'instance-skipped') continue;
      const host = event.instance.slice(event.instance.indexOf('@') + 1);
      const [summary, detail] =
        event.type === 'instance-failed'
          ? [`${event.instance} failed`, `${event.failure.message} ${event.failure.remedy}`.trim()]
          : [`${event.instance} was passed over`, event.because];
      diagnostics.push(errorOnHost(host, summary, detail));
    }
  }
  const detail = diagnostics.map(({ summary, detail: why }) => `${summary}: ${why}`).join('\n');
  const how = outcome === 'interrupted' ? 'was broken off' : 'failed';
  return new HttpError(502, `The ${action} ${how}`, detail, { diagnostics, run });
}
