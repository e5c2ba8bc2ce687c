import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMPACT_RECORD } from '../../src/host/record-compaction.ts';
import { encodeRecord, parseRecord, recordField } from '../../src/host/record-codec.ts';

const HOST = '10.0.0.1';

/** A record file of these lines, fields given as they are meant. */
function file(...lines: readonly (readonly string[])[]): string {
  return ['slipway-record\t1', ...lines.map((fields) => fields.map(recordField).join('\t'))]
    .map((line) => `${line}\n`)
    .join('');
}

const own = (key: string, instance: string, resource = 'file.a', lineage = 'L'): readonly string[] => [
  'own',
  key,
  lineage,
  instance,
  resource,
];

describe('a host record', () => {
  it('tells owners, what was there before, and notes', () => {
    const record = parseRecord(
      HOST,
      file(
        own('file /etc/x', 'a@h'),
        own('file /etc/x', 'b@h', 'file.b'),
        ['before', 'file /etc/x', '{"mode":"0644"}'],
        ['set', 'file /etc/x', 'sum', '1'],
        ['set', 'file /etc/x', 'sum', '2'],
      ),
    );
    expect(record.entries.get('file /etc/x')).toEqual({
      key: 'file /etc/x',
      owners: [
        { lineage: 'L', instance: 'a@h', resource: 'file.a' },
        { lineage: 'L', instance: 'b@h', resource: 'file.b' },
      ],
      before: '{"mode":"0644"}',
      notes: new Map([['sum', '2']]),
    });
    expect(record.obsoleteLines).toBe(1);
  });

  it('forgets what was given up', () => {
    const record = parseRecord(
      HOST,
      file(
        own('file /x', 'a@h'),
        ['instance', 'L', 'a@h', '{}'],
        ['disown', 'file /x', 'L', 'a@h', 'file.a'],
        ['forget', 'file /x'],
        ['gone', 'L', 'a@h'],
      ),
    );
    expect(record.entries.size).toBe(0);
    expect(record.instances.size).toBe(0);
    expect(encodeRecord(record)).toBe('');
  });

  it('follows a rename in owners, script keys and the instance line', () => {
    const record = parseRecord(
      HOST,
      file(
        own('file /x', 'bus@h'),
        own('script bus@h/script.schema', 'bus@h', 'script.schema'),
        own('script bus@other/s', 'bus@other', 's'),
        own('script bus/script.once', 'bus@h', 'script.once'),
        ['instance', 'L', 'bus@h', '{}'],
        ['rename', 'L', 'bus@h', 'nats@h'],
      ),
    );
    expect([...record.entries.keys()]).toEqual([
      'file /x',
      'script nats@h/script.schema',
      'script bus@other/s',
      'script nats/script.once',
    ]);
    expect(record.entries.get('file /x')?.owners[0]?.instance).toBe('nats@h');
    expect([...record.instances.keys()]).toEqual(['L nats@h']);
  });

  it('keeps what it is told of components and the cluster while they have an instance here', () => {
    const lines = [
      ['instance', 'L', 'a@h', '{}'],
      ['component', 'L', 'a', 'run-1', '{"n":1}'],
      ['component', 'L', 'a', 'run-2', '{"n":2}'],
      ['cluster', 'L', 'run-2', '{}'],
      ['component', 'M', 'a', 'run-1', '{}'],
      ['cluster', 'M', 'run-1', '{}'],
    ];
    const record = parseRecord(HOST, file(...lines));
    expect([...record.components.values()]).toEqual([
      { lineage: 'L', component: 'a', run: 'run-2', json: '{"n":2}' },
    ]);
    expect([...record.clusters.keys()]).toEqual(['L']);
    expect(record.obsoleteLines).toBe(3);
    expect(parseRecord(HOST, encodeRecord(record))).toEqual({ ...record, obsoleteLines: 0 });
    expect(encodeRecord(parseRecord(HOST, file(...lines, ['gone', 'L', 'a@h'])))).toBe('');
  });

  it.each(['a%b', 'tab\there', 'two\nlines', 'nul\0bell\u0007', 'ünï', "it's"])('keeps %j whole', (text) => {
    const record = parseRecord(HOST, file(['before', 'file /x', text]));
    expect(record.entries.get('file /x')?.before).toBe(text);
    expect(recordField(text)).not.toMatch(/[\t\n]/);
  });

  it('drops a last line that was torn', () => {
    const text = file(own('file /x', 'a@h')) + 'own\tfile /y\tL\ta@';
    expect([...parseRecord(HOST, text).entries.keys()]).toEqual(['file /x']);
  });

  it('drops a torn line that a later script closed, and none that was whole', () => {
    const torn = `${file(own('file /x', 'a@h'))}own\tfile /y\tL\ta@h\tfile.con\n-\trun-2\n`;
    expect([...parseRecord(HOST, torn).entries.keys()]).toEqual(['file /x']);
    const whole = `${file(own('file /x', 'a@h'))}\n-\trun-2\nforget\tfile /z\n`;
    expect([...parseRecord(HOST, whole).entries.keys()]).toEqual(['file /x']);
  });

  it.each([
    ['a newer header', 'slipway-record\t2\n'],
    ['a first line that is damaged', '\u0001lipway-record\t1\n'],
    ['an unknown line', file(['lease', 'file /x', '1'])],
    ['a line with another number of fields', file(['forget', 'file /x', 'y'])],
  ])('refuses %s', (_, text) => {
    expect(() => parseRecord(HOST, text)).toThrow(/is damaged, or was written by a newer slipway/);
    expect(() => parseRecord(HOST, text)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('move the file "record" away') as string }),
    );
  });

  it('is empty where there is no file, or an empty one', () => {
    expect(parseRecord(HOST, '').entries.size).toBe(0);
  });
});

