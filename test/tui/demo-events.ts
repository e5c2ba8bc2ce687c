import type { PlannedWork, RunEvent } from '../../src/apply/events.ts';

/** `RunEvent` without its time. */
type Told = RunEvent extends infer E ? (E extends unknown ? Omit<E, 'time'> : never) : never;

export interface TimedEvent {
  /** Milliseconds after the run's start. */
  readonly atMs: number;
  readonly event: (time: number) => RunEvent;
}

const STEPS = ['package.base', 'user.app', 'file.config', 'service.app'] as const;

/** A run of so many instances on three components, made up but in the order in which the engine tells; one instance fails. */
export function demoEvents(instances: number, { stepMs = 300, width = 40 } = {}): readonly TimedEvent[] {
  const components = ['nats', 'api', 'edge-balancer'];
  const work = Array.from({ length: instances }, (_, i): PlannedWork => {
    const component = components[Math.floor((i * components.length) / instances)] ?? 'nats';
    const host =
      i % 17 === 3
        ? `2001:db8:85a3:8d3:1319:8a2e:370:${(7000 + i).toString(16)}`
        : `10.10.${100 + (i >> 8)}.${i & 255}`;
    const action = i % 5 === 4 ? 'update' : i % 11 === 10 ? 'remove' : 'install';
    return { instance: `${component}@${host}`, component, host, action };
  });
  const events: TimedEvent[] = [];
  const tell = (atMs: number, told: Told): void =>
    void events.push({ atMs, event: (time) => ({ time, ...told }) as RunEvent });
  tell(0, { type: 'run-started', run: '20261120-1203-k3f', instances: work });
  const failing = Math.floor(instances / 2) + (instances > 2 ? 1 : 0);
  work.forEach(({ instance, host }, i) => {
    let at = 200 + Math.floor(i / width) * stepMs * 5 + (i % width) * 37;
    const started = at;
    if (i > width) tell(100, { type: 'instance-waiting', instance, for: 'a free slot' });
    if (i > failing + width && i < failing + width + 3) {
      tell(at, { type: 'instance-skipped', instance, because: 'an earlier batch of its component failed' });
      return;
    }
    tell(at, { type: 'instance-started', instance });
    tell((at += 50), { type: 'instance-activity', instance, activity: 'uploading', detail: '40 %' });
    for (const resource of STEPS) {
      tell((at += stepMs), { type: 'resource-started', instance, resource });
      tell(at + 20, {
        type: 'output',
        instance,
        resource,
        line: `Setting up ${resource} (2.9.${i}-1) on ${host} … 日本語 ✓`,
      });
      if (i === failing && resource === 'service.app') {
        const lastLines = [
          'app.service: Main process exited, code=exited, status=1/FAILURE',
          'bind: address already in use (0.0.0.0:8080)',
          "app.service: Failed with result 'exit-code'.",
        ];
        tell((at += stepMs), {
          type: 'instance-failed',
          instance,
          elapsedMs: at - started,
          failure: {
            resource,
            message: 'the unit app.service did not stay up for 2 s after its start (exit code 1)',
            remedy: 'The next apply verifies it again and completes what is missing.',
            lastLines,
            logPath: '.slipway/runs/20261120-1203-k3f/api_3.log',
          },
        });
        return;
      }
      tell(at + stepMs - 1, { type: 'resource-finished', instance, resource });
    }
    tell((at += stepMs), { type: 'instance-activity', instance, activity: 'checking', detail: 'listening' });
    tell((at += stepMs), { type: 'instance-succeeded', instance, elapsedMs: at - started });
  });
  events.sort((a, b) => a.atMs - b.atMs);
  const end = (events.at(-1)?.atMs ?? 0) + 400;
  const tally = (type: RunEvent['type']): number =>
    events.filter(({ event }) => event(0).type === type).length;
  const counts = {
    succeeded: tally('instance-succeeded'),
    failed: tally('instance-failed'),
    skipped: tally('instance-skipped'),
  };
  tell(end, { type: 'run-finished', run: '20261120-1203-k3f', outcome: 'failed', elapsedMs: end, counts });
  return events;
}
