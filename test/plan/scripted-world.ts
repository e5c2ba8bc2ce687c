import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProject } from '../../src/app/project.ts';
import { preparePlan, type PlanRequest } from '../../src/app/prepare-plan.ts';
import type { Ports } from '../../src/app/ports.ts';
import { runPlan } from '../../src/app/run-plan.ts';
import { DiagnosticsError, type Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { HostError } from '../../src/host/connection.ts';
import type { HostSession } from '../../src/host/session.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planView, type PlanView } from '../../src/plan/view.ts';
import type { HclParser } from '../../src/spec/hcl/parse.ts';
import { localStore } from '../../state/local/local-store.ts';
import { ScriptedHost } from './scripted-host.ts';
import { carryOut } from './scripted-work.ts';

export interface PlanChoices {
  readonly destroy?: boolean;
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
  readonly replace?: readonly string[];
  readonly refresh?: boolean;
  readonly var?: readonly string[];
}

/** What a plan says, as its user sees it. */
export interface Planned {
  /** null: the input was refused before there was a plan. */
  readonly view: PlanView | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Applied extends Planned {
  readonly outcome: 'refused' | 'succeeded' | 'failed' | 'interrupted';
}

/** The use cases as they are, on hosts in memory: a working directory, a state file, machines that remember. */
export interface ScriptedWorld {
  readonly hosts: ReadonlyMap<string, ScriptedHost>;
  host(address: string): ScriptedHost;
  plan(choices?: PlanChoices): Promise<Planned>;
  /** `failAt`: by instance, the address of the resource at which its script fails. */
  apply(choices?: PlanChoices, failAt?: Readonly<Record<string, string>>): Promise<Applied>;
  /** Diagnostics as the terminal shows them. */
  words(diagnostics: readonly Diagnostic[]): string;
}

export function scriptedWorld(directory: string, parser: HclParser): ScriptedWorld {
  const hosts = new Map<string, ScriptedHost>();
  const hostNamed = (address: string): ScriptedHost => {
    const host = hosts.get(address) ?? new ScriptedHost(address);
    hosts.set(address, host);
    return host;
  };
  let runs = 0;
  let time = Date.UTC(2026, 0, 1);
  let current: {
    plan: Plan;
    hmac: (text: string) => string;
    failAt: Readonly<Record<string, string>>;
  } | null = null;

  const session = (host: string): HostSession => ({
    host,
    connection: () => Promise.reject(new HostError(host, 'unreachable', 'the scripted host is no machine')),
    probe: (requests) => Promise.resolve(hostNamed(host).observe(requests)),
    adopt: () => Promise.resolve(null),
    close: () => Promise.resolve(),
    run(script) {
      const change = current?.plan.changes.find(({ address }) => address === script.instance);
      if (current === null || change === undefined || change.action === 'none')
        throw new Error(`nothing is planned for ${script.instance}`);
      const step = current.failAt[change.address] ?? null;
      if (carryOut(hostNamed(host), change, current.plan, current.hmac, step))
        return Promise.resolve({ outcome: 'succeeded' });
      return Promise.resolve({ outcome: 'failed', step: step ?? '', code: 1, message: 'no', lastLines: [] });
    },
  });
  const ports: Ports = {
    parser,
    store: localStore,
    clock: () => (time += 1000),
    environment: { SLIPWAY_KEY: 'a key for golden plans only' },
    owner: 'me@controller',
    openSession: ({ host }) => session(host),
    hostAccess: () => ({
      layout: () => ({
        stateDir: '/var/lib/slipway',
        secretsDir: '/run/slipway',
        instancesDir: '/opt/slipway',
        confined: false,
      }),
      connect: ({ address }) => Promise.reject(new HostError(address, 'unreachable', 'no machine')),
      offeredKeys: ({ address }) => Promise.reject(new HostError(address, 'unreachable', 'no machine')),
    }),
  };

  async function prepared<T>(
    choices: PlanChoices,
    use: (
      ready: Awaited<ReturnType<typeof preparePlan>>,
      project: Awaited<ReturnType<typeof loadProject>>,
      run: string,
    ) => Promise<T>,
  ): Promise<T | Planned> {
    const mode = choices.destroy === true ? 'destroy' : 'apply';
    const request: PlanRequest = {
      mode,
      targets: choices.target ?? [],
      excludes: choices.exclude ?? [],
      replace: choices.replace ?? [],
      refresh: choices.refresh ?? true,
      parallelism: null,
      run: `run-${++runs}`,
      newLineage: 'lineage',
    };
    try {
      const variables = (choices.var ?? []).map((text) => ({ option: 'var', text }) as const);
      const project = await loadProject(directory, variables, ports, null, mode);
      const store = localStore(join(directory, 'slipway.state.json'));
      const lock = await store.lock({ run: request.run, operation: mode, owner: 'me' }, { timeoutMs: 0 });
      try {
        const ready = await preparePlan(project, store, request, ports);
        await ready.close();
        return await use(ready, project, request.run);
      } finally {
        await lock.release();
      }
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      return { view: null, diagnostics: error.diagnostics };
    }
  }

  return {
    hosts,
    host: hostNamed,
    plan: (choices = {}) =>
      prepared(choices, ({ plan, diagnostics }) =>
        Promise.resolve({ view: planView(plan, diagnostics), diagnostics }),
      ),
    async apply(choices = {}, failAt = {}) {
      const applied = await prepared(choices, async (ready, project, run): Promise<Applied> => {
        const { plan, diagnostics } = ready;
        const view = planView(plan, diagnostics);
        if (diagnostics.some(({ severity }) => severity === 'error'))
          return { view, diagnostics, outcome: 'refused' };
        current = { plan, hmac: ready.hmac, failAt };
        const never = new AbortController().signal;
        const request = {
          run,
          operation: 'apply',
          onEvent: () => undefined,
          stopping: never,
          abort: never,
        };
        const store = localStore(join(directory, 'slipway.state.json'));
        const { outcome } = await runPlan(project, store, ready, request, ports);
        current = null;
        return { view, diagnostics, outcome };
      });
      return 'outcome' in applied ? applied : { ...applied, outcome: 'refused' };
    },
    words: (diagnostics) =>
      renderDiagnostics(diagnostics, {
        color: false,
        width: 100,
        readSource: (file) => readFileSync(join(directory, file), 'utf8'),
      }),
  };
}
