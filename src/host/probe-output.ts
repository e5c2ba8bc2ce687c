import { unreachable } from '../diagnostics/unreachable.ts';
import { parseAccounts } from './account-output.ts';
import { HostError } from './connection.ts';
import type { ExecResult } from './connection.ts';
import { serviceInit } from './facts.ts';
import { parseFacts } from './facts-output.ts';
import { parseHardware } from './hardware-output.ts';
import { frameName } from './frame-name.ts';
import type { LockObservation } from './lock.ts';
import { monitAnswers } from './monit-output.ts';
import { probeKey } from './observation.ts';
import type { HostObservation, ProbeAnswer, ProbeRequest } from './observation.ts';
import { parsePaths } from './path-output.ts';
import { MAX_COMMAND_BYTES, UNIT_PROPERTIES } from './probe-program.ts';
import { decodeRecordField, parseRecord } from './record-codec.ts';
import { parseLimits, parseResolved, parseSysctl } from './requirement-output.ts';
import { parseUsage } from './usage-output.ts';

/** What the probe program printed, by the words of the frame's line; bodies as latin1, one character per byte. */
class Frames {
  readonly #bodies = new Map<string, string>();
  /** The words after name and key, of frames that say all in their line. */
  readonly #words = new Map<string, readonly string[]>();

