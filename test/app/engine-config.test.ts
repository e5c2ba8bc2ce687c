import { describe, expect, it } from 'vitest';
import { joinBrokenTexts, readEngineConfig } from '../../src/app/import-config/engine-config.ts';
import { engineSpec } from '../../src/app/import-config/engine-spec.ts';
import { DiagnosticsError } from '../../src/diagnostics/diagnostic.ts';

const read = (value: unknown) => readEngineConfig(JSON.stringify(value), 'config.json');

describe("the deployment engine's configuration", () => {
  it('is read without regard to case, with values of the types that are meant', () => {
    const { components, properties, notes } = read({
      Components: { NATS: ['10.0.0.1', '10.0.0.2'], haproxy: '10.0.0.3' },
      PROPERTIES: { Domain: 'cf.local', disksize: '15', checkdisk: 1, adduser: '0', root: 123456 },
    });
    expect(components).toEqual([
      { name: 'nats', hosts: ['10.0.0.1', '10.0.0.2'] },
      { name: 'haproxy', hosts: ['10.0.0.3'] },
    ]);
    expect(Object.fromEntries(properties)).toEqual({
      domain: 'cf.local',
      disksize: 15,
      checkdisk: true,
      adduser: false,
      root: '123456',
    });
    expect(notes).toEqual([]);
  });

  it('may have addresses that a wrapped line has broken', () => {
    const { components, notes } = readEngineConfig('{"components":{"nats":["10.10.10\n1.187"]}}', 'x');
    expect(components).toEqual([{ name: 'nats', hosts: ['10.10.101.187'] }]);
    expect(notes).toHaveLength(1);
  });

  it('loses nothing without a word', () => {
    const { components, properties, notes } = read({
      components: { uua: ['10.0.0.1', '10.0.0.1', 'nowhere!'], 'my thing': [7] },
      properties: { disksize: 'much', extra: { a: [1] } },
      version: 3,
    });
    expect(components).toEqual([
      { name: 'uaa', hosts: ['10.0.0.1'] },
      { name: 'my_thing', hosts: [] },
    ]);
    expect(properties.get('extra')).toEqual({ a: [1] });
    const all = notes.join('\n');
    for (const named of [
      'uua',
      '10.0.0.1 is named twice',
      '"nowhere!"',
      'my thing',
      '7',
      'much',
      'extra',
      'version',
    ])
      expect(all).toContain(named);
  });

  it.each([
    ['{', /not JSON/],
    ['[]', /object is expected/],
    ['{"components": []}', /object is expected/],
    ['{"properties": {}}', /no components/],
  ])('is refused when it is %s', (text, why) => {
    expect(() => readEngineConfig(text, 'config.json')).toThrow(DiagnosticsError);
    expect(() => readEngineConfig(text, 'config.json')).toThrow(why);
  });

  it('keeps secrets out of the spec', () => {
    const files = engineSpec(
      read({ components: { dea: ['10.0.0.1'] }, properties: { root: 'r00tpass', api_token: 'tok-1' } }),
    );
    const [secrets, ...others] = [...files].reverse();
    expect(secrets).toMatchObject({ path: 'secrets.auto.vars.json', mode: 0o600 });
    expect(JSON.parse(secrets?.text ?? '')).toEqual({ root: 'r00tpass', api_token: 'tok-1' });
    for (const { text } of others) expect(text).not.toMatch(/r00tpass|tok-1/);
  });
});

describe('a text that was wrapped', () => {
  it.each([
    ['{"a": "10.0.\n   0.1"}', '{"a": "10.0.0.1"}'],
    ['{"a": "x \t\r\n\n y z"}\n', '{"a": "xy z"}\n'],
    ['{\n"a": "\\" \n b \\\\"\n}', '{\n"a": "\\"b \\\\"\n}'],
    ['{"a": "b  c"\n}', '{"a": "b  c"\n}'],
    ['"without \n end', '"withoutend'],
  ])('%j', (text, joined) => expect(joinBrokenTexts(text)).toBe(joined));

  it.each([
    ['blanks', ' '.repeat(1_048_576)],
    ['blanks in a text', `"${' '.repeat(1_048_576)}x`],
    ['line breaks', `"${' \n'.repeat(524_288)}x`],
    ['quotes that are escaped', '\\"'.repeat(524_288)],
    ['quotes', '"'.repeat(1_048_575)],
  ])('takes no time of a MiB of %s', (_, text) => {
    const startMs = performance.now();
    joinBrokenTexts(text);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
