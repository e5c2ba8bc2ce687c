import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/apply/events.ts';
import { createRunTextView, type RunTextOptions } from '../../../src/cli/view/run-text.ts';

const START = 1_700_000_000_000;
const golden = (name: string): string => `../../golden/view/${name}.txt`;

/** Three instances: one comes off, one fails, one is skipped for it. */
const EVENTS: readonly RunEvent[] = [
  {
    time: START,
    type: 'run-started',
    run: '20261120-1203-k3f',
    instances: [
      { instance: 'nats@10.0.0.1', component: 'nats', host: '10.0.0.1', action: 'install' },
      { instance: 'api@10.0.0.2', component: 'api', host: '10.0.0.2', action: 'update' },
      { instance: 'lb@10.0.0.3', component: 'lb', host: '10.0.0.3', action: 'install' },
    ],
  },
  { time: START + 10, type: 'instance-waiting', instance: 'lb@10.0.0.3', for: 'api' },
  { time: START + 100, type: 'instance-started', instance: 'nats@10.0.0.1' },
  {
    time: START + 150,
    type: 'instance-activity',
    instance: 'nats@10.0.0.1',
    activity: 'uploading',
    detail: '10 %',
  },
  {
    time: START + 180,
    type: 'instance-activity',
    instance: 'nats@10.0.0.1',
    activity: 'uploading',
    detail: '90 %',
  },
  { time: START + 200, type: 'resource-started', instance: 'nats@10.0.0.1', resource: 'package.nats-server' },
  {
    time: START + 300,
    type: 'output',
    instance: 'nats@10.0.0.1',
    resource: 'package.nats-server',
    line: '\u001b[1mSetting up\u001b[0m nats-server\r',
  },
  {
    time: START + 900,
    type: 'instance-activity',
    instance: 'nats@10.0.0.1',
    activity: 'retrying',
    detail: 'the connection was lost',
  },
  { time: START + 1500, type: 'instance-succeeded', instance: 'nats@10.0.0.1', elapsedMs: 1400 },
  {
    time: START + 1500,
    type: 'warning',
    message: 'bus@10.0.0.9 is removed before nats@10.0.0.1 takes its place',
  },
  { time: START + 1600, type: 'instance-started', instance: 'api@10.0.0.2' },
  { time: START + 2000, type: 'stopping', mode: 'graceful' },
  {
    time: START + 13_600,
    type: 'instance-failed',
    instance: 'api@10.0.0.2',
    elapsedMs: 12_000,
    failure: {
      resource: 'service.api',
      message: 'ended with code 1',
      remedy: 'The next apply verifies it again and completes what is missing.',
      lastLines: ['api[7]: bind: address already in use', 'api.service: failed'],
      logPath: '.slipway/runs/20261120-1203-k3f/api_0.log',
    },
  },
  {
    time: START + 13_600,
    type: 'instance-skipped',
    instance: 'lb@10.0.0.3',
    because: 'it needs api, which did not succeed',
  },
  {
    time: START + 13_700,
    type: 'run-finished',
    run: '20261120-1203-k3f',
    outcome: 'failed',
    elapsedMs: 13_700,
    counts: { succeeded: 1, failed: 1, skipped: 1 },
  },
];

function render(options: Partial<RunTextOptions> = {}): string {
  const lines: string[] = [];
  const view = createRunTextView((line) => lines.push(line), { color: false, ...options });
  for (const event of EVENTS) view(event);
  return lines.map((line) => `${line}\n`).join('');
}

describe('a run in plain lines', () => {
  it('has a line per start and end, failures in full, and a summary', async () => {
    await expect(render()).toMatchFileSnapshot(golden('run'));
  });

  it('tells of every resource and what scripts print when it is verbose', async () => {
    await expect(render({ verbose: true })).toMatchFileSnapshot(golden('run-verbose'));
  });

  it('ends with one line that says it all', () => {
    expect(render().trimEnd().split('\n').at(-1)).toBe(
      'Run failed: 1 installed, 1 failed, 1 skipped in 14 s.',
    );
  });
});
