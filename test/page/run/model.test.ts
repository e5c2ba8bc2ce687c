import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/page/api/run-types.ts';
import type { Run, RunInstance } from '../../../src/page/api/types.ts';
import {
  elapsedOf,
  isOver,
  modelOf,
  wordProgress,
  type RunModel,
} from '../../../src/page/views/run/model.ts';
import { orderRows, type RunFilter } from '../../../src/page/views/run/order.ts';
import { reduceRun, type RunMessage } from '../../../src/page/views/run/reduce.ts';

const START = Date.parse('2026-11-21T04:00:00.000Z');
const ADDRESSES = ['nats@10.0.0.1', 'nats@10.0.0.2', 'api@10.0.0.3'];

const untouched = (instance: string): RunInstance => ({
  instance,
  action: 'install',
  outcome: 'untouched',
  elapsedMs: null,
  why: null,
  log: 'log',
});
const answer = (more: Partial<Run> = {}): Run => ({
  run: 'r1',
  operation: 'apply',
  owner: 'me@here',
  startedAt: new Date(START).toISOString(),
  finishedAt: null,
  outcome: 'running',
  counts: null,
  phase: 'running',
  firstEvent: 1,
  problem: null,
  instances: ADDRESSES.map(untouched),
  ...more,
});

type Bare = RunEvent extends infer E ? (E extends unknown ? Omit<E, 'time'> : never) : never;
const numbered = (first: number, events: readonly Bare[]): readonly RunMessage[] =>
  events.map((event, i) => ({
    type: 'event',
    id: first + i,
    event: { ...event, time: START + (first + i) * 1000 } as RunEvent,
  }));
const started: Bare = {
  type: 'run-started',
  run: 'r1',
  instances: ADDRESSES.map((instance) => {
    const [component = '', host = ''] = instance.split('@');
    return { instance, component, host, action: 'install' as const };
  }),
};
const [first = '', second = '', third = ''] = ADDRESSES;
const failure = {
  resource: 'service.nats',
  message: 'It did not start.',
  remedy: 'Look at its log.',
  lastLines: ['boom'],
  logPath: 'x',
};
const states = ({ rows }: RunModel): readonly string[] =>
  rows.map(({ status, doing }) => `${status} ${doing}`.trim());

describe('a run by its events', () => {
  const live = reduceRun(
    modelOf(answer()),
    numbered(1, [
      started,
      { type: 'instance-waiting', instance: third, for: 'nats' },
      { type: 'instance-started', instance: first },
      { type: 'instance-activity', instance: first, activity: 'uploading', detail: '40 %' },
      { type: 'instance-started', instance: second },
      { type: 'resource-started', instance: second, resource: 'file.config' },
      { type: 'output', instance: second, resource: null, line: 'x' },
    ]),
  );

  it('says what each instance is at', () => {
    expect(states(live)).toEqual([
      'running uploading: 40 %',
      'running file.config',
      'waiting waits for nats',
    ]);
    expect(live.counts).toMatchObject({ running: 2, waiting: 1, done: 0 });
    expect(wordProgress(live)).toBe('0 of 3 done, 2 running');
    expect(live.lastEvent).toBe(7);
  });

  it('keeps failures in the order in which they came, with their causes', () => {
    const failed = reduceRun(
      live,
      numbered(8, [
        { type: 'instance-failed', instance: second, elapsedMs: 1200, failure },
        { type: 'instance-skipped', instance: third, because: 'nats failed' },
        { type: 'instance-succeeded', instance: first, elapsedMs: 900 },
      ]),
    );
    expect(states(failed)).toEqual(['done', 'failed', 'skipped nats failed']);
    expect(failed.failures.map((at) => failed.rows[at]?.failure)).toEqual([failure]);
    expect(states(live)).toHaveLength(3);
  });

  it('takes no event twice', () => {
    const again = reduceRun(
      live,
      numbered(1, [started, { type: 'instance-succeeded', instance: first, elapsedMs: 1 }]),
    );
    expect(states(again)).toEqual(states(live));
  });

  it('leaves what was not finished as not done at its end', () => {
    const ended = reduceRun(live, [
      {
        type: 'end',
        end: {
          run: 'r1',
          outcome: 'interrupted',
          counts: { succeeded: 0, failed: 0, skipped: 0 },
          problem: null,
        },
      },
    ]);
    expect(isOver(ended)).toBe(true);
    expect(ended).toMatchObject({ phase: null, counts: { untouched: 3 } });
    expect(states(ended)).toEqual([
      'untouched it was being worked on',
      'untouched it was being worked on',
      'untouched',
    ]);
  });

  it('is brought up to date after a gap, and goes on from there', () => {
    const known = { ...untouched(first), outcome: 'succeeded', elapsedMs: 5 } as const;
    const fresh = modelOf(answer({ instances: [known, untouched(second), untouched(third)] }), live);
    expect(states(fresh)).toEqual(['done uploading: 40 %', 'running file.config', 'waiting waits for nats']);
    const on = reduceRun(
      fresh,
      numbered(500, [{ type: 'instance-succeeded', instance: second, elapsedMs: 9 }]),
    );
    expect(on.counts).toMatchObject({ done: 2, waiting: 1 });
  });
});

