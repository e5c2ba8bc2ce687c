import { describe, expect, it } from 'vitest';
import type { ClusterReport, Condition, Instance, Run, RunInstance } from '../../../src/page/api/types.ts';
import { markChanging } from '../../../src/page/cluster/changing.ts';

const report = (conditions: Readonly<Record<string, Condition>>): ClusterReport =>
  ({
    instances: Object.entries(conditions).map(([address, condition]) => ({ address, condition }) as Instance),
  }) as unknown as ClusterReport;
const run = (outcome: Run['outcome'], instances: Readonly<Record<string, RunInstance['outcome']>>): Run =>
  ({
    outcome,
    instances: Object.entries(instances).map(
      ([instance, own]) => ({ instance, outcome: own }) as RunInstance,
    ),
  }) as unknown as Run;
const conditions = (shown: ClusterReport | null) =>
  Object.fromEntries((shown?.instances ?? []).map(({ address, condition }) => [address, condition]));

describe('a cluster that a run works on', () => {
  const looked = report({ 'a@1': 'stopped', 'b@1': 'running', 'c@1': 'failed', 'd@1': 'stopped' });

  it('has instances that change, rather than stopped or failed ones', () => {
    const going = run('running', { 'a@1': 'untouched', 'b@1': 'untouched', 'c@1': 'failed' });
    expect(conditions(markChanging(looked, going))).toEqual({
      'a@1': 'changing',
      'b@1': 'running',
      'c@1': 'failed',
      'd@1': 'stopped',
    });
  });

  it('is shown as it is once the run has ended, and without one', () => {
    expect(markChanging(looked, run('failed', { 'a@1': 'untouched' }))).toBe(looked);
    expect(markChanging(looked, null)).toBe(looked);
    expect(markChanging(null, run('running', {}))).toBe(null);
  });
});
