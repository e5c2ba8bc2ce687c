import type { ProbeAnswer } from './observation.ts';
import {
  CPU_ROOT,
  GROUP_ROOTS,
  MEMORY_ROOT,
  PROCESS_ROOT,
  unitGroup,
  type UsageRequest,
} from './usage-program.ts';

/** The kernel's clock as it shows it to programs, whatever its own: `USER_HZ`. */
const TICKS_PER_SECOND = 100;

/** What the two samples of a probe printed. */
export interface UsageOutput {
  readonly first: string;
  readonly last: string;
  /** One per pid file asked for, in that order; `-` for none. */
  readonly pidFiles: string;
  readonly pageBytes: number;
}

interface ProcessSample {
  readonly group: number;
  readonly cpuSeconds: number;
  readonly residentPages: number;
  readonly startTicks: number;
}

interface Sample {
  readonly uptimeSeconds: number;
  /** Of /proc/stat, in ticks. */
  readonly busyTicks: number;
  readonly totalTicks: number;
  /** Values by `FILE` or `FILE NAME`. */
  readonly values: ReadonlyMap<string, number>;
  /** Process numbers by cgroup.procs file. */
  readonly members: ReadonlyMap<string, readonly number[]>;
  readonly processes: ReadonlyMap<number, ProcessSample>;
  /** The probe itself and what it waited for. */
  readonly ownSeconds: number;
}

type UsageAnswer = Extract<ProbeAnswer, { probe: 'usage' }>;
type LoadAnswer = Extract<ProbeAnswer, { probe: 'load' }>;

/** Decodes what the samples of usage-program.ts printed. What cannot be told is null. */
export function parseUsage(output: UsageOutput): {
  readonly usageOf: (request: UsageRequest, pidFileIndex: number) => UsageAnswer;
  readonly load: () => LoadAnswer;
} {
  const first = parseSample(output.first);
  const last = parseSample(output.last);
  const seconds = last.uptimeSeconds - first.uptimeSeconds;
  const percent = (cpuSeconds: number | null): number | null =>
    cpuSeconds === null || !(seconds > 0) ? null : tenths(Math.max(0, (cpuSeconds / seconds) * 100));
  const pidFiles = output.pidFiles.split('\n').map((line) => Number.parseInt(line, 10));
  return {
    usageOf(request, pidFileIndex) {
      if (request.of === 'unit') {
        const group = unitGroup(request.name);
        return {
          probe: 'usage',
          cpuPercent: percent(groupCpu(group, first, last)),
          memoryBytes: groupMemory(group, last, output.pageBytes),
        };
      }
      const leader = pidFiles[pidFileIndex];
      const members = [...last.processes].filter(([, { group }]) => group === leader).map(([pid]) => pid);
      return {
        probe: 'usage',
        cpuPercent: percent(processCpu(members, first, last)),
        memoryBytes: residentBytes(members, last, output.pageBytes),
      };
    },
    load() {
      const total = last.totalTicks - first.totalTicks;
      if (!(total > 0)) return { probe: 'load', cpuPercent: null };
      const own = Math.max(0, last.ownSeconds - first.ownSeconds) * TICKS_PER_SECOND;
      const busy = last.busyTicks - first.busyTicks - own;
      return { probe: 'load', cpuPercent: tenths(Math.min(100, Math.max(0, (busy / total) * 100))) };
    },
  };
}

function tenths(percent: number): number {
  return Math.round(percent * 10) / 10;
}

function groupCpu(group: string, first: Sample, last: Sample): number | null {
  const accounts: readonly (readonly [key: string, perSecond: number])[] = [
    ...[...GROUP_ROOTS, PROCESS_ROOT].map((root) => [`${root}/${group}/cpu.stat usage_usec`, 1e6] as const),
    [`${CPU_ROOT}/${group}/cpuacct.usage`, 1e9],
  ];
  for (const [key, perSecond] of accounts) {
    const [before, after] = [first.values.get(key), last.values.get(key)];
    if (before !== undefined && after !== undefined) return Math.max(0, after - before) / perSecond;
  }
  return processCpu(groupMembers(group, last), first, last);
}

