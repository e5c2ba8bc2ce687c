import type { Facts } from '../../src/host/facts.ts';
import type { LockObservation } from '../../src/host/lock.ts';
import type {
  HostObservation,
  PathObservation,
  ProbeAnswer,
  ProbeRequest,
  UserObservation,
} from '../../src/host/observation.ts';
import { probeKey } from '../../src/host/observation.ts';
import { EMPTY_RECORD, type HostRecord } from '../../src/host/record.ts';
import type { PowerPlan } from '../../src/plan/power-plan.ts';
import { unitName, WANTS_FOLDER } from '../../src/resources/unit-file.ts';
import { sha256 } from '../../src/resources/content.ts';

/** What a host has, in few words, as a golden's case.json says it. */
export interface HostSketch {
  readonly os?: string; // 'debian'
  readonly cores?: number;
  readonly memoryMiB?: number;
  readonly freeMiB?: number;
  /** Text by path; an object for more, null for what is to go. */
  readonly paths?: Readonly<Record<string, string | PathSketch | null>>;
  /** Version by name. */
  readonly packages?: Readonly<Record<string, string | null>>;
  readonly users?: Readonly<Record<string, Partial<UserObservation> | null>>;
  /** Is it active? By unit name, `nginx.service`. */
  readonly units?: Readonly<Record<string, boolean | null>>;
  /** `0.0.0.0:80` */
  readonly listens?: readonly string[];
  /** What `unless` of a script says, by the script's record key: is it as wanted? */
  readonly done?: Readonly<Record<string, boolean>>;
  /** Addresses by name; what is not named is not resolved. */
  readonly resolves?: Readonly<Record<string, readonly string[]>>;
  /** `db.internal:5432` that it reaches. */
  readonly reaches?: readonly string[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly kernel?: string;
  readonly kernelCommandLine?: string;
  readonly lock?: LockObservation['holder'];
  /** What another cluster has on its record here: record keys. */
  readonly foreign?: readonly string[];
}

export interface PathSketch {
  readonly type?: PathObservation['type'];
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly text?: string;
  readonly target?: string;
}

export interface ModelPath {
  type: PathObservation['type'];
  mode: string;
  owner: string;
  group: string;
  /** Of a file. */
  text: string;
  /** Of a link. */
  target: string | null;
}

export interface ModelUnit {
  active: boolean;
  enabled: boolean;
  /** `IP:PORT` that it listens on while it is active. */
  listens: readonly string[];
}

/** A machine with systemd and apt, in memory: answers probes and is worked on by scripted-work.ts. */
export class ScriptedHost {
  readonly paths = new Map<string, ModelPath>();
  readonly packages = new Map<string, string>();
  readonly users = new Map<string, UserObservation>();
  readonly groups = new Map<string, number>();
  readonly units = new Map<string, ModelUnit>();
  readonly listens = new Set<string>();
  readonly done = new Map<string, boolean>();
  readonly resolves = new Map<string, readonly string[]>();
  readonly reaches = new Set<string>();
  readonly sysctl = new Map<string, string>();
  readonly limits = new Map<string, number>();
  kernelCommandLine = '';
  /** Content that stood somewhere before slipway, by record key. */
  readonly backups = new Map<string, ModelPath>();
  record: HostRecord = EMPTY_RECORD;
  lock: LockObservation = { token: 0, holder: null };
  facts: Facts;

  constructor(readonly address: string) {
    this.facts = factsOf(address);
    for (const folder of ['/etc', '/etc/systemd', '/etc/systemd/system', '/opt', '/srv', '/var', '/var/lib'])
      this.paths.set(folder, { ...ROOT_DIRECTORY });
    this.paths.set('/etc/systemd/system/multi-user.target.wants', { ...ROOT_DIRECTORY });
  }

