import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, table } from './measure.ts';
import { BENCH, SLIPWAY } from './tools.ts';

const INSTANCES = 20;
const LINES = 250;
const HOSTS = Array.from({ length: INSTANCES }, (_, i) => `127.0.3.${i + 1}`);

/** What a package manager says when it works. */
const DEFINITION = `
file "config" {
  path    = "app.conf"
  content = "address = \${host.address}\\n"
}
script "install" {
  create  = "awk 'BEGIN { for (i = 1; i <= ${LINES}; i++) printf \\"Unpacking library-%d (1.2.%d-3) over the one that was there before, %d of ${LINES} ...\\\\n\\", i, i, i }'"
  destroy = "true"
}
service "app" { command = "/bin/sh -c 'while sleep 1000; do :; done'" }
`;

/** First deploys of 20 instances through `serve`, in turn with nobody watching and with viewers of which half never read. */
export async function viewersBench(viewers: number, repetitions: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  mkdirSync(path.join(folder, 'app'));
  writeFileSync(path.join(folder, 'app', 'component.hcl'), DEFINITION);
  const hosts = JSON.stringify(HOSTS);
  writeFileSync(
    path.join(folder, 'cluster.hcl'),
    `cluster "viewers" {}\ncomponent "app" {\n  source = "./app"\n  hosts  = ${hosts}\n}\n`,
  );
  const server = await startServer(folder);
  try {
    const seconds: Record<'alone' | 'watched', number[]> = { alone: [], watched: [] };
    let [lines, faults] = [0, 0];
    let idleMiB = 0;
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      for (const kind of ['alone', 'watched'] as const) {
        const watching = kind === 'watched' ? await startViewers(server.port, viewers) : null;
        const before = server.lastRun;
        const taken = await server.deploy();
        if (watching !== null) {
          const told = await watching.check(before, server.lastRun);
          lines = told.lines;
          faults += told.faults.length;
          if (told.faults.length > 0)
            process.stderr.write(`${told.faults.length} faults: ${[...new Set(told.faults)].join('; ')}\n`);
          watching.close();
        }
        process.stderr.write(
          `${kind}: ${taken.toFixed(2)} s, the server has ${server.residentMiB().toFixed(0)} MiB\n`,
        );
        // The first round fills caches.
        if (repetition > 0) seconds[kind].push(taken);
        else if (kind === 'alone') idleMiB = server.peakMiB();
        await server.destroy();
      }
    }
    const floor = median(seconds.alone);
    const ratio = median(seconds.watched) / floor;
    process.stdout.write(
      table(
        [`deploy of ${INSTANCES} instances`, 's', 'over nobody'],
        [
          ['nobody watches', floor.toFixed(2), '1.00 x'],
          [
            `${viewers} viewers, half never read`,
            median(seconds.watched).toFixed(2),
            `${ratio.toFixed(2)} x`,
          ],
        ],
      ),
    );
    process.stdout.write(
      `\n${lines} lines to each who read, ${faults === 0 ? 'all in order, each once' : `${faults} FAULTS`}. ` +
        `Peak memory of the server: ${idleMiB.toFixed(0)} MiB after a deploy that nobody watched, ` +
        `${server.peakMiB().toFixed(0)} MiB in all. Medians of ${repetitions}.\n`,
    );
    return faults === 0 ? 0 : 1;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Server {
  readonly port: number;
  /** Where all lines of the last run stand; null: there was none. */
  readonly lastRun: string | null;
  /** Seconds from asking to the end. */
  deploy(): Promise<number>;
  destroy(): Promise<void>;
  residentMiB(): number;
  peakMiB(): number;
  close(): Promise<void>;
}

async function startServer(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [SLIPWAY, 'serve', '--chdir', folder, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await portOf(child);
  const url = `http://127.0.0.1:${port}`;
  let lastRun: string | null = null;
  const ended = async (run: string): Promise<void> => {
    const summary = path.join(folder, '.slipway', 'runs', run, 'run.json');
    while (!existsSync(summary)) await sleep(5);
    lastRun = path.join(path.dirname(summary), 'stream');
    // Written before the lock is given back.
    for (;;) {
      const { run: current } = (await (await fetch(`${url}/api/v1/cluster`)).json()) as { run: unknown };
      if (current === null) return;
      await sleep(5);
    }
  };
  const runOf = async (answer: Response): Promise<string> => {
    if (answer.status !== 202) throw new Error(await answer.text());
    return ((await answer.json()) as { run: string }).run;
  };
  const memory = (field: string): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  };
  const post = (route: string, body: unknown): Promise<Response> =>
    fetch(`${url}/api/v1/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const server: Server = {
    port,
    get lastRun() {
      return lastRun;
    },
    async deploy() {
      const startedAt = performance.now();
      await ended(await runOf(await fetch(`${url}/deployment-engine/deploy`)));
      return (performance.now() - startedAt) / 1000;
    },
    async destroy() {
      const { plan } = (await (await post('plan', { does: 'destroy' })).json()) as { plan: string };
      await ended(await runOf(await post('runs', { does: 'destroy', plan })));
    },
    residentMiB: () => memory('VmRSS'),
    peakMiB: () => memory('VmHWM'),
    async close() {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await closed;
    },
  };
  return server;
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once('close', () => reject(new Error(`the server ended: ${text}`)));
  });
}

interface Told {
  readonly faults: readonly string[];
  readonly lines: number;
}

/** Viewers of the log, connected. */
async function startViewers(port: number, count: number) {
  const child = fork(path.join(BENCH, 'viewers-client.mjs'), [String(port), String(count)]);
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('the viewers ended')));
  });
  const ask = (question: unknown): Promise<Told> =>
    new Promise((resolve) => {
      child.once('message', (told) => resolve(told as Told));
      child.send(question as object);
    });
  return {
    /** What is wrong with what they got, once they had the time to get it. */
    async check(before: string | null, run: string | null): Promise<Told> {
      for (let left = 20; ; left--) {
        await sleep(250);
        const told = await ask({ before, run });
        if (told.faults.length === 0 || left === 0) return told;
      }
    },
    close: () => child.kill(),
  };
}