describe('a run that is over', () => {
  const over = answer({
    outcome: 'failed',
    phase: null,
    finishedAt: new Date(START + 5_000).toISOString(),
    instances: [
      { ...untouched(first), outcome: 'succeeded', elapsedMs: 900 },
      { ...untouched(second), outcome: 'failed', why: 'service.nats: It did not start.' },
      { ...untouched(third), outcome: 'skipped', why: 'nats failed' },
    ],
  });

  it('is told by its summary', () => {
    const model = modelOf({ ...over, firstEvent: null });
    expect(states(model)).toEqual(['done', 'failed', 'skipped nats failed']);
    expect(model).toMatchObject({ hasEvents: false, failures: [1] });
    expect(model.rows[1]?.failure).toEqual({ message: 'service.nats: It did not start.' });
    expect(elapsedOf(model, START + 60_000, true)).toBe(5_000);
    expect(wordProgress(model)).toBe('Run failed: 3 of 3 done, 1 failed, 1 skipped');
  });

  it('never seems to run again while its events are read once more', () => {
    const replayed = reduceRun(
      modelOf(over),
      numbered(1, [started, { type: 'instance-started', instance: first }]),
    );
    expect(states(replayed)).toEqual(['done', 'failed', 'skipped nats failed']);
    const on = reduceRun(
      replayed,
      numbered(3, [{ type: 'instance-failed', instance: second, elapsedMs: 7, failure }]),
    );
    expect(on.rows[1]).toMatchObject({ status: 'failed', failure: { lastLines: ['boom'] } });
    expect(on.failures).toEqual([1]);
  });
});

describe('the order of rows', () => {
  const all: RunFilter = { statuses: new Set(), text: '' };
  const many = (count: number): RunModel => {
    const instances = Array.from({ length: count }, (_, i) => `nats@10.0.0.${i}`);
    return modelOf(
      answer({
        instances: instances.map((instance, i) => ({
          ...untouched(instance),
          outcome: i === count - 1 ? 'failed' : i === 0 ? 'succeeded' : 'untouched',
        })),
      }),
    );
  };

  it('is that of the plan while all are seen at a glance', () => {
    expect(orderRows(many(3), all).map(({ status }) => status)).toEqual(['done', 'waiting', 'failed']);
  });

  it('brings what wants looking at to the top of many', () => {
    const rows = orderRows(many(100), all);
    expect(rows[0]).toMatchObject({ status: 'failed' });
    expect(rows[1]).toMatchObject({ instance: 'nats@10.0.0.1', status: 'waiting' });
    expect(rows.at(-1)).toMatchObject({ status: 'done' });
  });

  it('filters by status and by words', () => {
    expect(orderRows(many(100), { ...all, statuses: new Set(['failed']) })).toHaveLength(1);
    expect(orderRows(many(100), { ...all, text: 'NATS 0.99' })).toHaveLength(1);
  });
});
