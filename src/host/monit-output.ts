import type { MonitAnswer } from './observation.ts';
import type { MonitQuestion } from './monit-program.ts';

/** What the probe's part on monit printed, by its frames; null: nothing came, for monit does not run there. */
export interface MonitFrames {
  /** Control file in use, folder, exit code, then all that `monit status` said. */
  readonly answer: string | null;
  /** Lines `PID START_TICKS` of processes that monit names and that are there. */
  readonly alive: string;
  /** Our control file of a service; null: there is none. */
  readonly control: (name: string) => string | null;
  /** Words on the pid file of one of our services: running, pid, since, restarts. */
  readonly process: (name: string) => readonly string[] | null;
}

/** A process as `monit status` tells of it. */
interface Listed {
  status: string;
  watched: boolean;
  pid: number | null;
}

/** What the probe learnt of services under monit. `bootedAt`: in seconds since 1970. */
export function monitAnswers(
  frames: MonitFrames,
  bootedAt: number,
): (question: MonitQuestion) => MonitAnswer {
  const [rc = '', folder = '', code = '', ...said] = (frames.answer ?? '').split('\n');
  const text = said.join('\n');
  const listed = parseStatus(text);
  const alive = new Map(frames.alive.split('\n').map((line) => splitPair(line)));
  const silent = frames.answer === null ? 'it does not run' : code === '0' ? null : complaint(text, code);

  return ({ name, own }) => {
    const found = listed.get(name);
    const common = {
      probe: 'monit' as const,
      silent,
      rc,
      folder: folder === '' ? null : folder,
      listed: found !== undefined,
      watched: found?.watched === true,
      status: found?.status ?? '',
    };
    if (own) {
      const [running, pid, since, restarts] = frames.process(name) ?? [];
      const runs = running === 'yes';
      return {
        ...common,
        control: frames.control(name),
        running: runs,
        pid: runs ? Number(pid) : null,
        sinceSeconds: runs ? Number(since) || null : null,
        restarts: Number(restarts) || 0,
      };
    }
    const ticks = alive.get(found?.pid ?? 0);
    return {
      ...common,
      control: null,
      running: ticks !== undefined,
      pid: ticks === undefined ? null : (found?.pid ?? null),
      // A tick is 1/100 s on every Linux.
      sinceSeconds: ticks === undefined ? null : Math.round(bootedAt + ticks / 100),
      restarts: null,
    };
  };
}

/**
 * `monit status`: blocks that begin with `Process 'web'`, then one indented `name   value` per line. Monit 5.2 says
 * "running" and "monitored" where 5.33 says "OK" and "Monitored".
 */
export function parseStatus(text: string): ReadonlyMap<string, Listed> {
  const services = new Map<string, Listed>();
  let current: Listed | null = null;
  for (const line of text.replace(/\u001b\[[0-9;]*m/g, '').split('\n')) {
    const head = /^(\S.*?) '(.*)'\s*$/.exec(line);
    if (head !== null) {
      current = head[1] === 'Process' ? { status: '', watched: false, pid: null } : null;
      if (current !== null) services.set(head[2] ?? '', current);
      continue;
    }
    const property = /^\s+(status|monitoring status|pid)\s{2,}(.*?)\s*$/.exec(line);
    if (current === null || property === null) continue;
    const [, name, value = ''] = property;
    if (name === 'status') current.status = value;
    else if (name === 'pid') current.pid = Number(value) || null;
    else current.watched = !/^not/i.test(value);
  }
  return services;
}

function splitPair(line: string): [number, number] {
  const [pid, ticks] = line.split(' ');
  return [Number(pid), Number(ticks)];
}

/** Its own words, of the last line; a time limit has none. */
function complaint(text: string, code: string): string {
  if (code === '124' || code === '143') return 'it did not answer within 20 s';
  const line = text
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^Monit: /i, '');
  return line === undefined || line === '' ? `monit status ended with exit code ${code}` : line;
}
