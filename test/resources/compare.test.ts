import { describe, expect, it } from 'vitest';
import { compareAttributes, reasonOf, unifiedDiff } from '../../src/resources/compare.ts';
import type { RecordedResource } from '../../src/resources/resource.ts';

describe('comparison', () => {
  it('shows what differs, leaving out what is not asked for', () => {
    const wanted = { mode: '0640', owner: null, group: 'app', content: 'b' };
    const there = { mode: '0644', owner: 'root', content: 'a', size: 3 };
    expect(compareAttributes(wanted, there, new Set(['content']))).toEqual([
      { name: 'mode', before: '0644', after: '0640', sensitive: false },
      { name: 'group', before: null, after: 'app', sensitive: false },
      { name: 'content', before: 'a', after: 'b', sensitive: true },
    ]);
    expect(compareAttributes(there, there)).toEqual([]);
  });

  it('tells why something changes', () => {
    const prior = {
      kind: 'link',
      address: 'link.x',
      key: 'link /x',
      attributes: { target: 'a' },
    } as RecordedResource;
    const absent = { state: 'absent' } as const;
    const present = { state: 'present', attributes: {}, content: null } as const;
    expect(reasonOf(null, { target: 'a' }, absent)).toEqual({ because: 'new' });
    expect(reasonOf(prior, { target: 'b' }, absent)).toEqual({ because: 'input-changed' });
    expect(reasonOf(prior, { target: 'a' }, absent)).toEqual({ because: 'missing' });
    expect(reasonOf(prior, { target: 'a' }, present)).toEqual({ because: 'drifted' });
  });

  it('shows three lines around a change, and nothing of binary or large text', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}\n`);
    const after = lines.with(10, 'changed\n').join('');
    expect(unifiedDiff('/etc/x', lines.join(''), after)).toBe(
      [
        '--- /etc/x',
        '+++ /etc/x',
        '@@ -8,7 +8,7 @@',
        ' line 7',
        ' line 8',
        ' line 9',
        '-line 10',
        '+changed',
        ' line 11',
        ' line 12',
        ' line 13',
        '',
      ].join('\n'),
    );
    expect(unifiedDiff('/x', 'a', 'a')).toBeNull();
    expect(unifiedDiff('/x', 'a\0', 'b')).toBeNull();
    expect(unifiedDiff('/x', 'a', 'b'.repeat(70_000))).toBeNull();
  });
});
