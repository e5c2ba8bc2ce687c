import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { deploy } from '../../src/server/engine/deploy.ts';
import { textFrames } from '../../src/server/engine/text-frames.ts';
import type { LiveRun, RunDesk } from '../../src/app/serve/run-desk.ts';
import type { ServerUseCases } from '../../src/server/use-cases.ts';
import { serveCluster, type ServedCluster } from './local-cluster.ts';

const network = `127.${20 + (process.pid % 200)}.${((process.pid >> 3) + 7) % 250}`;
const spec = (round: number): string => `
cluster "chatty" {}
component "app" {
  source = "./app"
  hosts  = ["${network}.1", "${network}.2"]
  inputs = { round = ${round} }
}
`;
/** 100 lines of 60 KiB each: more than what lies between two ends of a connection. */
const DEFINITION = `
input "round" { type = number }
script "talk" {
  create   = "long=$(head -c 61440 /dev/zero | tr '\\\\0' x); for n in $(seq 1 100); do echo \\"$n $long\\"; done"
  destroy  = "true"
  triggers = [input.round]
}
`;

async function until(is: () => boolean, ms = 20_000): Promise<void> {
  for (const endMs = performance.now() + ms; !is();) {
    if (performance.now() > endMs) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function viewer(cluster: ServedCluster) {
  const socket = new WebSocket(`${cluster.url.replace('http', 'ws')}/deployment-engine/log`);
  const lines: string[] = [];
  socket.on('message', (data: Buffer) => lines.push(data.toString()));
  return {
    socket,
    lines,
    opened: new Promise((resolve) => socket.once('open', resolve)),
    ends: () => lines.filter((line) => / run \S+ succeeded: /.test(line)).length,
  };
}

describe('those who watch the log', () => {
  let cluster: ServedCluster;
  beforeAll(async () => {
    cluster = await serveCluster({ 'cluster.hcl': spec(1), 'app/component.hcl': DEFINITION });
  });
  afterAll(async () => {
    cluster.write('cluster.hcl', 'cluster "chatty" {}\n');
    await fetch(`${cluster.url}/deployment-engine/deploy`);
    await cluster.close();
    expect(cluster.problems).toEqual([]);
  });
  const linesOf = (run: string): string[] =>
    readFileSync(path.join(cluster.directory, '.slipway', 'runs', run, 'stream'), 'utf8')
      .trimEnd()
      .split('\n');

  it('who is slow gets each line once and in order, over two runs, and nobody waits for it', async () => {
    const [slow, awake, deaf] = [viewer(cluster), viewer(cluster), viewer(cluster)];
    await Promise.all([slow.opened, awake.opened, deaf.opened]);
    slow.socket.pause();
    deaf.socket.pause();
    const runs: string[] = [];
    for (const round of [1, 2]) {
      cluster.write('cluster.hcl', spec(round));
      const answer = await fetch(`${cluster.url}/deployment-engine/deploy`);
      runs.push(((await answer.json()) as { run: string }).run);
      await until(() => awake.ends() === round);
    }
    expect(slow.lines.length).toBeLessThan(awake.lines.length);
    slow.socket.resume();
    await until(() => slow.ends() === 2);
    const expected = runs.flatMap(linesOf);
    expect(expected.length).toBeGreaterThan(400);
    expect(awake.lines.length).toBe(expected.length);
    expect(awake.lines.every((line, i) => line === expected[i])).toBe(true);
    expect(slow.lines.every((line, i) => line === expected[i])).toBe(true);
    for (const { socket } of [slow, awake, deaf]) socket.terminate();
  });

  it('what they say is passed over', async () => {
    const talker = viewer(cluster);
    await talker.opened;
    talker.socket.send('hello\n');
    talker.socket.send(Buffer.from([0, 255]));
    await until(() => talker.ends() === 1);
    expect(talker.socket.readyState).toBe(WebSocket.OPEN);
    talker.socket.terminate();
  });
});

it('the lines of the last run are there after the server began anew', async () => {
  const text = Array.from({ length: 1200 }, (_, i) => `line ${i}\n`).join('');
  const logs = '.slipway/runs/20261121T000000-aaaa';
  const cluster = await serveCluster({ 'cluster.hcl': 'cluster "old" {}\n', [`${logs}/stream`]: text });
  try {
    const late = viewer(cluster);
    await until(() => late.lines.length === 1000);
    expect([late.lines[0], late.lines.at(-1)]).toEqual(['line 200', 'line 1199']);
    late.socket.terminate();
  } finally {
    await cluster.close();
  }
});

it('lines of any length are one message each', async () => {
  const lines = [
    '',
    'a',
    'ü'.repeat(62),
    'x'.repeat(125),
    'x'.repeat(126),
    'x'.repeat(65_535),
    'x'.repeat(65_536),
  ];
  const frames = textFrames(lines);
  const found: string[] = [];
  for (let at = 0; at < frames.length;) {
    expect(frames[at]).toBe(0x81);
    const short = frames[at + 1] ?? 0;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const size =
      short < 126
        ? short
        : short === 126
          ? frames.readUInt16BE(at + 2)
          : Number(frames.readBigUInt64BE(at + 2));
    found.push(frames.subarray(at + head, at + head + size).toString());
    at += head + size;
  }
  expect(found).toEqual(lines);
  await Promise.resolve();
});

it('a deploy that takes long to plan is answered in time, with its run', async () => {
  const run = { id: '20261121T000000-bbbb' } as LiveRun;
  let latest: LiveRun | null = null;
  const desk = {
    latest: () => latest,
    begin: () => {
      latest = run;
      return new Promise<LiveRun>((_, reject) =>
        setTimeout(() => reject(new Error('too late to be told')), 60),
      );
    },
  } as unknown as RunDesk;
  const answer = await deploy({ desk } as ServerUseCases, 20);
  expect(answer).toEqual({ run: run.id, planned: null });
  await new Promise((resolve) => setTimeout(resolve, 80));
});