  /** Makes the host as the sketch says; what it does not name stays. */
  change(sketch: HostSketch): void {
    const { cores, memoryMiB, freeMiB, os, kernel } = sketch;
    if (kernel !== undefined) this.facts = { ...this.facts, kernel };
    if (cores !== undefined) this.facts = { ...this.facts, cores };
    if (memoryMiB !== undefined) this.facts = { ...this.facts, memoryBytes: memoryMiB * MIB };
    if (freeMiB !== undefined)
      this.facts = {
        ...this.facts,
        disks: this.facts.disks.map((d) => ({ ...d, availableBytes: freeMiB * MIB })),
      };
    if (os !== undefined) this.facts = { ...this.facts, os: { id: os, version: '1', name: os, like: [] } };
    for (const [path, what] of Object.entries(sketch.paths ?? {})) {
      const there = this.paths.get(path);
      if (what === null) this.paths.delete(path);
      else if (typeof what === 'string')
        this.paths.set(path, { ...(there?.type === 'file' ? there : ROOT_FILE), text: what });
      else
        this.paths.set(path, {
          ...(there ?? (what.type === 'directory' ? ROOT_DIRECTORY : ROOT_FILE)),
          ...what,
        });
    }
    setAll(this.packages, sketch.packages);
    for (const [name, user] of Object.entries(sketch.users ?? {})) {
      if (user === null) this.users.delete(name);
      else this.users.set(name, { ...newUser(name, 500 + this.users.size), ...user });
    }
    for (const [name, active] of Object.entries(sketch.units ?? {})) {
      if (active === null) this.units.delete(name);
      else this.units.set(name, { enabled: true, listens: [], ...this.units.get(name), active });
    }
    for (const place of sketch.listens ?? []) this.listens.add(place);
    setAll(this.resolves, sketch.resolves);
    for (const place of sketch.reaches ?? []) this.reaches.add(place);
    setAll(this.sysctl, sketch.sysctl);
    setAll(this.limits, sketch.limits);
    this.kernelCommandLine = sketch.kernelCommandLine ?? this.kernelCommandLine;
    for (const [key, done] of Object.entries(sketch.done ?? {})) this.done.set(key, done);
    for (const key of sketch.foreign ?? []) {
      const owner = { lineage: 'another', instance: 'other@here', resource: key.replace(' ', '.') };
      const entry = { key, owners: [owner], before: null, notes: new Map<string, string>() };
      this.record = { ...this.record, entries: new Map(this.record.entries).set(key, entry) };
    }
    if (sketch.lock !== undefined) this.lock = { token: 7, holder: sketch.lock };
  }

  /** What a start or stop of one instance does here. */
  power({ action, components }: PowerPlan, instance: string): void {
    const work = components.flatMap((component) => component.work).find((w) => w.address === instance);
    for (const { service } of work?.services ?? []) {
      const name = unitName(service.name);
      const unit = this.units.get(name) ?? { active: false, enabled: false, listens: [] };
      const isUp = action !== 'stop';
      const enabled = isUp && service.enabled === true;
      this.units.set(name, { ...unit, active: isUp, enabled });
      if (service.driver !== 'unit') continue;
      const link = `${WANTS_FOLDER}/${name}`;
      if (enabled) this.paths.set(link, { ...ROOT_FILE, type: 'link', target: name });
      else this.paths.delete(link);
    }
  }

