import { describe, expect, it } from 'vitest';
import { approvalOf, obstacleOf } from '../../../src/page/views/plan/approval.ts';
import { instance, planOf, resource } from './plan-parts.ts';

const stages = [{ does: 'place', components: ['nats'] }] as const;

describe('what is approved', () => {
  it('names what is added, changed, removed and restarted', () => {
    const answer = planOf(
      [
        instance('nats@10.0.0.1', 'install'),
        instance('nats@10.0.0.2', 'replace', {
          restarts: [{ service: 'service.nats', how: 'restart', because: 'it is replaced' }],
        }),
        instance('nats@10.0.0.3', 'remove', {
          resources: [
            resource('directory.data', { action: 'remove', fate: { fate: 'deleted' } }),
            resource('directory.kept', {
              action: 'remove',
              fate: { fate: 'kept', why: 'on_remove', entries: 2, bytes: 10 },
            }),
          ],
        }),
      ],
      stages,
    );
    expect(approvalOf(answer)).toEqual({
      installs: ['nats@10.0.0.1'],
      updates: ['nats@10.0.0.2'],
      removes: ['nats@10.0.0.3'],
      restarts: [
        { instance: 'nats@10.0.0.2', service: 'service.nats', how: 'restart', because: 'it is replaced' },
      ],
      deleted: 1,
      stopped: [],
      typed: null,
    });
  });

  it('wants the name of a cluster typed before it is destroyed', () => {
    const answer = planOf([instance('nats@10.0.0.1', 'remove')], stages, { does: 'destroy' });
    expect(approvalOf(answer).typed).toBe('shop');
    const nameless = { ...answer, view: { ...answer.view, cluster: null } };
    expect(approvalOf(nameless).typed).toBe('destroy');
  });
});

describe('what stands in the way', () => {
  const answer = planOf([instance('nats@10.0.0.1', 'install')], stages);
  it('is nothing where a plan can be applied', () => {
    expect(obstacleOf(answer)).toBeNull();
  });
  it('is an error, but no warning', () => {
    const one = { summary: 'Port in use', detail: 'By sshd.', subject: { at: 'run' } } as const;
    expect(obstacleOf({ ...answer, diagnostics: [{ ...one, severity: 'warning' }] })).toBeNull();
    expect(obstacleOf({ ...answer, diagnostics: [{ ...one, severity: 'error' }] })).toBe(
      'An error forbids it.',
    );
  });
  it('is a thing on a host that would be overwritten', () => {
    const conflict = instance('nats@10.0.0.1', 'install', {
      resources: [resource('file.config', { conflict: 'a directory is there' })],
    });
    expect(obstacleOf(planOf([conflict], stages))).toContain('file.config of nats@10.0.0.1');
  });
  it('is that there is nothing to do', () => {
    expect(obstacleOf(planOf([], []))).toBe('There is nothing to do.');
  });
});
