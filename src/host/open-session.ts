import type { HostSession, SessionOptions } from './session.ts';

/** A session with one host. Connects when it is first asked for something. */
export function openHostSession(_options: SessionOptions): HostSession {
  throw new Error('not written yet');
}
