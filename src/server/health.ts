import { openStore } from '../app/locate-state.ts';
import type { ServerPlugin } from './plugin.ts';
import { createRunMetrics, instanceMetrics, metric } from './metrics.ts';

/** What `/readyz` found out is good for so long: it is open to all who may knock. */
const READY_MS = 1_000;

/** What the health routes count beside the runs. */
export interface Connections {
  readonly all: () => Promise<number>;
  readonly webSockets: () => number;
}

/**
 * `/healthz`: the process answers. `/readyz`: the state can be read. Both tell nothing of the cluster and need no token;
 * `/metrics` does.
 */
export function healthRoutes(connections: Connections): ServerPlugin {
  return async (app, { use, closing }) => {
    const runs = createRunMetrics(use.clock);
    void (async () => {
      for await (const run of use.desk.runs(closing)) runs.watch(run);
    })().catch(() => undefined);

    let known: { readonly at: number; readonly ready: Promise<boolean> } | null = null;
    const isReady = (): Promise<boolean> => {
      const at = performance.now();
      if (known !== null && at - known.at < READY_MS) return known.ready;
      const ready = openStore(use.directory, use.ports)
        .then((store) => store.read())
        .then(
          () => true,
          () => false,
        );
      known = { at, ready };
      return ready;
    };

    const open = { config: { changes: false, open: true } };
    app.get('/healthz', open, () => ({ status: 'ok' }));
    app.get('/readyz', open, async (_request, reply) => {
      if (closing.aborted) return reply.code(503).send({ status: 'ending' });
      if (await isReady()) return { status: 'ready' };
      return reply.code(503).send({ status: 'the state cannot be read' });
    });
    app.get('/metrics', { config: { changes: false } }, async (_request, reply) => {
      const lines = [
        ...runs.lines(),
        ...metric('slipway_run_in_progress', 'gauge', '1 while a run goes on.', [
          ['', use.desk.current() === null ? 0 : 1],
        ]),
        ...instanceMetrics(use.lastLook()),
        ...metric('slipway_connections', 'gauge', 'Connections that are open, WebSockets among them.', [
          ['', await connections.all()],
        ]),
        ...metric('slipway_websockets', 'gauge', 'WebSockets that are open.', [
          ['', connections.webSockets()],
        ]),
        ...metric('process_resident_memory_bytes', 'gauge', 'Memory of this process.', [
          ['', process.memoryUsage.rss()],
        ]),
        ...metric('process_start_time_seconds', 'gauge', 'When this process began, since 1970.', [
          ['', Math.round(performance.timeOrigin) / 1000],
        ]),
      ];
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(`${lines.join('\n')}\n`);
    });
    await Promise.resolve();
  };
}
