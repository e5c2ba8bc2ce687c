import { setMaxListeners } from 'node:events';
import type { ClusterReport } from '../app/operate/cluster-report.ts';
import type { ClusterSource } from '../app/operate/cluster-watch.ts';
import { createClusterPicture } from './cluster-picture.ts';
import { followInstance } from './cluster-follow.ts';
import { openScreen, type ScreenOptions } from './screen.tsx';

/** Ages on the screen go on even when nothing else happens. */
const TICK_MS = 1000;

/**
 * Watches the cluster on the whole screen until a person quits (q, Ctrl-C) or `stopping` is aborted, and gives back the
 * screen that was there before. Resolves to the last look that came off, null when none did.
 */
export async function watchCluster(
  source: ClusterSource,
  { stdin, stdout, color, stopping }: ScreenOptions & { readonly stopping?: AbortSignal },
): Promise<ClusterReport | null> {
  const over = new AbortController();
  // Every host of a look listens.
  setMaxListeners(0, over.signal);
  const quit = (): void => over.abort();
  const wake = createAlarm();
  const picture = createClusterPicture({
    color,
    clock: Date.now,
    onQuit: quit,
    onLook: wake.ring,
    onOpen: (instance, signal) =>
      followInstance(source, instance, signal, (event) => {
        picture.take(event);
        screen.redraw();
      }),
  });
  const screen = openScreen(picture, { stdin, stdout, color });
  const tick = setInterval(screen.redraw, TICK_MS);
  stopping?.addEventListener('abort', quit);
  if (stopping?.aborted === true) quit();
  try {
    while (!over.signal.aborted) {
      picture.take({ type: 'look-started', time: Date.now() });
      await untilAborted(look(source, picture, over.signal), over.signal);
      screen.redraw();
      await wake.wait(source.intervalMs, over.signal);
    }
    return picture.report();
  } finally {
    stopping?.removeEventListener('abort', quit);
    clearInterval(tick);
    picture.close();
    await screen.close();
  }
}

async function look(
  source: ClusterSource,
  picture: ReturnType<typeof createClusterPicture>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const report = await source.look(picture.report(), signal);
    if (!signal.aborted) picture.take({ type: 'looked', report });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!signal.aborted) picture.take({ type: 'look-failed', message });
  }
}

/** Who quits waits for no host: the promise goes on by itself. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = deferred();
  signal.addEventListener('abort', resolve);
  await Promise.race([promise, aborted]);
  signal.removeEventListener('abort', resolve);
}

/** A sleep that a key ends early; a ring while nobody sleeps ends the next sleep at once. */
function createAlarm(): { ring(): void; wait(ms: number, signal: AbortSignal): Promise<void> } {
  let rung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(ms, signal) {
      const { promise, resolve } = deferred();
      wake = resolve;
      signal.addEventListener('abort', resolve);
      const timer = setTimeout(resolve, ms);
      if (rung || signal.aborted) resolve();
      await promise;
      clearTimeout(timer);
      signal.removeEventListener('abort', resolve);
      rung = false;
    },
  };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
