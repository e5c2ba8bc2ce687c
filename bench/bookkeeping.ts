import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Ports } from '../src/app/ports.ts';
import { preparePlan } from '../src/app/prepare-plan.ts';
import { loadProject } from '../src/app/project.ts';
import { runPlan } from '../src/app/run-plan.ts';
import { createParser } from '../src/spec/hcl/parse.ts';
import { localStore } from '../state/local/local-store.ts';
import { fakeSession } from '../test/host/fake-session.ts';
import { table } from './measure.ts';
import { writeManyInstances } from './many-instances.ts';

/** An apply of many new instances on hosts that answer at once: journal, state, logs and schedule are all that is left. */
export async function bookkeepingBench(): Promise<number> {
  const rows: string[][] = [];
  for (const components of [10, 100]) {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
    try {
      writeManyInstances(folder, components);
      const ports: Ports = {
        parser: createParser(),
        store: localStore,
        hostAccess: () => ({
          layout: () => ({
            stateDir: '/var/lib/slipway',
            secretsDir: '/run/slipway',
            instancesDir: '/opt/slipway',
            confined: false,
          }),
          connect: () => Promise.reject(new Error('nobody connects here')),
          offeredKeys: () => Promise.reject(new Error('nobody connects here')),
        }),
        clock: Date.now,
        environment: {},
        owner: 'bench@here',
      };
      const project = await loadProject(folder, [], ports, null);
      const store = localStore(path.join(folder, 'slipway.state.json'));
      const never = new AbortController().signal;
      const request = {
        mode: 'apply',
        targets: [],
        excludes: [],
        replace: [],
        refresh: false,
        parallelism: null,
        run: 'bench',
      } as const;
      const prepared = await preparePlan(project, store, request, ports);
      const sessions = new Map([...prepared.plan.hosts.keys()].map((host) => [host, fakeSession({ host })]));
      const sessionOf = (host: string) => {
        const session = sessions.get(host);
        if (session === undefined) throw new Error(`no session for ${host}`);
        return session;
      };
      const startedAt = performance.now();
      const result = await runPlan(
        project,
        store,
        { ...prepared, sessionOf },
        { run: 'bench', operation: 'apply', onEvent: () => undefined, stopping: never, abort: never },
        ports,
      );
      if (result.outcome !== 'succeeded') throw new Error(`the run ${result.outcome}`);
      rows.push([String(result.counts.succeeded), ((performance.now() - startedAt) / 1000).toFixed(2)]);
      await prepared.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(table(['instances', 'bookkeeping of an apply, s'], rows));
  return 0;
}
