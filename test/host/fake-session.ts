import type { Connection } from '../../src/host/connection.ts';
import { HostError } from '../../src/host/connection.ts';
import type { Facts } from '../../src/host/facts.ts';
import { probeKey } from '../../src/host/observation.ts';
import type { HostObservation, ProbeAnswer, ProbeRequest } from '../../src/host/observation.ts';
import { EMPTY_RECORD } from '../../src/host/record.ts';
import type { ScriptEvent, ScriptOutcome } from '../../src/host/script.ts';
import type { HostSession, RunOptions, SessionScript } from '../../src/host/session.ts';

export interface FakeHostOptions {
  readonly host: string;
  /** What a probe finds; the default is an empty Debian machine that answers every request with "not there". */
  readonly observe?: (requests: readonly ProbeRequest[]) => Partial<HostObservation>;
  /** How a script ends; default succeeded. What it throws, `run` rejects with. */
  readonly outcome?: (script: SessionScript, options: RunOptions) => ScriptOutcome | Promise<ScriptOutcome>;
  /** How a script that a killed run left ends; default: there is none. */
  readonly adopt?: (onEvent: (event: ScriptEvent) => void) => Promise<ScriptOutcome | null>;
  /** What checks look through; by default nothing can be reached. */
  readonly connection?: Connection;
}

export interface FakeHostSession extends HostSession {
  /** Every script that was run, in order. */
  readonly scripts: readonly SessionScript[];
  readonly releases: number;
  readonly probes: number;
  readonly closed: boolean;
}

/** A host in memory that answers at once: for tests and benchmarks of the engine. */
export function fakeSession(options: FakeHostOptions): FakeHostSession {
  const scripts: SessionScript[] = [];
  let probes = 0;
  let releases = 0;
  let closed = false;
  return {
    host: options.host,
    scripts,
    get probes() {
      return probes;
    },
    get releases() {
      return releases;
    },
    get closed() {
      return closed;
    },
    connection: async () => options.connection ?? deafConnection(options.host),
    probe: async (requests) => {
      probes += 1;
      return { ...fakeObservation(options.host, requests), ...options.observe?.(requests) };
    },
    run: async (script, runOptions) => {
      scripts.push(script);
      if (runOptions.release) releases += 1;
      const outcome = (await options.outcome?.(script, runOptions)) ?? { outcome: 'succeeded' as const };
      for (const { id } of script.steps) {
        runOptions.onEvent({ type: 'step-started', step: id });
        if (outcome.outcome === 'failed' && outcome.step === id) break;
        runOptions.onEvent({ type: 'step-finished', step: id });
      }
      return outcome;
    },
    adopt: async (_observation, onEvent) => (await options.adopt?.(onEvent)) ?? null,
    close: async () => {
      closed = true;
    },
  };
}

/** What a probe of an empty machine brings. */
export function fakeObservation(host: string, requests: readonly ProbeRequest[] = []): HostObservation {
  return {
    host,
    facts: fakeFacts(),
    record: EMPTY_RECORD,
    lock: { token: 0, holder: null },
    blobs: new Set(),
    answers: new Map(requests.map((request) => [probeKey(request), notThere(request)])),
  };
}

export function fakeFacts(changes: Partial<Facts> = {}): Facts {
  return {
    hostname: 'fake',
    os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)', like: [] },
    arch: 'x86_64',
    kernel: '6.1.0',
    cores: 4,
    cpuModel: 'Fake',
    memoryBytes: 8 * 1024 ** 3,
    memoryAvailableBytes: 6 * 1024 ** 3,
    disks: [
      {
        mount: '/',
        device: '/dev/vda',
        type: 'ext4',
        sizeBytes: 100 * 1024 ** 3,
        usedBytes: 20 * 1024 ** 3,
        availableBytes: 80 * 1024 ** 3,
      },
    ],
    init: 'systemd',
    packageManager: 'apt',
    virtualization: '',
    bootId: '00000000-0000-4000-8000-000000000000',
    uptimeSeconds: 1000,
    clockSeconds: 1_700_000_000,
    uid: 0,
    home: '/root',
    ...changes,
  };
}

/** The answer of a machine that has nothing of it. */
function notThere(request: ProbeRequest): ProbeAnswer {
  switch (request.probe) {
    case 'path':
      return { probe: 'path', found: null };
    case 'tree':
      return { probe: 'tree', entries: 0, bytes: 0 };
    case 'tree-digest':
      return { probe: 'tree-digest', digest: null };
    case 'package':
      return { probe: 'package', installed: null, candidate: '1.0' };
    case 'user':
      return { probe: 'user', found: null };
    case 'group':
      return { probe: 'group', found: null };
    case 'unit':
      return {
        probe: 'unit',
        found: {
          load: 'not-found',
          active: 'inactive',
          sub: 'dead',
          enabled: '',
          fragmentPath: '',
          pid: 0,
          restarts: 0,
          sinceSeconds: 0,
          needsReload: false,
          result: '',
          exitStatus: 0,
          changedSeconds: 0,
        },
      };
    case 'supervised':
      return {
        probe: 'supervised',
        running: false,
        pid: null,
        digest: null,
        sinceSeconds: null,
        restarts: 0,
        supervised: false,
        exitCode: null,
      };
    case 'monit':
      return {
        probe: 'monit',
        silent: null,
        rc: '',
        folder: null,
        listed: false,
        watched: false,
        status: '',
        control: null,
        running: false,
        pid: null,
        sinceSeconds: null,
        restarts: null,
      };
    case 'port':
      return { probe: 'port', listeners: [] };
    case 'usage':
      return { probe: 'usage', cpuPercent: null, memoryBytes: null };
    case 'load':
      return { probe: 'load', cpuPercent: null };
    case 'hardware':
      return {
        probe: 'hardware',
        found: { disks: [], fileSystems: [], interfaces: [], swapBytes: 0 },
      };
    case 'resolve':
      return { probe: 'resolve', addresses: [] };
    case 'reach':
      return { probe: 'reach', reached: false, why: 'nobody listens there' };
    case 'sysctl':
      return { probe: 'sysctl', value: null };
    case 'limits':
      return { probe: 'limits', hard: new Map() };
    case 'kernel-command-line':
      return { probe: 'kernel-command-line', text: '' };
    case 'command':
      return { probe: 'command', code: 1, output: '' };
  }
}

/** A connection through which nothing is to be had. */
function deafConnection(host: string): Connection {
  const refuse = (): never => {
    throw new HostError(host, 'refused', `${host} is a fake`);
  };
  return {
    host,
    layout: {
      stateDir: '/var/lib/slipway',
      secretsDir: '/run/slipway',
      instancesDir: '/opt/slipway',
      confined: false,
    },
    exec: async () => refuse(),
    open: async () => refuse(),
    interact: async () => refuse(),
    dial: async () => refuse(),
    closed: new Promise(() => undefined),
    close: async () => undefined,
  };
}
