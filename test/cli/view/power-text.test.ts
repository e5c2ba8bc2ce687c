import { describe, expect, test } from 'vitest';
import { renderPower } from '../../../src/cli/view/power-text.ts';
import { planPower } from '../../../src/plan/power-plan.ts';
import type { PowerAction } from '../../../src/resources/service-power.ts';
import type { InstanceState } from '../../../src/state/model.ts';
import { sampleComponent, sampleInstance } from '../../state/sample-state.ts';

const services = [
  { kind: 'service', address: 'service.x', key: 'unit x', attributes: { name: 'x', driver: 'unit' } },
] as const;

const hosts = (from: number, amount: number): string[] =>
  Array.from({ length: amount }, (_, i) => `10.0.0.${from + i}`);

function words(action: PowerAction, more: readonly InstanceState[] = [], width = 80): string {
  const placed = (component: string, at: string[]) =>
    at.map((host) => sampleInstance(component, host, { resources: services }));
  const instances = [...placed('api', hosts(10, 12)), ...placed('db', ['10.0.0.1', '10.0.0.7']), ...more];
  const update = {
    canaries: 1,
    maxInFlight: { unit: 'percent', amount: 25 },
    watchSeconds: 30,
  } as const;
  const state = {
    components: new Map([
      ['db', sampleComponent],
      ['api', { ...sampleComponent, update, dependsOn: ['db'] }],
      ['cache', sampleComponent],
    ]),
    instances: new Map(instances.map((instance) => [instance.address, instance])),
  };
  return renderPower(planPower(state, action, instances), { color: false, width });
}

describe('what is about to happen', () => {
  test('a stop says its order, and what follows from it', () => {
    expect(words('stop')).toBe(
      [
        'Stop 14 instances, dependants first:',
        '  1. api  10.0.0.10 to 10.0.0.21',
        '  2. db   10.0.0.1, 10.0.0.7',
        'Stopped services stay down, across applies and reboots, until `slipway start`.',
        '',
      ].join('\n'),
    );
  });

  test('a restart says its pace', () => {
    expect(words('restart')).toBe(
      [
        'Restart 14 instances, dependencies first:',
        '  1. db   10.0.0.1, 10.0.0.7, 1 first, then 1 at a time, watched for 30 s',
        '  2. api  10.0.0.10 to 10.0.0.21, 1 first, then 3 at a time, watched for 30 s',
        '',
      ].join('\n'),
    );
  });

  test('what is left alone is told with its reason, and what may go at the same time has one number', () => {
    const odd = [
      sampleInstance('cache', '10.0.0.2', { resources: services }),
      sampleInstance('cache', '10.0.0.3', { resources: [] }),
    ];
    expect(words('start', odd)).toBe(
      [
        'Start 15 instances, dependencies first:',
        '  1. db     10.0.0.1, 10.0.0.7',
        '     cache  10.0.0.2',
        '  2. api    10.0.0.10 to 10.0.0.21',
        '',
        'Left alone:',
        '  cache@10.0.0.3: it has no service',
        '',
      ].join('\n'),
    );
  });

  test('fits a narrow terminal', () => {
    for (const line of words('restart', [], 50).split('\n')) expect(line.length).toBeLessThanOrEqual(50);
  });
});
