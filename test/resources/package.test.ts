import { describe, expect, it } from 'vitest';
import { packageKind } from '../../src/resources/package.ts';
import { matchesVersion } from '../../src/resources/package-version.ts';
import type { DesiredPackage, KindContext, Observed } from '../../src/resources/resource.ts';
import type { RecordEntry } from '../../src/host/record.ts';
import { RANGE } from './resource-life.ts';

const context = { lineage: 'L', instance: 'web@h' } as KindContext;
const nginx: DesiredPackage = {
  kind: 'package',
  address: 'package.nginx',
  range: RANGE,
  name: 'nginx',
  version: '1.22.*',
};
const ours: RecordEntry = {
  key: 'package nginx',
  owners: [{ lineage: 'L', instance: 'web@h', resource: 'package.nginx' }],
  before: null,
  notes: new Map([['installed', 'nginx nginx-common']]),
};
const at = (version: string): Observed => ({ state: 'present', attributes: { version }, content: null });

describe('a package', () => {
  it.each([
    ['1.22.1-9', '1.22.*', true],
    ['1.22.1-9', '1.2', false],
    ['1.22.1-9', '1.22.1-9', true],
    ['5:7.0.15-1~deb12u10', '7.0.*', true],
    ['5:7.0.15-1', '5:7.*', true],
    ['1+22', '1.22', false],
    ['1.9', '1.[0-8]', false],
    ['1.7', '1.[!89]', true],
    ['1.10', '1.?', false],
  ])('of version %s matches %s: %s', (version, glob, expected) => {
    expect(matchesVersion(version, glob)).toBe(expected);
  });

  it.each([
    ['is installed when absent', { state: 'absent' } as Observed, null, { action: 'create' }],
    ['is adopted when it fits', at('1.22.1-9'), null, { action: 'adopt' }],
    ['is left alone once it is ours', at('1.22.1-9'), ours, { action: 'none' }],
    [
      'is changed when its version does not fit',
      at('1.18.0-6'),
      null,
      {
        action: 'update',
        attributes: [{ name: 'version', before: '1.18.0-6', after: '1.22.*', sensitive: false }],
      },
    ],
  ])('%s', (_title, observed, entry, expected) => {
    expect(packageKind.diff(nginx, observed, null, entry, context)).toMatchObject(expected);
  });

  it('is installed by one call, unless another package brought it since the plan', () => {
    const change = packageKind.diff(nginx, { state: 'absent' }, null, null, context);
    expect(packageKind.apply(change as never, null, context, new Map())?.body).toBe(
      [
        'if [ -n "$(installed_of nginx)" ]; then',
        "adopt_package 'package nginx' package.nginx nginx",
        'else',
        "own 'package nginx' package.nginx",
        "install_package 'package nginx' nginx '1.22.*'",
        'fi',
      ].join('\n'),
    );
  });

  it('goes with its last owner, and only with it', () => {
    const recorded = {
      kind: 'package' as const,
      address: 'package.nginx',
      key: 'package nginx',
      attributes: { name: 'nginx', version: null },
    };
    const removal = {
      action: 'remove' as const,
      recorded,
      reason: { because: 'removed-from-spec' as const },
      fate: { fate: 'deleted' as const },
    };
    expect(packageKind.remove(removal, ours, context)?.body).toBe(
      [
        "disown 'package nginx' package.nginx",
        "if ! is_owned 'package nginx'; then",
        "remove_package 'package nginx' nginx",
        "forget 'package nginx'",
        'fi',
      ].join('\n'),
    );
    const adopted = { ...ours, before: 'as-wanted' };
    expect(packageKind.remove(removal, adopted, context)?.body).not.toContain('remove_package');
  });
});
