import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { reduceRun, tailLimit } from '../../src/tui/reducer.ts';
import { EMPTY_RUN, type RunModel } from '../../src/tui/run-model.ts';
import { demoEvents } from './demo-events.ts';

const eventsOf = (instances: number): readonly RunEvent[] =>
  demoEvents(instances).map(({ atMs, event }) => event(atMs));

function rowOf(model: RunModel, instance: string) {
  const row = model.rows[model.rowOf.get(instance) ?? -1];
  if (row === undefined) throw new Error(`no row of ${instance}`);
  return row;
}

describe('the model of a live run', () => {
  it('counts where instances are, and ends with all of them over', () => {
    const model = reduceRun(EMPTY_RUN, eventsOf(30));
    const { done, failed, skipped, waiting, working } = model.counts;
    expect([waiting, working, failed]).toEqual([0, 0, 1]);
    expect(done + failed + skipped).toBe(30);
    expect(model.finished?.outcome).toBe('failed');
  });

  it('is the same however events come in batches', () => {
    const events = eventsOf(20);
    const one = reduceRun(EMPTY_RUN, events);
    const many = events.reduce((model, event) => reduceRun(model, [event]), EMPTY_RUN);
    expect(many).toEqual(one);
  });

  it('leaves the model before as it was', () => {
    const events = eventsOf(5);
    const before = reduceRun(EMPTY_RUN, events.slice(0, 8));
    const copy = structuredClone(before);
    reduceRun(before, events.slice(8));
    expect(before).toEqual(copy);
  });

  it('knows what an instance is doing, and keeps its failure with cause', () => {
    const instance = 'api@10.0.0.1';
    const failure = {
      resource: 'service.api',
      message: 'ended with code 1',
      remedy: '',
      lastLines: ['x'],
      logPath: 'api_0.log',
    };
    const started = reduceRun(EMPTY_RUN, [
      {
        time: 0,
        type: 'run-started',
        run: 'r',
        instances: [{ instance, component: 'api', host: '10.0.0.1', action: 'install' }],
      },
      { time: 1, type: 'instance-started', instance },
      { time: 2, type: 'resource-started', instance, resource: 'service.api' },
      { time: 3, type: 'output', instance, resource: null, line: '\u001b[31mhello\u001b[0m\r' },
    ]);
    expect(rowOf(started, instance)).toMatchObject({
      status: 'working',
      doing: 'service.api',
      tail: ['hello'],
    });
    const failed = reduceRun(started, [
      { time: 4, type: 'instance-failed', instance, elapsedMs: 3, failure },
    ]);
    expect(rowOf(failed, instance)).toMatchObject({ status: 'failed', failure });
    expect(failed.failures).toEqual([0]);
  });

  it('keeps only the last lines of a flood of output', () => {
    const [first, ...rest] = eventsOf(1);
    const instance = 'nats@10.10.100.0';
    const flood = Array.from({ length: 5000 }, (_, i): RunEvent => ({
      time: i,
      type: 'output',
      instance,
      resource: null,
      line: `line ${i} ${'x'.repeat(10_000)}`,
    }));
    if (first === undefined || rest.length === 0) throw new Error('no events');
    const { tail } = rowOf(reduceRun(reduceRun(EMPTY_RUN, [first]), flood), instance);
    expect(tail).toHaveLength(tailLimit(1));
    expect(tail.at(-1)).toMatch(/^line 4999 x+…$/);
    expect(tail.at(-1)?.length).toBeLessThan(600);
  });

  it('ignores instances that it was not told of', () => {
    expect(reduceRun(EMPTY_RUN, [{ time: 0, type: 'instance-started', instance: 'x@y' }]).rows).toEqual([]);
  });
});
