import { openHostSession } from '../host/open-session.ts';
import type { HostSession } from '../host/session.ts';
import { createSemaphore } from '../apply/semaphore.ts';
import type { Ports, ReachableHost } from './ports.ts';

/** More at once are no faster on one controller, and each holds some MiB of what it sends. */
const UPLOADS_AT_ONCE = 16;

/** What sessions are opened for. */
export interface SessionRequest {
  readonly run: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
  readonly connectAttempts?: number;
  /** A host that does not answer at all is given up after so long, where its settings say more. */
  readonly connectTimeoutMs?: number;
  /** How long a host that was connected is waited for when it is lost. */
  readonly outageMs?: number;
}

/** The sessions of a run, one per host, each opened when it is first asked for. */
export interface SessionPool {
  readonly of: (host: string) => HostSession;
  readonly closeAll: () => Promise<void>;
}

export function sessionPool(
  hosts: ReadonlyMap<string, ReachableHost>,
  access: ReturnType<Ports['hostAccess']>,
  lineage: string,
  request: SessionRequest,
  ports: Ports,
): SessionPool {
  const sessions = new Map<string, HostSession>();
  const uploads = createSemaphore(UPLOADS_AT_ONCE);
  const of = (address: string): HostSession => {
    const known = sessions.get(address);
    if (known !== undefined) return known;
    const host = hosts.get(address);
    if (host === undefined) throw new Error(`host ${address} stands in neither spec nor state`);
    const session = (ports.openSession ?? openHostSession)({
      host: address,
      connect: (_address, options) => access.connect(withinTime(host, request), options),
      lineage,
      run: request.run,
      owner: ports.owner,
      inUploadSlot: (work) => uploads.run(work),
      onRetry: (error, attempt) => request.onProgress?.(`${address}: ${error.message} (attempt ${attempt})`),
      ...(request.connectAttempts === undefined ? {} : { connectAttempts: request.connectAttempts }),
      ...(request.outageMs === undefined ? {} : { outageMs: request.outageMs }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    sessions.set(address, session);
    return session;
  };
  return { of, closeAll: async () => void (await Promise.all([...sessions.values()].map((s) => s.close()))) };
}

function withinTime(host: ReachableHost, { connectTimeoutMs }: SessionRequest): ReachableHost {
  if (connectTimeoutMs === undefined || host.provider !== 'ssh') return host;
  const { connect_timeout: wanted } = host.settings;
  const seconds = connectTimeoutMs / 1000;
  const timeout = typeof wanted === 'number' ? Math.min(wanted, seconds) : seconds;
  return { ...host, settings: { ...host.settings, connect_timeout: timeout } };
}
