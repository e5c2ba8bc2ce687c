import { describe, expect, it } from 'vitest';
import { NO_FILTER, rowsOf, sectionsOf, type PlanFilter } from '../../../src/page/views/plan/model.ts';
import { instance, planOf, resource } from './plan-parts.ts';

const plan = planOf(
  [
    instance('api@10.0.0.1', 'update', {
      reasons: ['drifted: file.config was changed on the host'],
      resources: [resource('file.config', { subject: '/etc/api.conf' })],
    }),
    instance('nats@10.0.0.1', 'install'),
    instance('nats@10.0.0.2', 'update', {
      restarts: [{ service: 'service.nats', how: 'restart', because: 'file.config changes' }],
    }),
    instance('nats@10.0.0.3', 'remove'),
  ],
  [
    { does: 'place', components: ['nats'] },
    { does: 'place', components: ['api'] },
    { does: 'remove', components: ['nats'] },
  ],
);
const sections = sectionsOf(plan.view);
const shown = (filter: Partial<PlanFilter>, folded: readonly string[] = []): readonly string[] =>
  rowsOf(sections, { ...NO_FILTER, ...filter }, new Set(folded), new Set()).map(({ key }) => key);

describe('rows of a plan', () => {
  it('stand by component, in the order of the work', () => {
    expect(shown({})).toEqual([
      'place nats',
      'nats@10.0.0.1',
      'nats@10.0.0.2',
      'place api',
      'api@10.0.0.1',
      'remove nats',
      'remove nats@10.0.0.3',
    ]);
    expect(sections.map(({ component, stage }) => `${stage} ${component}`)).toEqual([
      '1 nats',
      '2 api',
      '3 nats',
    ]);
  });

  it('show also what no stage names', () => {
    const { view } = planOf([instance('api@10.0.0.1', 'install')], []);
    expect(sectionsOf(view)).toMatchObject([{ component: 'api', instances: [{ host: '10.0.0.1' }] }]);
  });

  it.each([
    ['an action', { actions: new Set(['remove'] as const) }, ['remove nats', 'remove nats@10.0.0.3']],
    ['restarts', { actions: new Set(['restart'] as const) }, ['place nats', 'nats@10.0.0.2']],
    ['drift', { actions: new Set(['drift'] as const) }, ['place api', 'api@10.0.0.1']],
    ['a path', { text: 'ETC/api' }, ['place api', 'api@10.0.0.1']],
    ['words in any order', { text: '0.0.1 nats' }, ['place nats', 'nats@10.0.0.1']],
    ['nothing that is there', { text: 'redis' }, []],
  ])('are filtered by %s', (_, filter, keys) => {
    expect(shown(filter)).toEqual(keys);
  });

  it('fold into their heading, which still counts them', () => {
    expect(shown({}, ['place nats'])).not.toContain('nats@10.0.0.1');
    const [heading] = rowsOf(sections, NO_FILTER, new Set(['place nats']), new Set());
    expect(heading).toMatchObject({ row: 'section', shown: 2, folded: true });
  });
});