  constructor(output: Buffer, nonce: string) {
    for (const part of output.toString('latin1').split(`\n${nonce} `).slice(1)) {
      const end = part.indexOf('\n');
      const words = part.slice(0, end < 0 ? part.length : end).split(' ');
      const key = words.slice(0, 2).join(' ');
      this.#bodies.set(key, end < 0 ? '' : part.slice(end + 1));
      this.#words.set(key, words.slice(2));
      const name = words[0] ?? '';
      if (!this.#words.has(name)) this.#words.set(name, words.slice(1));
    }
  }
  bytes(key: string): Buffer | null {
    const body = this.#bodies.get(key);
    return body === undefined ? null : Buffer.from(body, 'latin1');
  }
  text(key: string): string | null {
    return this.bytes(key)?.toString() ?? null;
  }
  latin1(key: string): string {
    return this.#bodies.get(key) ?? '';
  }
  words(key: string): readonly string[] | null {
    return this.#words.get(key) ?? null;
  }
}

/** What the program printed, decoded. Throws `HostError` of kind 'protocol' that names the part that failed. */
export function parseProbe(
  host: string,
  requests: readonly ProbeRequest[],
  result: ExecResult,
  nonce: string,
): HostObservation {
  const frames = new Frames(result.stdout, nonce);
  if (frames.words('end') === null) {
    const complaint = result.stderr.toString().trim().split('\n').at(-1) ?? '';
    throw broken(
      host,
      `the probe ended early (exit code ${result.code})${complaint === '' ? '' : `: ${complaint}`}`,
    );
  }
  const paths = parsePaths(requests, {
    stat: frames.latin1('stat'),
    sums: frames.latin1('sums'),
    smallSums: frames.latin1('small-sums'),
    content: (path) => frames.bytes(`content ${frameName(path)}`),
    nonce,
  });
  if (paths.clockSeconds === null) throw broken(host, 'stat -c answers what we do not understand');
  const facts = parseFacts(frames.text('facts') ?? '', frames.text('disks') ?? '', paths.clockSeconds);
  const accounts = parseAccounts(frames.text('users') ?? '', frames.text('groups') ?? '');
  const units = parseUnits(host, requests, frames.text('units'));
  const packages = parsePackages(frames.text('packages') ?? '', frames.text('candidates') ?? '');
  const usage = parseUsage({
    first: frames.text('usage first') ?? '',
    last: frames.text('usage last') ?? '',
    pidFiles: frames.text('pid-files') ?? '',
    pageBytes: Number(frames.words('page')?.[0]) || 4096,
  });
  const pidFiles = requests.flatMap((r) => (r.probe === 'usage' && r.of === 'pid-file' ? [r.name] : []));
  const monit = monitAnswers(
    {
      answer: frames.text('monit'),
      alive: frames.latin1('monit-alive'),
      control: (name) => frames.text(`monit-control ${frameName(name)}`),
      process: (name) => frames.words(`monit-process ${frameName(name)}`),
    },
    facts.clockSeconds - facts.uptimeSeconds,
  );
  const answers = new Map<string, ProbeAnswer>();

  const answer = (request: ProbeRequest): ProbeAnswer => {
    switch (request.probe) {
      case 'path':
        return { probe: 'path', found: paths.found.get(request.path) ?? null };
      case 'tree': {
        const [entries, bytes] = (frames.text(`tree ${frameName(request.path)}`) ?? '').split(' ');
        return { probe: 'tree', entries: Number(entries) || 0, bytes: Number(bytes) || 0 };
      }
      case 'tree-digest': {
        const digest = (frames.text(`tree-digest ${frameName(request.path)}`) ?? '').trim();
        return { probe: 'tree-digest', digest: digest === '' ? null : digest };
      }
      case 'package': {
        const name = request.name.split(':')[0] ?? '';
        return {
          probe: 'package',
          installed: packages.installed.get(name) ?? null,
          candidate: packages.candidates.get(request.name) ?? null,
        };
      }
      case 'user':
        return { probe: 'user', found: accounts.users.get(request.name) ?? null };
      case 'group': {
        const gid = accounts.groups.get(request.name);
        return { probe: 'group', found: gid === undefined ? null : { gid } };
      }
      case 'unit':
        return { probe: 'unit', found: units.get(request.name) ?? NO_UNIT };
      case 'supervised': {
        const words = frames.words(`supervised ${frameName(probeKey(request))}`);
        if (words === null) throw broken(host, `nothing came for service ${request.name}`);
        const [running, pid, since, restarts, digest, supervised, code] = words;
        return {
          probe: 'supervised',
          running: running === 'yes',
          pid: running === 'yes' ? Number(pid) : null,
          digest: digest === undefined || digest === '-' ? null : digest,
          sinceSeconds: running === 'yes' ? Number(since) || null : null,
          restarts: Number(restarts) || 0,
          supervised: supervised === 'yes',
          exitCode: code === undefined || code === '-' ? null : Number(code),
        };
      }
      case 'monit':
        return monit(request);
      case 'port':
        return { probe: 'port', listeners: listenersOn(request.port, frames.text('ports') ?? '') };
      case 'resolve':
        return { probe: 'resolve', addresses: parseResolved(frames.text('resolved'), request.name) };
      case 'reach':
        throw new Error('the probe program does not ask what a host reaches: askReaches does');
      case 'sysctl':
        return { probe: 'sysctl', value: parseSysctl(frames.text('sysctl') ?? '', request.name) };
      case 'limits': {
        // Units are what root has; without root services start from a shell.
        const units = serviceInit(facts) === 'systemd' ? frames.text('unit-limits') : null;
        return { probe: 'limits', hard: parseLimits(frames.text('limits') ?? '', units) };
      }
      case 'kernel-command-line':
        return { probe: 'kernel-command-line', text: (frames.text('kernel-command-line') ?? '').trim() };
      case 'usage':
        return usage.usageOf(request, pidFiles.indexOf(request.name));
      case 'load':
        return usage.load();
      case 'hardware': {
        const [devices, addresses] = [frames.text('hardware') ?? '', frames.text('addresses') ?? ''];
        return { probe: 'hardware', found: parseHardware(devices, addresses, facts.disks) };
      }
      case 'command': {
        const code = frames.words(`code ${frameName(request.key)}`)?.[0];
        if (code === undefined || code === '')
          throw broken(host, `a command gave no exit code (${request.key})`);
        const output = frames.bytes(`command ${frameName(request.key)}`)?.subarray(0, MAX_COMMAND_BYTES);
        return { probe: 'command', code: Number(code), output: output?.toString() ?? '' };
      }
      default:
        return unreachable(request);
    }
  };
  for (const request of requests) answers.set(probeKey(request), answer(request));
  const record = frames.text('record') ?? '';
  return {
    host,
    facts,
    record: parseRecord(host, record),
    lock: parseLock(frames.words('lock')),
    blobs: new Set((frames.text('blobs') ?? '').split('\n').filter((name) => /^[0-9a-f]{64}$/.test(name))),
    answers,
  };
}

function broken(host: string, what: string): HostError {
  return new HostError(host, 'protocol', `${host} cannot be read: ${what}`);
}

function parseLock(words: readonly string[] | null): LockObservation {
  if (words === null) return { token: 0, holder: null };
  const [token = '0', state, lineage = '', run = '', owner = '', left = '0', live] = words;
  if (state !== 'held') return { token: Number(token), holder: null };
  return {
    token: Number(token),
    holder: {
      lineage: decodeRecordField(lineage),
      run: decodeRecordField(run),
      owner: decodeRecordField(owner),
      leaseSecondsLeft: Number(left),
      scriptRunning: live === 'yes',
    },
  };
}

const NO_UNIT = {
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
} as const;

/** `systemctl show` gives a block of `Name=value` lines per unit, in the order asked, parted by empty lines. */
function parseUnits(
  host: string,
  requests: readonly ProbeRequest[],
  text: string | null,
): ReadonlyMap<string, Extract<ProbeAnswer, { probe: 'unit' }>['found']> {
  const units = new Map<string, Extract<ProbeAnswer, { probe: 'unit' }>['found']>();
  if (text === null) return units;
  const names = [...new Set(requests.flatMap((request) => (request.probe === 'unit' ? [request.name] : [])))];
  const blocks = text.trim().split(/\n\n+/);
  names.forEach((name, i) => {
    const properties = new Map((blocks[i] ?? '').split('\n').map((line) => splitProperty(line)));
    if (!properties.has(UNIT_PROPERTIES[0])) {
      throw broken(host, `systemctl does not know unit ${name}: ${(blocks[i] ?? text).slice(0, 200)}`);
    }
    const of = (property: (typeof UNIT_PROPERTIES)[number]): string => properties.get(property) ?? '';
    units.set(name, {
      load: of('LoadState'),
      active: of('ActiveState'),
      sub: of('SubState'),
      enabled: of('UnitFileState'),
      fragmentPath: of('FragmentPath'),
      pid: Number(of('MainPID')) || 0,
      restarts: Number(of('NRestarts')) || 0,
      sinceSeconds: secondsOf(of('ActiveEnterTimestamp')),
      needsReload: of('NeedDaemonReload') === 'yes',
      result: of('Result'),
      exitStatus: Number(of('ExecMainStatus')) || 0,
      changedSeconds: secondsOf(of('StateChangeTimestamp')),
    });
  });
  return units;
}

/** `Sat 2026-11-21 03:14:00 UTC`; empty, or `n/a`, when it never was. */
function secondsOf(timestamp: string): number {
  const [, day, time] = /^\w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/.exec(timestamp) ?? [];
  return day === undefined ? 0 : Date.parse(`${day}T${time ?? ''}Z`) / 1000;
}

function splitProperty(line: string): [string, string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

function parsePackages(
  found: string,
  policy: string,
): { installed: ReadonlyMap<string, string>; candidates: ReadonlyMap<string, string> } {
  const installed = new Map<string, string>();
  for (const line of found.split('\n')) {
    const [name = '', status, version = ''] = line.split('\t');
    if (status === 'installed' && !installed.has(name)) installed.set(name, version);
  }
  const candidates = new Map<string, string>();
  let current = '';
  for (const line of policy.split('\n')) {
    if (/^\S.*:$/.test(line)) current = line.slice(0, -1);
    const candidate = /^ {2}Candidate: (.+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') candidates.set(current, candidate);
  }
  return { installed, candidates };
}

/** Lines of /proc/net/tcp and tcp6: the second word is the local address in hex, four bytes at a time in the CPU's order. */
function listenersOn(port: number, text: string): readonly { readonly address: string }[] {
  const listeners = new Set<string>();
  for (const line of text.split('\n')) {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', hexPort = ''] = local.split(':');
    if (state === '0A' && Number.parseInt(hexPort, 16) === port) listeners.add(readAddress(address));
  }
  return [...listeners].map((address) => ({ address }));
}

function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length === 4) return [...bytes.reverse()].join('.');
  bytes.swap32();
  const mapped = bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'));
  if (mapped) return [...bytes.subarray(12)].join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
