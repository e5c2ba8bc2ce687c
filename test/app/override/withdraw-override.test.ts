import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { effectiveConfig } from '../../../src/app/override/effective-config.ts';
import { replaceOverride } from '../../../src/app/override/replace-override.ts';
import { standingOverride } from '../../../src/app/override/standing-override.ts';
import { withdrawOverride } from '../../../src/app/override/withdraw-override.ts';
import { openRunDesk } from '../../../src/app/serve/open-run-desk.ts';
import { OVERRIDE_FILE } from '../../../src/spec/override.ts';
import { testDirectory, testPorts } from '../../server/test-server.ts';
import { refusal, shop, written } from './spec.ts';

const POSTED = { components: { nats: ['10.0.0.1', '10.0.0.2'], haproxy: ['edge'] } };

describe('an override', () => {
  it('is told as it stands, beside what the spec says without it', async () => {
    const use = shop();
    const alone = await effectiveConfig(use);
    expect(await standingOverride(use)).toEqual({ override: null, spec: alone });
    await replaceOverride(use, { ...POSTED, properties: { disksize: '15', password: 'posted-secret' } });
    expect(await standingOverride(use)).toEqual({
      override: { ...POSTED, properties: { disksize: '15', password: '(sensitive)' } },
      spec: alone,
    });
  });

  it('does not tell the value of a variable that nobody knows', async () => {
    const use = shop({ [OVERRIDE_FILE]: '{"components": {}, "properties": {"token": "old-secret"}}' });
    const { override } = await standingOverride(use);
    expect(override?.properties).toEqual({ token: '(sensitive)' });
  });

  it('is taken away, and the spec alone counts', async () => {
    const use = shop();
    const alone = await effectiveConfig(use);
    await replaceOverride(use, POSTED);
    expect(await withdrawOverride(use)).toBe(true);
    expect(written(use)).toBeNull();
    expect(await effectiveConfig(use)).toEqual(alone);
    expect(await withdrawOverride(use)).toBe(false);
  });

  it('goes when it is damaged, too', async () => {
    const use = shop({ [OVERRIDE_FILE]: '{"components":' });
    expect(await withdrawOverride(use)).toBe(true);
    expect(written(use)).toBeNull();
  });

  it('stays where the spec is not valid without it', async () => {
    const { ports, ...rest } = shop();
    const use = { ...rest, ports: { ...ports, environment: {} } };
    await replaceOverride(use, { ...POSTED, properties: { password: 'posted-secret' } });
    const before = written(use);
    expect((await refusal(withdrawOverride(use))).join()).toContain('password');
    expect(written(use)).toEqual(before);
  });
});

describe('an override that keeps something', () => {
  const host = (n: number): string => `127.${50 + (process.pid % 150)}.${(process.pid >> 3) % 250}.${n}`;
  const spec = (guard: boolean): string => `
component "app" {
  source          = "./app"
  hosts           = ["${host(21)}"]
  prevent_destroy = ${guard}
}
`;
  const directory = testDirectory({
    'main.hcl': spec(true),
    'app/component.hcl': 'file "config" {\n  path    = "config"\n  content = "x"\n}\n',
  });
  const use = { directory, variables: [], ports: testPorts(directory) };
  const desk = openRunDesk(directory, [], use.ports);
  const run = async (does: 'apply' | 'destroy') => (await desk.begin({ does })).done;
  afterAll(async () => {
    writeFileSync(path.join(directory, 'main.hcl'), spec(false));
    await run('apply');
    await run('destroy');
  });

  it('by prevent_destroy stays', async () => {
    await replaceOverride(use, { components: { app: [host(21), host(22)] } });
    expect(await run('apply')).toMatchObject({ outcome: 'succeeded' });
    const before = written(use);
    const said = await refusal(withdrawOverride(use));
    expect(said.join()).toContain(`app@${host(22)} must not be removed`);
    expect(written(use)).toEqual(before);
  });
});