/** Without the cache of files that nobody uses: the kernel drops it when something else wants the memory. */
function groupMemory(group: string, last: Sample, pageBytes: number): number | null {
  const accounts: readonly (readonly [folder: string, used: string, inactive: string])[] = [
    ...GROUP_ROOTS.map((root) => [`${root}/${group}`, 'memory.current', 'inactive_file'] as const),
    [`${MEMORY_ROOT}/${group}`, 'memory.usage_in_bytes', 'total_inactive_file'],
  ];
  for (const [folder, used, inactive] of accounts) {
    const bytes = last.values.get(`${folder}/${used}`);
    if (bytes === undefined) continue;
    return Math.max(0, bytes - (last.values.get(`${folder}/memory.stat ${inactive}`) ?? 0));
  }
  return residentBytes(groupMembers(group, last), last, pageBytes);
}

function groupMembers(group: string, sample: Sample): readonly number[] {
  for (const root of [...GROUP_ROOTS, PROCESS_ROOT]) {
    const members = sample.members.get(`${root}/${group}/cgroup.procs`);
    if (members !== undefined) return members;
  }
  return [];
}

/** Processes that came in between have used all their time since. null: there is none. */
function processCpu(members: readonly number[], first: Sample, last: Sample): number | null {
  let seconds: number | null = null;
  for (const pid of members) {
    const after = last.processes.get(pid);
    if (after === undefined) continue;
    const before = first.processes.get(pid);
    const earlier = before?.startTicks === after.startTicks ? before.cpuSeconds : 0;
    const startedBefore = after.startTicks / TICKS_PER_SECOND < first.uptimeSeconds - 0.05;
    // An old process that the first sample did not see says nothing of the time between.
    if (before === undefined && startedBefore) continue;
    seconds = (seconds ?? 0) + Math.max(0, after.cpuSeconds - earlier);
  }
  return seconds;
}

function residentBytes(members: readonly number[], { processes }: Sample, pageBytes: number): number | null {
  const found = members.flatMap((pid) => processes.get(pid) ?? []);
  if (found.length === 0) return null;
  return found.reduce((sum, { residentPages }) => sum + residentPages, 0) * pageBytes;
}

function parseSample(text: string): Sample {
  const values = new Map<string, number>();
  const members = new Map<string, number[]>();
  const processes = new Map<number, ProcessSample>();
  let uptimeSeconds = NaN;
  let [busyTicks, totalTicks] = [0, 0];
  let ownSeconds = 0;
  let ownSeen = false;
  for (const line of text.split('\n')) {
    const process = parseProcess(line);
    if (process !== null) {
      processes.set(process.pid, process);
      if (!ownSeen) ownSeconds = process.cpuSeconds + process.awaitedSeconds;
      ownSeen = true;
      continue;
    }
    const at = line.lastIndexOf(':');
    if (at < 0) continue;
    const [file, words] = [
      line.slice(0, at),
      line
        .slice(at + 1)
        .trim()
        .split(/\s+/),
    ];
    if (file === '/proc/uptime') uptimeSeconds = Number(words[0]);
    else if (file === '/proc/stat') {
      const ticks = words.slice(1, 9).map(Number);
      totalTicks = ticks.reduce((sum, each) => sum + each, 0);
      // Idle, and waiting for a disk, which is idle as well.
      busyTicks = totalTicks - (ticks[3] ?? 0) - (ticks[4] ?? 0);
    } else if (file.endsWith('/cgroup.procs')) {
      const list = members.get(file);
      if (list === undefined) members.set(file, [Number(words[0])]);
      else list.push(Number(words[0]));
    } else if (words.length === 2) values.set(`${file} ${words[0] ?? ''}`, Number(words[1]));
    else values.set(file, Number(words[0]));
  }
  return { uptimeSeconds, busyTicks, totalTicks, values, members, processes, ownSeconds };
}

/** A line of /proc/PID/stat, with the file's name before it or without. The name of the program may hold anything. */
function parseProcess(
  line: string,
): (ProcessSample & { readonly pid: number; readonly awaitedSeconds: number }) | null {
  const pid = /^(?:\/proc\/\d+\/stat:)?(\d+) \(/.exec(line)?.[1];
  if (pid === undefined) return null;
  // From the state on, which is field 3.
  const fields = line.slice(line.lastIndexOf(') ') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? NaN);
  return {
    pid: Number(pid),
    group: field(5),
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    awaitedSeconds: (field(16) + field(17)) / TICKS_PER_SECOND,
    startTicks: field(22),
    residentPages: field(24),
  };
}
