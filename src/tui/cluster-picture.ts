import type { ClusterReport } from '../app/operate/cluster-report.ts';
import { FIRST_WATCH, pressCluster, selectedOf, settle, type ClusterControls } from './cluster-controls.ts';
import { NO_CLUSTER, reduceCluster, type ClusterModel, type WatchEvent } from './cluster-model.ts';
import { clusterRoom, clusterScreen } from './cluster-screen.ts';
import type { Picture } from './screen.tsx';

/** A watched cluster without its terminal: events and keys in, frames out. */
export interface ClusterPicture extends Picture {
  take(event: WatchEvent): void;
  /** The last look that came off. */
  report(): ClusterReport | null;
  close(): void;
}

export function createClusterPicture(options: {
  readonly color: boolean;
  readonly clock: () => number;
  readonly onQuit: () => void;
  /** Look again now. */
  readonly onLook: () => void;
  /** An instance is looked at closely until the signal: its log and its last run are wanted. */
  readonly onOpen: (instance: string, signal: AbortSignal) => void;
}): ClusterPicture {
  let model: ClusterModel = NO_CLUSTER;
  let controls: ClusterControls = FIRST_WATCH;
  let watched: ClusterReport | null = null;
  let closing = new AbortController();
  const open = (instance: string | null): void => {
    if (instance === (model.open?.address ?? null)) return;
    closing.abort();
    closing = new AbortController();
    model = reduceCluster(model, { type: 'opened', instance });
    if (instance !== null) options.onOpen(instance, closing.signal);
  };
  return {
    take(event) {
      if (event.type === 'looked') watched = event.report;
      model = reduceCluster(model, event);
      // A log that comes while one reads further up does not move what is read.
      if (event.type === 'log-lines' && controls.logBack > 0)
        controls = {
          ...controls,
          logBack: Math.min(controls.logBack + event.lines.length, model.open?.log.length ?? 0),
        };
    },
    report: () => watched,
    frame(size) {
      const now = options.clock();
      if (controls.screen === 'table')
        controls = settle(controls, model, clusterRoom(model, controls, size, now));
      return clusterScreen(model, controls, size, now, options.color);
    },
    press(press, size) {
      const room = clusterRoom(model, controls, size, options.clock());
      const { controls: next, does } = pressCluster(controls, press, model, room);
      controls = next;
      open(controls.screen === 'instance' ? selectedOf(controls, model) : null);
      if (does === 'quit') options.onQuit();
      if (does === 'look') options.onLook();
    },
    close: () => closing.abort(),
  };
}
