import { describe, expect, it } from 'vitest';
import { fitOf, type Need } from '../../../src/plan/preflight/fit.ts';
import { fakeFacts } from '../../host/fake-session.ts';

const GIB = 1024 ** 3;
const need = (
  component: string,
  requires: Partial<Need['requires']>,
  dir = `/opt/slipway/${component}`,
): Need => ({
  component,
  dir,
  requires: { cpu: null, memoryBytes: null, diskBytes: null, os: [], ...requires },
});
/** 4 cores, 8 GiB, Debian, a disk of 100 GiB. */
const facts = fakeFacts();

describe('a host, compared with what is required on it', () => {
  it.each([
    [
      'memory of several instances is summed',
      [need('web', { memoryBytes: 3 * GIB }), need('db', { memoryBytes: 8 * GIB })],
      [{ what: 'memory', components: ['web', 'db'], needs: '11 GiB', has: '8 GiB', short: '3 GiB' }],
    ],
    [
      'processors are shared: the largest demand counts',
      [need('web', { cpu: 2 }), need('db', { cpu: 6 })],
      [{ what: 'cpu', components: ['db'], needs: '6 cores', has: '4 cores', short: '2 cores' }],
    ],
    [
      'what is there is enough to the last byte',
      [need('web', { cpu: 4, memoryBytes: 8 * GIB, diskBytes: 100 * GIB })],
      [
        { what: 'cpu', components: ['web'], needs: '4 cores', has: '4 cores', short: null },
        { what: 'memory', components: ['web'], needs: '8 GiB', has: '8 GiB', short: null },
        { what: 'disk', components: ['web'], needs: '100 GiB', has: '100 GiB', short: null },
      ],
    ],
    [
      'an operating system is one, or it is another',
      [need('web', { os: ['debian-12'] }), need('db', { os: ['ubuntu', 'rhel'] })],
      [
        { what: 'os', components: ['web'], needs: 'debian-12', has: facts.os.name, short: null },
        { what: 'os', components: ['db'], needs: 'ubuntu, rhel', has: facts.os.name, short: '' },
      ],
    ],
    ['nothing is asked', [need('web', {})], []],
  ])('%s', (_, needs, expected) => expect(fitOf(facts, needs)).toEqual(expected));

  it('disk is summed per file system', () => {
    const disk = (mount: string, gib: number) =>
      ({
        mount,
        device: mount,
        type: 'ext4',
        sizeBytes: gib * GIB,
        usedBytes: 0,
        availableBytes: gib * GIB,
      }) as const;
    const two = fakeFacts({ disks: [disk('/', 10), disk('/data', 20)] });
    const needs = [
      need('web', { diskBytes: 6 * GIB }),
      need('db', { diskBytes: 15 * GIB }, '/data/db'),
      need('log', { diskBytes: 6 * GIB }, '/srv/log'),
    ];
    expect(fitOf(two, needs)).toEqual([
      { what: 'disk', components: ['web', 'log'], needs: '12 GiB', has: '10 GiB', short: '2 GiB' },
      { what: 'disk', components: ['db'], needs: '15 GiB', has: '20 GiB', short: null },
    ]);
  });
});