  observe(requests: readonly ProbeRequest[]): HostObservation {
    const answers = new Map(requests.map((request) => [probeKey(request), this.#answer(request)]));
    // The same path may be asked for by two resources in two ways: as the probe does, the richer question counts.
    for (const request of requests)
      if (request.probe === 'path' && request.digest === true)
        answers.set(probeKey(request), this.#answer(request));
    const { address, facts, record, lock } = this;
    return { host: address, facts, record, lock, blobs: new Set(), answers };
  }

  #answer(request: ProbeRequest): ProbeAnswer {
    switch (request.probe) {
      case 'path':
        return { probe: 'path', found: this.#path(request) };
      case 'tree': {
        const below = [...this.paths].filter(([path]) => path.startsWith(`${request.path}/`));
        const bytes = below.reduce((sum, [, { text }]) => sum + text.length, 0);
        return { probe: 'tree', entries: below.length, bytes };
      }
      case 'tree-digest':
        return { probe: 'tree-digest', digest: null };
      case 'package':
        return { probe: 'package', installed: this.packages.get(request.name) ?? null, candidate: null };
      case 'user':
        return { probe: 'user', found: this.users.get(request.name) ?? null };
      case 'group': {
        const gid = this.groups.get(request.name);
        return { probe: 'group', found: gid === undefined ? null : { gid } };
      }
      case 'unit': {
        const unit = this.units.get(request.name);
        return {
          probe: 'unit',
          found: {
            load: unit === undefined ? 'not-found' : 'loaded',
            active: unit?.active === true ? 'active' : 'inactive',
            sub: unit?.active === true ? 'running' : 'dead',
            enabled: unit?.enabled === true ? 'enabled' : 'disabled',
            fragmentPath: '',
            pid: 0,
            restarts: 0,
            sinceSeconds: 0,
            needsReload: false,
            result: 'success',
            exitStatus: 0,
            changedSeconds: 0,
          },
        };
      }
      case 'supervised':
      case 'monit':
        throw new Error('the scripted host has systemd');
      case 'usage':
        return { probe: 'usage', cpuPercent: null, memoryBytes: null };
      case 'load':
        return { probe: 'load', cpuPercent: null };
      case 'hardware':
        return { probe: 'hardware', found: { disks: [], fileSystems: [], interfaces: [], swapBytes: 0 } };
      case 'port': {
        const places = [...this.listens];
        for (const unit of this.units.values()) if (unit.active) places.push(...unit.listens);
        const listeners = places
          .filter((place) => place.endsWith(`:${request.port}`))
          .map((place) => ({ address: place.slice(0, place.lastIndexOf(':')) }));
        return { probe: 'port', listeners };
      }
      case 'resolve':
        return { probe: 'resolve', addresses: this.resolves.get(request.name) ?? [] };
      case 'reach': {
        const reached = this.reaches.has(`${request.address}:${request.port}`);
        return { probe: 'reach', reached, why: reached ? null : 'nobody listens there' };
      }
      case 'sysctl':
        return { probe: 'sysctl', value: this.sysctl.get(request.name) ?? null };
      case 'limits':
        return { probe: 'limits', hard: this.limits };
      case 'kernel-command-line':
        return { probe: 'kernel-command-line', text: this.kernelCommandLine };
      case 'command':
        return { probe: 'command', code: this.done.get(request.key) === true ? 0 : 1, output: '' };
    }
  }

  #path({ path, digest, contentUnless }: Extract<ProbeRequest, { probe: 'path' }>): PathObservation | null {
    const there = this.paths.get(path);
    if (there === undefined) return null;
    const { type, mode, owner, group, text, target } = there;
    const isFile = type === 'file';
    const found = sha256(text);
    return {
      type,
      mode,
      owner,
      group,
      sizeBytes: text.length,
      target,
      digest: isFile && digest === true ? found : null,
      content: isFile && contentUnless !== undefined && contentUnless !== found ? text : null,
    };
  }

  /** Everything there, for comparison; what slipway keeps for itself too. */
  snapshot(): unknown {
    const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
      [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return structuredClone({
      paths: sorted(this.paths),
      packages: sorted(this.packages),
      users: sorted(this.users),
      groups: sorted(this.groups),
      units: sorted(this.units),
      record: [sorted(this.record.entries), sorted(this.record.instances)],
      backups: sorted(this.backups),
    });
  }
}

export const ROOT_FILE: ModelPath = {
  type: 'file',
  mode: '0644',
  owner: 'root',
  group: 'root',
  text: '',
  target: null,
};
export const ROOT_DIRECTORY: ModelPath = { ...ROOT_FILE, type: 'directory', mode: '0755' };

export function newUser(name: string, uid: number): UserObservation {
  return {
    uid,
    gid: uid,
    group: name,
    groups: [name],
    home: '/nonexistent',
    shell: '/usr/sbin/nologin',
    comment: '',
  };
}

function setAll<T>(map: Map<string, T>, values: Readonly<Record<string, T | null>> | undefined): void {
  for (const [name, value] of Object.entries(values ?? {})) {
    if (value === null) map.delete(name);
    else map.set(name, value);
  }
}

const MIB = 1024 * 1024;

function factsOf(address: string): Facts {
  return {
    hostname: address,
    os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12', like: [] },
    arch: 'x86_64',
    kernel: '6.1.0',
    cores: 2,
    cpuModel: 'model',
    memoryBytes: 4096 * MIB,
    memoryAvailableBytes: 3072 * MIB,
    disks: [
      {
        mount: '/',
        device: '/dev/vda1',
        type: 'ext4',
        sizeBytes: 40_960 * MIB,
        usedBytes: 20_480 * MIB,
        availableBytes: 20_480 * MIB,
      },
    ],
    init: 'systemd',
    packageManager: 'apt',
    virtualization: 'kvm',
    bootId: 'boot-1',
    uptimeSeconds: 1000,
    clockSeconds: 1_800_000_000,
    uid: 0,
    home: '/root',
  };
}
