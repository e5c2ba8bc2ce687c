import { describe, expect, it } from 'vitest';
import type { LogListing } from '../../../src/page/views/logs/log-types.ts';
import { selectedInstances, treeRows, type TreeInput } from '../../../src/page/views/logs/tree.ts';

const COMPONENTS = [
  { name: 'nats', instances: ['nats@10.0.0.1', 'nats@10.0.0.2'] },
  { name: 'web', instances: ['web@10.0.0.1'] },
];
const listing = (instance: string, log: string, content: LogListing['content']): LogListing => ({
  instance,
  host: instance.split('@')[1] ?? '',
  log,
  askedMs: 0,
  content,
});
const files = (...sizes: readonly number[]): LogListing['content'] => ({
  from: 'files',
  pattern: '/var/log/*.log',
  files: sizes.map((sizeBytes, n) => ({ path: `/var/log/${n}.log`, sizeBytes, modifiedMs: 0 })),
});
const LISTINGS = new Map([
  [
    'nats@10.0.0.1',
    [
      listing('nats@10.0.0.1', 'server', files(1024, 1024)),
      listing('nats@10.0.0.1', 'service.nats', { from: 'journal', unit: 'nats.service', lastMs: 5 }),
    ],
  ],
  ['nats@10.0.0.2', [listing('nats@10.0.0.2', 'server', { from: 'nowhere', problem: 'no route' })]],
]);
const rows = (input: Partial<TreeInput>): readonly string[] =>
  treeRows({ components: COMPONENTS, listings: LISTINGS, open: new Set(), filter: '', ...input }).map(
    ({ level, label, note }) => `${'  '.repeat(level - 1)}${label}${note === '' ? '' : ` (${note})`}`,
  );

describe('the tree of logs', () => {
  it('shows what is open', () => {
    expect(rows({})).toEqual(['nats (2 instances)', 'web (1 instance)']);
    expect(
      rows({ open: new Set(['nats', 'nats@10.0.0.1', 'nats@10.0.0.2', 'web', 'web@10.0.0.1']) }),
    ).toEqual([
      'nats (2 instances)',
      '  10.0.0.1 (2.0 KiB)',
      '    server (2.0 KiB in 2)',
      '    service.nats (journal)',
      '  10.0.0.2 (not readable)',
      '    no route',
      'web (1 instance)',
      '  10.0.0.1',
      '    asking the host',
    ]);
  });

  it('opens where a filter finds something', () => {
    expect(rows({ filter: '10.0.0.2' })).toEqual(['nats (1 instance)', '  10.0.0.2 (not readable)']);
    expect(rows({ filter: 'service' })).toEqual(['nats (1 instance)', '  10.0.0.1 (2.0 KiB)']);
    expect(rows({ filter: 'web' })).toEqual(['web (1 instance)']);
    expect(rows({ filter: 'nothing' })).toEqual([]);
  });

  it('tells readers where a row stands', () => {
    const all = treeRows({ components: COMPONENTS, listings: LISTINGS, open: new Set(['nats']), filter: '' });
    expect(all.map(({ key, place, among }) => `${key} ${place}/${among}`)).toEqual([
      'nats 1/2',
      'nats@10.0.0.1 1/2',
      'nats@10.0.0.2 2/2',
      'web 2/2',
    ]);
  });

  it('takes a thousand instances', () => {
    const instances = Array.from({ length: 1000 }, (_, n) => `big@10.0.${n >> 8}.${n & 255}`);
    const components = [{ name: 'big', instances }];
    expect(rows({ components, open: new Set(['big', ...instances]) })).toHaveLength(2001);
  });
});

it('knows which instances selectors mean', () => {
  expect(selectedInstances(['nats'], COMPONENTS)).toEqual(['nats@10.0.0.1', 'nats@10.0.0.2']);
  expect(selectedInstances(['@10.0.0.1'], COMPONENTS)).toEqual(['nats@10.0.0.1', 'web@10.0.0.1']);
  expect(selectedInstances(['web@10.0.0.1', 'gone'], COMPONENTS)).toEqual(['web@10.0.0.1']);
});
