import { describe, expect, it } from 'vitest';
import { effectiveConfig } from '../../../src/app/override/effective-config.ts';
import { validateSpec } from '../../../src/app/validate.ts';
import { OVERRIDE_FILE } from '../../../src/spec/override.ts';
import { jsonPlaces } from '../../../src/spec/json-places.ts';
import { shop, SPEC, words } from './spec.ts';

const override = (components: unknown, properties: unknown = {}): Record<string, string> => ({
  [OVERRIDE_FILE]: JSON.stringify({ components, properties }),
});
const SAME = { nats: ['10.0.0.1'], haproxy: ['10.0.0.9'], uaa: [] };
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.1.${i + 1}`);

async function said(
  files: Record<string, string>,
  variables: Parameters<typeof shop>[1] = [],
): Promise<string[]> {
  const use = shop(files, variables);
  return words(await validateSpec(use.directory, use.variables, use.ports));
}

describe('what an override shadows', () => {
  it('is nothing where it says the same', async () => {
    expect(await said(override(SAME, { domain: 'cf.local', disksize: '10', checkdisk: '0' }))).toEqual([]);
  });

  it('is named with its places, and only what differs', async () => {
    const text = await said(
      override(
        { ...SAME, nats: ['10.0.0.1', '10.0.0.2'], haproxy: [] },
        { domain: 'cf.local', disksize: 20 },
      ),
    );
    expect(text).toEqual([
      `warning: ${OVERRIDE_FILE}:1:1 ${OVERRIDE_FILE} shadows the spec: ` +
        [
          'hosts of component nats (main.hcl:8:3): 10.0.0.1 -> 10.0.0.1, 10.0.0.2',
          'hosts of component haproxy (main.hcl:13:3): 10.0.0.9 -> none',
          'var.disksize (variables.hcl:13:10): 10 -> 20',
        ].join('\n'),
    ]);
  });

  it('is told by the difference where the lists are long', async () => {
    const text = await said(override({ ...SAME, nats: ['10.0.0.1', ...many(8)], uaa: ['10.0.0.1'] }));
    expect(text[0]).toContain(
      'nats (main.hcl:8:3): 1 -> 9 hosts, with 10.0.1.1, 10.0.1.2, 10.0.1.3, 10.0.1.4, 10.0.1.5, 10.0.1.6 and 2 more\n',
    );
    expect(text[0]).toContain('uaa (main.hcl:18:3): none -> 10.0.0.1');
  });

  it('also where the spec places a component by a variable that was posted', async () => {
    const use = shop(override({ ...SAME, haproxy: ['10.0.0.3'] }, { edges: ['10.0.0.4'] }));
    expect((await effectiveConfig(use)).components).toMatchObject({ haproxy: ['10.0.0.3'] });
  });
});

describe('an override', () => {
  it('is weaker than --var, and says so', async () => {
    const variables = [{ option: 'var', text: 'domain=given.example' }] as const;
    const use = shop(override(SAME, { domain: 'posted.example' }), variables);
    expect((await effectiveConfig(use)).properties).toMatchObject({ domain: 'given.example' });
    expect(await said(override(SAME, { domain: 'posted.example' }), variables)).toEqual([
      expect.stringContaining(
        'Given values are stronger than the override: --var or --var-file gives another value to var.domain.',
      ) as string,
    ]);
  });

  it('is stronger than files of values and than the environment', async () => {
    const files = {
      'a.auto.vars.json': '{"domain": "file.example"}',
      ...override(SAME, { domain: 'posted' }),
    };
    const { ports, ...use } = shop(files);
    const environment = { ...ports.environment, SLIPWAY_VAR_domain: 'env.example' };
    const config = await effectiveConfig({ ...use, ports: { ...ports, environment } });
    expect(config.properties).toMatchObject({ domain: 'posted' });
  });

  it('of a component that the spec does not have has no effect, and says so', async () => {
    const text = await said(override({ ...SAME, natz: ['10.0.0.1'] }, { domian: 'x' }));
    expect(text).toHaveLength(2);
    expect(text[0]).toMatch(/^warning: .*natz.*Did you mean "nats"/);
    expect(text[1]).toMatch(/^warning: .*domian.*Did you mean "domain"/);
  });

  it('goes with a component that is renamed', async () => {
    const renamed = SPEC['main.hcl']
      .replace('component "uaa"', 'component "login"')
      .concat('moved {\n  from = component.uaa\n  to   = component.login\n}\n');
    const use = shop({ 'main.hcl': renamed, ...override({ ...SAME, uaa: ['10.0.0.7'] }) });
    expect((await effectiveConfig(use)).components).toMatchObject({ login: ['10.0.0.7'] });
    const text = words(await validateSpec(use.directory, [], use.ports));
    expect(text.join()).not.toContain('Unknown component');
  });

  it.each([
    ['[]', /:1:1 Invalid override/],
    ['{"components": []}', /:1:2 Wrong type/],
    ['{"components": {"nats": "10.0.0.1"}}', /:1:17 Wrong type: The hosts of nats are a list/],
    ['{"hosts": {}}', /:1:2 Unknown name/],
    ['{"components": {"nats": [], "nats": ["10.0.0.1"]}}', /:1:29 Given twice: components\.nats/],
    ['{"components":\n  {"nats": ["10.0.0.1", "999"]}}', /:2:25 Unknown host/],
  ])('%s is damaged, and its place is told', async (text, expected) => {
    expect((await said({ [OVERRIDE_FILE]: text })).join('\n')).toMatch(expected);
  });
});

describe('places in JSON', () => {
  it('are found for names and entries, whatever stands in texts', () => {
    const text = '{"a": {"b\\"{": ["é", {"x": 1}, "]"]},\n "c": 1}';
    const { ranges, repeated } = jsonPlaces(text, 'f');
    const places = [...ranges].map(
      ([path, { start }]) => `${path} ${start.line}:${start.column}:${start.byte}`,
    );
    expect(places).toEqual([
      'a 1:2:1',
      'a.b"{ 1:8:7',
      'a.b"{[0] 1:17:16',
      'a.b"{[1] 1:22:22',
      'a.b"{[2] 1:32:32',
      'c 2:2:40',
    ]);
    expect(repeated).toEqual([]);
  });
});