describe.each([
  ['awk', ['awk']],
  ['busybox awk', ['busybox', 'awk']],
])('compaction by %s', (_, [command = '', ...args]) => {
  const compact = (text: string): string =>
    execFileSync(command, [...args, COMPACT_RECORD], { input: text }).toString();
  const cases: readonly (readonly [string, string])[] = [
    [
      'an untouched record',
      file(['before', 'file /x', 'as-wanted'], own('file /x', 'a@h'), ['set', 'file /x', 'n', 'v']),
    ],
    [
      'repeated lines',
      file(
        own('file /x', 'a@h'),
        own('file /x', 'a@h'),
        ['set', 'file /x', 'n', '1'],
        ['set', 'file /x', 'n', '2'],
      ),
    ],
    [
      'a forgotten thing that came back',
      file(own('file /x', 'a@h'), ['forget', 'file /x'], own('file /x', 'b@h')),
    ],
    [
      'an owner that left',
      file(own('user u', 'a@h', 'user.u'), own('user u', 'b@h', 'user.u'), [
        'disown',
        'user u',
        'L',
        'a@h',
        'user.u',
      ]),
    ],
    [
      'a rename',
      file(
        own('file /x', 'bus@h'),
        own('script bus@h/s', 'bus@h', 's'),
        ['set', 'script bus@h/s', 'd', '1'],
        own('script bus/once', 'bus@h', 'once'),
        ['set', 'script bus/once', 'd', '1'],
        ['instance', 'L', 'bus@h', '{"a": 1}'],
        ['rename', 'L', 'bus@h', 'nats@h'],
        ['forget', 'file /x'],
      ),
    ],
    [
      'script marks and a torn line',
      `${file(own('file /x', 'a@h'))}own\tfile /y\tL\n-\tr2\nown\tfile /z\tL\ta@h\tf\n`,
    ],
    [
      'components that have an instance, and others',
      file(
        ['component', 'L', 'b', 'r1', '{"a": 1}'],
        ['instance', 'L', 'b@h', '{}'],
        ['component', 'L', 'b', 'r2', '{"a": 2}'],
        ['component', 'L', 'gone', 'r2', '{}'],
        ['component', 'M', 'b', 'r2', '{}'],
        ['cluster', 'L', 'r2', '{}'],
        ['cluster', 'M', 'r2', '{}'],
        ['rename', 'L', 'x@h', 'y@h'],
      ),
    ],
    ['odd characters', file(['before', 'file /a b%\n"', '\\t\\n & $x'])],
  ];
  it.each(cases)('of %s says the same, in as few lines as can be', (_name, text) => {
    const compacted = compact(text);
    const { entries, instances, components, clusters } = parseRecord(HOST, text);
    const again = parseRecord(HOST, compacted);
    expect(again.entries).toEqual(entries);
    expect(again.instances).toEqual(instances);
    expect([again.components, again.clusters]).toEqual([components, clusters]);
    expect(again.obsoleteLines).toBe(0);
  });

  it('of a record of nothing is nothing at all', () => {
    expect(
      compact(
        file(
          own('file /x', 'a@h'),
          ['instance', 'L', 'a@h', '{}'],
          ['forget', 'file /x'],
          ['component', 'L', 'a', 'r', '{}'],
          ['cluster', 'L', 'r', '{}'],
          ['gone', 'L', 'a@h'],
        ),
      ),
    ).toBe('');
  });

  it('leaves alone what it does not understand', () => {
    expect(() => compact(file(['lease', 'x']))).toThrow();
  });
});
