import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { joinBrokenTexts } from '../../../src/app/import-config/engine-config.ts';
import { effectiveConfig } from '../../../src/app/override/effective-config.ts';
import { readOverride } from '../../../src/app/override/override-file.ts';
import { replaceOverride } from '../../../src/app/override/replace-override.ts';
import { decodeJson } from '../../../src/spec/eval/functions/json.ts';
import { validateSpec } from '../../../src/app/validate.ts';
import { OVERRIDE_FILE } from '../../../src/spec/override.ts';
import { refusal, SECRET, shop, words, written } from './spec.ts';

const NATS = { nats: ['10.0.0.1', '10.0.0.2'], haproxy: ['edge'] };

describe('a configuration', () => {
  it('is what the spec says, with sensitive values as a marker', async () => {
    expect(await effectiveConfig(shop())).toEqual({
      components: { nats: ['10.0.0.1'], haproxy: ['10.0.0.9'], uaa: [] },
      properties: {
        domain: 'cf.local',
        edges: ['10.0.0.9'],
        disksize: 10,
        checkdisk: false,
        password: '(sensitive)',
      },
    });
  });

  it('leaves out variables that have no value yet, and places components all the same', async () => {
    const { ports, ...use } = shop();
    const config = await effectiveConfig({ ...use, ports: { ...ports, environment: {} } });
    expect(config.properties).not.toHaveProperty('password');
    expect(config.components).toMatchObject({ haproxy: ['10.0.0.9'] });
  });

  it('that was taken is in force, in a file that only its owner reads', async () => {
    const use = shop();
    const { config, changed, notes } = await replaceOverride(use, {
      components: NATS,
      properties: { domain: 'shop.example', disksize: '15', checkdisk: '1' },
    });
    expect(config).toEqual({
      components: { nats: ['10.0.0.1', '10.0.0.2'], haproxy: ['10.0.0.9'], uaa: [] },
      properties: {
        domain: 'shop.example',
        edges: ['10.0.0.9'],
        disksize: 15,
        checkdisk: true,
        password: '(sensitive)',
      },
    });
    expect([changed, notes]).toEqual([true, []]);
    expect(await effectiveConfig(use)).toEqual(config);
    expect(written(use)).toEqual({
      text: `{
  "components": {
    "nats": ["10.0.0.1", "10.0.0.2"],
    "haproxy": ["edge"]
  },
  "properties": {
    "domain": "shop.example",
    "disksize": "15",
    "checkdisk": "1"
  }
}
`,
      mode: '600',
      json: expect.anything() as unknown,
    });
    expect(readdirSync(use.directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('that is posted as it was got changes nothing', async () => {
    const use = shop();
    const before = await effectiveConfig(use);
    const { config, warnings } = await replaceOverride(use, before);
    expect(config).toEqual(before);
    expect(warnings).toEqual([]);
    expect(written(use)?.text).not.toContain('sensitive');
    expect(await replaceOverride(use, before)).toMatchObject({ changed: false });
  });

  it('may be written as clients write it: names in any case, misspelt, lines wrapped', async () => {
    const use = shop();
    const body = `{"Components": {"NATS": "10.0.0.1, 10.0.
      0.3", "uua": ["10.0.0.4"], "haproxy": null}, "PROPERTIES": {"Domain": "x.example"}}`;
    const { config, notes } = await replaceOverride(use, JSON.parse(joinBrokenTexts(body)));
    expect(config.components).toEqual({ nats: ['10.0.0.1', '10.0.0.3'], haproxy: [], uaa: ['10.0.0.4'] });
    expect(config.properties).toMatchObject({ domain: 'x.example' });
    expect(notes).toEqual(['Component "uua" is taken for uaa']);
  });

  it('that gives a component no hosts takes it off, and one it leaves out as well', async () => {
    const { config } = await replaceOverride(shop(), { components: { nats: [] } });
    expect(config.components).toEqual({ nats: [], haproxy: [], uaa: [] });
  });
});

describe('a large number', () => {
  it('stays as it was posted, and as it was got', async () => {
    const use = shop();
    const posted = decodeJson('{"components": {}, "properties": {"disksize": 98765432109876543210}}');
    const { config } = await replaceOverride(use, posted);
    expect(config.properties.disksize).toBe(98765432109876543210n);
    expect(written(use)?.text).toContain('"disksize": 98765432109876543210\n');
    expect(await replaceOverride(use, await effectiveConfig(use))).toMatchObject({ changed: true });
    expect(await replaceOverride(use, await effectiveConfig(use))).toMatchObject({ changed: false });
    const said = words(await validateSpec(use.directory, [], use.ports)).join();
    expect(said).toContain('10 -> 98765432109876543210');
  });
});

describe('a sensitive value', () => {
  it('is kept in the file, and shown nowhere', async () => {
    const use = shop();
    const taken = await replaceOverride(use, {
      components: NATS,
      properties: { password: 'another-secret' },
    });
    expect(JSON.stringify(taken)).not.toContain('another-secret');
    expect(taken.config.properties).toMatchObject({ password: '(sensitive)' });
    expect(words(taken.warnings).join()).toContain('var.password (variables.hcl:21:10): another sensitive');
    expect(written(use)?.json).toMatchObject({ properties: { password: 'another-secret' } });
    expect((await readOverride(use.directory))?.values.get('password')?.value).toBe('another-secret');
  });

  it('that is posted as its marker stays as it was', async () => {
    const use = shop();
    await replaceOverride(use, { components: NATS, properties: { password: 'another-secret' } });
    await replaceOverride(use, { components: {}, properties: { password: '(sensitive)' } });
    expect(written(use)?.json).toEqual({ components: {}, properties: { password: 'another-secret' } });
    await replaceOverride(use, { components: {} });
    expect(written(use)?.json).toEqual({ components: {}, properties: {} });
  });

  it('is not read from a file that others may read', async () => {
    const use = shop();
    await replaceOverride(use, { components: NATS, properties: { password: 'another-secret' } });
    chmodSync(path.join(use.directory, OVERRIDE_FILE), 0o640);
    const said = words(await validateSpec(use.directory, [], use.ports));
    expect(said[0]).toMatch(
      /^deployment-engine_override.json:1:1 Others may read the override: .*mode 0640.*chmod 600/,
    );
    // Posting it anew sets that right.
    await replaceOverride(use, { components: NATS, properties: { password: '(sensitive)' } });
    expect(written(use)).toMatchObject({ mode: '600', json: { properties: { password: 'another-secret' } } });
  });
});

describe('what is posted is literal', () => {
  test.each([
    '${file("/etc/passwd")}',
    '%{ for x in [1] }${x}%{ endfor }',
    '<<EOT\n${file("/etc/passwd")}\nEOT',
    '$${x}',
    'a"b',
    'a\\u0000b',
    'x${',
  ])('%j', async (text) => {
    const use = shop();
    const { config } = await replaceOverride(use, { components: NATS, properties: { domain: text } });
    expect(config.properties).toMatchObject({ domain: text });
    expect((await effectiveConfig(use)).properties).toMatchObject({ domain: text });
    expect(words(await validateSpec(use.directory, [], use.ports)).join()).not.toContain('root:');
  });

  it('as a host, too', async () => {
    const said = await refusal(replaceOverride(shop(), { components: { nats: ['${file("/etc/passwd")}'] } }));
    expect(said).toEqual([
      expect.stringMatching(/^Unknown host: components\.nats\[0\]: There is no host block "\$\{file\(/),
    ]);
  });

  it('also where a list is wanted', async () => {
    const said = await refusal(
      replaceOverride(shop(), { components: NATS, properties: { edges: '[file("/etc/passwd")]' } }),
    );
    expect(said.join()).toContain('Wrong type: properties.edges: edges: a list is needed');
  });
});

describe('a wrong configuration', () => {
  it('is refused with everything that is wrong, and nothing changes', async () => {
    const use = shop();
    await replaceOverride(use, { components: NATS });
    const before = written(use);
    const said = await refusal(
      replaceOverride(use, {
        components: {
          natz: ['10.0.0.1'],
          nats: ['10.0.0.1', '10.0.0.01', '10.0.0.1', '10.0.0.999', 'edgy'],
          haproxy: ['10.0.0.3', '10.0.0.4'],
          uaa: { a: 1 },
        },
        properties: { domain: 'x', disksize: 'much', checkdisk: 'maybe', Domian: 'y' },
      }),
    );
    expect(said).toEqual([
      'Unknown component: components.natz: the spec has no component "natz". Did you mean "nats"?',
      'Wrong type: components.uaa: a list of addresses is expected: ["10.0.0.1"].',
      'Unknown variable: properties.Domian: the spec has no variable "Domian". Did you mean "domain"?',
      'Invalid address: components.nats[1]: "10.0.0.01" is neither an IPv4 address, nor an IPv6 address, nor a DNS name.',
      'Given twice: components.nats[2]: The host 10.0.0.1 is in the list twice.',
      'Invalid address: components.nats[3]: "10.0.0.999" is neither an IPv4 address, nor an IPv6 address, nor a DNS name.',
      'Unknown host: components.nats[4]: There is no host block "edgy", and an address has a dot or a colon. Did you mean "edge"?',
      'Too many hosts: components.haproxy: component "haproxy" is placed on 2 hosts; its definition allows at most 1.',
      'Invalid value for "domain": properties.domain: Too short. The rule stands in variables.hcl:5.',
      expect.stringContaining('Wrong type: properties.disksize: disksize: a number is needed') as string,
      expect.stringContaining('Wrong type: properties.checkdisk: checkdisk: a bool is needed') as string,
    ]);
    expect(written(use)).toEqual(before);
  });

  test.each<readonly [string, unknown, RegExp]>([
    ['not an object', [], /^Not a configuration/],
    ['nothing', null, /^Not a configuration/],
    ['without components', { properties: {} }, /^No components/],
    ['components that are a list', { components: [] }, /^Wrong type: components:/],
    ['another section', { components: {}, property: {} }, /^Unknown name: property:.*"properties"/],
    ['a name twice', { components: { nats: [], NATS: [] } }, /^Given twice: components\.NATS/],
    ['a host that is a number', { components: { nats: [1] } }, /^Wrong type: components\.nats/],
    ['a key __proto__', JSON.parse('{"components":{"__proto__":["10.0.0.1"]}}'), /^Unknown component/],
    [
      'a property __proto__',
      JSON.parse('{"components":{},"properties":{"__proto__":1}}'),
      /^Unknown variable/,
    ],
  ])('%s is refused', async (_, posted, expected) => {
    const use = shop();
    expect((await refusal(replaceOverride(use, posted)))[0]).toMatch(expected);
    expect(written(use)).toBeNull();
  });

  it('is one that the spec itself makes wrong', async () => {
    const use = shop({ 'more.hcl': 'component "x" {}\n' });
    expect((await refusal(replaceOverride(use, { components: NATS })))[0]).toMatch(/^more\.hcl:1:1 /);
    expect(written(use)).toBeNull();
  });

  it('says another value than the server was started with', async () => {
    const use = shop({}, [{ option: 'var', text: 'domain=fixed.example' }]);
    const said = await refusal(
      replaceOverride(use, { components: NATS, properties: { domain: 'other.example' } }),
    );
    expect(said).toEqual([
      expect.stringContaining('Fixed where the server was started: properties.domain: --var') as string,
    ]);
    const got = await effectiveConfig(use);
    expect(got.properties).toMatchObject({ domain: 'fixed.example' });
    expect(await replaceOverride(use, got)).toMatchObject({ config: got });
  });
});

describe('an override', () => {
  it('may be replaced by a right one when it is damaged', async () => {
    const use = shop();
    writeFileSync(path.join(use.directory, OVERRIDE_FILE), '{"components": {"nats": ["10.0.0.1"', {
      mode: 0o600,
    });
    expect(await refusal(effectiveConfig(use))).toEqual([
      expect.stringMatching(/^deployment-engine_override\.json:1:3\d Invalid JSON/),
    ]);
    await replaceOverride(use, { components: NATS });
    expect((await effectiveConfig(use)).components).toMatchObject({ nats: ['10.0.0.1', '10.0.0.2'] });
  });

  it.each<readonly [string, (file: string) => void, RegExp]>([
    ['a directory', (file) => mkdirSync(file), /it is no file/],
    ['a link that leads nowhere', (file) => symlinkSync('nowhere', file), /it is a link that leads nowhere/],
  ])('that is %s is told by its name', async (_, make, expected) => {
    const use = shop();
    make(path.join(use.directory, OVERRIDE_FILE));
    const said = words(await validateSpec(use.directory, [], use.ports));
    expect(said[0]).toMatch(/^The override cannot be read: deployment-engine_override\.json: /);
    expect(said[0]).toMatch(expected);
  });

  it('may go at any time', async () => {
    const use = shop();
    const file = path.join(use.directory, OVERRIDE_FILE);
    for (let i = 0; i < 40; i++) {
      writeFileSync(file, '{"components": {}}', { mode: 0o600 });
      const reading = effectiveConfig(use);
      setTimeout(() => rmSync(file, { force: true }), i % 8);
      await reading;
    }
  });

  it('is written by several at once without being broken', async () => {
    const use = shop();
    const posts = Array.from({ length: 4 }, (_, i) =>
      replaceOverride(use, { components: { nats: [`10.0.0.${i + 1}`] } }),
    );
    await Promise.all(posts);
    expect((await effectiveConfig(use)).components.nats).toHaveLength(1);
    expect(readdirSync(use.directory).filter((name) => name.includes('override'))).toEqual([OVERRIDE_FILE]);
  });

  it('never gives away the secret of the environment', async () => {
    const use = shop();
    const said = JSON.stringify([
      await effectiveConfig(use),
      await replaceOverride(use, { components: NATS }),
      await refusal(replaceOverride(use, { components: NATS, properties: { password: ['x'] } })),
    ]);
    expect(said).not.toContain(SECRET);
  });
});
