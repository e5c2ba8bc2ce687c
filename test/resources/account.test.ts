import { describe, expect, it } from 'vitest';
import type { RecordEntry } from '../../src/host/record.ts';
import { group } from '../../src/resources/group.ts';
import type { DesiredGroup, DesiredUser, KindContext, Observed } from '../../src/resources/resource.ts';
import { user } from '../../src/resources/user.ts';
import { RANGE } from './resource-life.ts';

const context = { lineage: 'L', instance: 'web@h' } as KindContext;

function desired(more: Partial<DesiredUser> = {}): DesiredUser {
  return {
    kind: 'user',
    address: 'user.app',
    range: RANGE,
    name: 'app',
    uid: null,
    group: null,
    groups: [],
    home: null,
    shell: null,
    comment: null,
    system: true,
    ...more,
  };
}
const seen = { uid: 990, group: 'app', groups: '', home: '/home/app', shell: '/bin/sh', comment: '' };
const there: Observed = { state: 'present', attributes: seen, content: null };

describe('a user', () => {
  it.each([
    ['created when absent', desired(), { state: 'absent' } as Observed, { action: 'create' }],
    ['adopted when nothing speaks against it', desired(), there, { action: 'adopt' }],
    [
      'put into its groups, in whatever order they stand',
      desired({ groups: ['b', 'a', 'app'], group: 'app' }),
      { ...there, attributes: { ...seen, groups: 'a,b' } } as Observed,
      { action: 'adopt' },
    ],
    [
      'changed where it differs',
      desired({ shell: '/bin/bash', uid: 990 }),
      there,
      {
        action: 'update',
        attributes: [{ name: 'shell', before: '/bin/sh', after: '/bin/bash', sensitive: false }],
      },
    ],
  ])('is %s', (_title, resource, observed, expected) => {
    expect(user.diff(resource, observed, null, null, context)).toMatchObject(expected);
  });

  it('leaves the last group that the spec took off', () => {
    const prior = {
      kind: 'user' as const,
      address: 'user.app',
      key: 'user app',
      attributes: { ...user.attributes(desired({ groups: ['ops'] }), context) },
    };
    const observed: Observed = { ...there, attributes: { ...seen, groups: 'ops' } };
    expect(user.diff(desired(), observed, prior, null, context)).toMatchObject({
      action: 'update',
      attributes: [{ name: 'groups', before: 'ops', after: '' }],
    });
  });

  it('keeps what it was before its first change only', () => {
    const resource = desired({ shell: '/bin/bash' });
    const change = user.diff(resource, there, null, null, context);
    const body = user.apply(change as never, null, context, new Map())?.body;
    expect(body).toBe(
      [
        "if has_account passwd app '*:*:990:*::/home/app:/bin/bash'; then",
        "adopt 'user app' user.app",
        'else',
        "same_account passwd app '*:*:990:*::/home/app:/bin/sh'",
        `before 'user app' '{"attributes":${JSON.stringify(seen)},"backup":false}'`,
        "own 'user app' user.app",
        'fi',
        'change_user app -s /bin/bash',
      ].join('\n'),
    );
    const entry: RecordEntry = {
      key: 'user app',
      owners: [],
      before: '{"attributes":{},"backup":false}',
      notes: new Map(),
    };
    expect(user.apply(change as never, entry, context, new Map())?.body).not.toContain('before');
  });

  it('that was changed gets back what it had', () => {
    const before = JSON.stringify({ attributes: { ...seen, groups: 'a' }, backup: false });
    const entry: RecordEntry = { key: 'user app', owners: [], before, notes: new Map() };
    const recorded = {
      kind: 'user' as const,
      address: 'user.app',
      key: 'user app',
      attributes: { name: 'app' },
    };
    const removal = {
      action: 'remove' as const,
      recorded,
      reason: { because: 'removed-from-spec' as const },
      fate: { fate: 'restored' as const },
    };
    expect(user.remove(removal, entry, context)?.body).toContain(
      "change_user app -u 990 -g app -G a -d /home/app -s /bin/sh -c ''",
    );
  });
});

describe('a group', () => {
  const ops: DesiredGroup = {
    kind: 'group',
    address: 'group.ops',
    range: RANGE,
    name: 'ops',
    gid: 4000,
    system: false,
  };

  it('is created, or shared when it has come to be since the plan', () => {
    const change = group.diff(ops, { state: 'absent' }, null, null, context);
    expect(group.apply(change as never, null, context, new Map())?.body).toBe(
      [
        'if account group ops >/dev/null; then',
        "same_account group ops '*:*:4000:*'",
        "adopt 'group ops' group.ops",
        'else',
        "own 'group ops' group.ops",
        "add_group ops 4000 ''",
        'fi',
      ].join('\n'),
    );
  });

  it('changes its number where another is wanted, and only then', () => {
    const observed = (gid: number): Observed => ({ state: 'present', attributes: { gid }, content: null });
    expect(group.diff(ops, observed(4000), null, null, context).action).toBe('adopt');
    expect(group.diff({ ...ops, gid: null }, observed(77), null, null, context).action).toBe('adopt');
    expect(group.diff(ops, observed(77), null, null, context)).toMatchObject({
      action: 'update',
      attributes: [{ name: 'gid', before: 77, after: 4000 }],
    });
  });
});
