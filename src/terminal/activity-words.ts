import type { Activity, PlannedWork } from '../apply/events.ts';

/** `installing` while it is done. */
export const DOING: Readonly<Record<PlannedWork['action'], string>> = {
  install: 'installing',
  update: 'updating',
  remove: 'removing',
  start: 'starting',
  stop: 'stopping',
  restart: 'restarting',
};

/** `installed` once it is done. */
export const DONE: Readonly<Record<PlannedWork['action'], string>> = {
  install: 'installed',
  update: 'updated',
  remove: 'removed',
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
};

/** What an instance is at: `uploading 40 %`, `checking listening`. */
export function wordActivity(activity: Activity, detail: string): string {
  if (activity === 'running') return detail;
  return detail === '' ? activity : `${activity}: ${detail}`;
}

export function wordStopping(mode: 'graceful' | 'now'): string {
  return mode === 'graceful'
    ? 'stopping: finishes what is in flight; Ctrl-C again stops at once'
    : 'stopping now: what was started on a host goes on to its end there';
}
