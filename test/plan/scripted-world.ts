import type { PreparedPlan } from '../../src/app/prepare-plan.ts';
import type { Ports } from '../../src/app/ports.ts';
import { preparePower } from '../../src/app/operate/power.ts';
import { HostError, type Connection } from '../../src/host/connection.ts';
import type { HostSession, SessionScript } from '../../src/host/session.ts';
import type { PowerPlan } from '../../src/plan/power-plan.ts';
import type { HclParser } from '../../src/spec/hcl/parse.ts';
import { localStore } from '../../state/local/local-store.ts';
import { ScriptedHost } from './scripted-host.ts';
import { carryOut } from './scripted-work.ts';
import { useCases, type Applied, type PlanChoices, type UseCases } from './use-cases.ts';

/** The use cases on machines in memory, which remember what was done to them. */
export interface ScriptedWorld extends UseCases {
  host(address: string): ScriptedHost;
  /** What was sent to hosts, in order. */
  readonly scripts: readonly SessionScript[];
  /** `failAt`: by instance, the address of the resource at which its script fails. */
  /** `slipway start` or `stop`. */
  power(action: 'start' | 'stop', selectors: readonly string[]): Promise<string>;
  apply(choices?: PlanChoices, failAt?: Readonly<Record<string, string>>): Promise<Applied>;
}

export function scriptedWorld(directory: string, parser: HclParser): ScriptedWorld {
  const hosts = new Map<string, ScriptedHost>();
  const hostNamed = (address: string): ScriptedHost => {
    const host = hosts.get(address) ?? new ScriptedHost(address);
    hosts.set(address, host);
    return host;
  };
  const scripts: SessionScript[] = [];
  let powers = 0;
  let time = Date.UTC(2026, 0, 1);
  let current: PreparedPlan | null = null;
  let failures: Readonly<Record<string, string>> = {};
  let powered: PowerPlan | null = null;

  const session = (host: string): HostSession => ({
    host,
    connection: () =>
      powered === null
        ? Promise.reject(new HostError(host, 'unreachable', 'the scripted host is no machine'))
        : Promise.resolve({} as Connection),
    probe: (requests) => Promise.resolve(hostNamed(host).observe(requests)),
    adopt: () => Promise.resolve(null),
    close: () => Promise.resolve(),
    run(script) {
      scripts.push(script);
      if (powered !== null) {
        hostNamed(host).power(powered, script.instance);
        return Promise.resolve({ outcome: 'succeeded' });
      }
      const change = current?.plan.changes.find(({ address }) => address === script.instance);
      if (current === null || change === undefined || change.action === 'none')
        throw new Error(`nothing is planned for ${script.instance}`);
      const step = failures[change.address] ?? null;
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
  const commands = useCases(directory, ports, (prepared) => {
    current = prepared;
  });
  return {
    ...commands,
    host: hostNamed,
    scripts,
    async power(action, selectors) {
      const never = new AbortController().signal;
      const run = `power-${++powers}`;
      const request = { run, action, selectors, variables: [], lockTimeoutMs: 0, stopping: never };
      const prepared = await preparePower(directory, request, ports);
      powered = prepared.plan;
      try {
        const recorded = { run, operation: action, onEvent: () => undefined, stopping: never, abort: never };
        return (await prepared.run(recorded, 64)).outcome;
      } finally {
        powered = null;
        await prepared.close();
      }
    },
    apply(choices = {}, failAt = {}) {
      failures = failAt;
      return commands.apply(choices);
    },
  };
}
