import { describe, expect, it } from 'vitest';
import { hasChanges, planDigest, planView, type PlanView } from '../../src/plan/view.ts';
import {
  create,
  file,
  install,
  planOf,
  removal,
  remove,
  samplePlan,
  SECRET,
  service,
  unchanged,
  update,
} from './sample-plan.ts';

const HOST = '10.0.0.1';

function changeOf(view: PlanView, address: string) {
  const change = view.hosts.flatMap((host) => host.changes).find((item) => item.address === address);
  if (change === undefined) throw new Error(`no change of ${address}`);
  return change;
}

describe('the view of a plan', () => {
  it('is the same after a trip through JSON', () => {
    const view = planView(samplePlan(), []);
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });

  it('holds no secret and no digest of one', () => {
    const json = JSON.stringify(planView(samplePlan(), []));
    expect(json).not.toContain(SECRET);
    expect(json).not.toContain('hmac:');
    expect(json).toContain('"sensitive":true');
  });

  it('does not show a diff of content that was or becomes sensitive, even when it is given one', () => {
    const resource = file('password', '/etc/password', SECRET, true);
    const plan = planOf([
      update(
        'api',
        HOST,
        [
          {
            action: 'update',
            resource,
            reason: { because: 'drifted' },
            observed: { state: 'present', attributes: {}, content: 'old' },
            attributes: [{ name: 'content', before: 'hmac:1', after: 'hmac:2', sensitive: false }],
            diff: `-old\n+${SECRET}\n`,
          },
        ],
        [],
      ),
    ]);
    const [shown] = changeOf(planView(plan, []), `api@${HOST}`).resources;
    expect(shown?.diff).toBeNull();
    expect(shown?.attributes).toEqual([{ name: 'content', before: null, after: null, sensitive: true }]);
  });

  it('counts what it does', () => {
    const { summary } = planView(samplePlan(), []);
    expect(summary).toEqual({ install: 1, update: 1, remove: 1, unchanged: 1, restarts: 1 });
  });

  it('names a restart with its cause', () => {
    expect(changeOf(planView(samplePlan(), []), 'api@10.10.101.190').restarts).toEqual([
      { service: 'service.api', how: 'restart', because: 'file.config, file.password change' },
    ]);
  });

  it('shows a replacement as one: counted as an update, its services restart', () => {
    const run = service('api');
    const plan = planOf([
      update(
        'api',
        HOST,
        [{ action: 'create', resource: run, reason: { because: 'replace-requested' } }],
        ['replacement requested'],
        [removal('service', 'api', { name: 'api' }, { fate: 'deleted' })],
      ),
    ]);
    const view = planView(plan, []);
    const change = changeOf(view, `api@${HOST}`);
    expect(change.action).toBe('replace');
    expect(change.resources.map(({ address, action }) => [address, action])).toEqual([
      ['service.api', 'replace'],
    ]);
    expect(view.summary).toMatchObject({ update: 1, restarts: 1 });
  });

  it('tells the order: dependencies are placed first and removed last', () => {
    const plan = planOf(
      [
        install('lb', HOST, []),
        install('api', HOST, []),
        install('nats', HOST, []),
        remove('old-api', HOST, []),
        remove('old-bus', HOST, []),
      ],
      { dependsOn: { lb: ['api'], api: ['nats'], 'old-api': ['old-bus'] } },
    );
    expect(planView(plan, []).order).toEqual([
      { does: 'place', components: ['nats'] },
      { does: 'place', components: ['api'] },
      { does: 'place', components: ['lb'] },
      { does: 'remove', components: ['old-api'] },
      { does: 'remove', components: ['old-bus'] },
    ]);
  });

  it('has no changes when everything stays', () => {
    expect(hasChanges(planView(planOf([unchanged('api', HOST)]), []))).toBe(false);
  });
});

describe('the digest of a plan', () => {
  const plan = (mode: string, entries: number) =>
    planView(
      planOf([
        install('api', HOST, [create({ ...file('config', '/etc/api.conf', 'x'), mode })]),
        remove('bus', HOST, [
          removal('directory', 'data', { path: '/d' }, { fate: 'kept', why: 'on_remove', entries, bytes: 1 }),
        ]),
      ]),
      [],
    );

  it('is the same for the same changes, however much a kept directory has grown', () => {
    expect(planDigest(plan('0640', 1))).toBe(planDigest(plan('0640', 2)));
  });

  it('is another one when anything else would be done', () => {
    expect(planDigest(plan('0640', 1))).not.toBe(planDigest(plan('0600', 1)));
  });

  it('survives a plan file', () => {
    const view = plan('0640', 1);
    expect(planDigest(JSON.parse(JSON.stringify(view)) as PlanView)).toBe(planDigest(view));
  });
});
