import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diffVersions } from '../../../src/app/history-diff.ts';
import { readVersion, versionNumbers } from '../../../src/app/history-read.ts';
import { planRestoration } from '../../../src/app/operate/restore-files.ts';
import { openRollback } from '../../../src/app/operate/rollback.ts';
import { replaceOverride } from '../../../src/app/override/replace-override.ts';
import { projectPaths } from '../../../src/app/project-paths.ts';
import { openRunDesk } from '../../../src/app/serve/open-run-desk.ts';
import type { PlanOrder, RunEnd } from '../../../src/app/serve/run-desk.ts';
import { OVERRIDE_FILE } from '../../../src/spec/override.ts';
import { testDirectory, testPorts } from '../../server/test-server.ts';
import { placed } from '../../spec/project.ts';
import { refusal } from './spec.ts';

const host = (n: number): string => `127.${50 + (process.pid % 150)}.${(process.pid >> 3) % 250}.${n}`;
const SPEC = {
  'main.hcl': `cluster "shop" {}
variable "domain" {
  type    = string
  default = "cf.local"
}
variable "password" {
  type      = string
  sensitive = true
  default   = "spec-secret-1"
}
component "nats" {
  source = "./nats"
  hosts  = ["${host(1)}"]
  inputs = { domain = var.domain, password = var.password }
}
component "guarded" {
  source          = "./nats"
  hosts           = ["${host(1)}"]
  inputs          = { domain = "x", password = "" }
  prevent_destroy = var.guard
}
variable "guard" {
  type    = bool
  default = true
}
`,
  'nats/component.hcl': `input "domain" { type = string }
input "password" { type = string }
file "config" {
  path    = "config"
  content = "\${input.domain}\\n"
}
file "password" {
  path    = "password"
  mode    = "0600"
  content = input.password
}
`,
};
const GUARDED = { guarded: [host(1)] };

/** The tests build on each other: the life of a cluster that is only posted to. */
describe('a cluster whose configuration is posted', () => {
  const directory = testDirectory(SPEC);
  const ports = testPorts(directory);
  const desk = openRunDesk(directory, [], ports);
  const use = { directory, variables: [], ports };
  const at = (name: string): string => path.join(directory, name);
  const onHost = (n: number, name: string): string =>
    readFileSync(at(`.slipway/hosts/${host(n)}/instances/nats/${name}`), 'utf8');
  const run = async (order: PlanOrder = { does: 'apply' }): Promise<RunEnd> => (await desk.begin(order)).done;
  const post = (components: Record<string, string[]>, properties: Record<string, unknown> = {}) =>
    replaceOverride(use, { components: { ...GUARDED, ...components }, properties });

  afterAll(async () => {
    rmSync(at(OVERRIDE_FILE), { force: true });
    writeFileSync(at('main.hcl'), SPEC['main.hcl'].replace('default = true', 'default = false'));
    await run();
    await run({ does: 'destroy' });
  });

  it('is deployed as the spec says, and then as it was posted', async () => {
    expect(await run()).toMatchObject({ outcome: 'succeeded' });
    await post({ nats: [host(1), host(2)] }, { domain: '${file("/etc/passwd")}', password: 'posted-secret' });
    const plan = await desk.plan({ does: 'apply' });
    expect(plan.diagnostics.map(placed)).toEqual([
      `warning: ${OVERRIDE_FILE}:1:1 ${OVERRIDE_FILE} shadows the spec: ` +
        [
          `hosts of component nats (main.hcl:13:3): ${host(1)} -> ${host(1)}, ${host(2)}`,
          'var.domain (main.hcl:2:10): "cf.local" -> "${file(\\"/etc/passwd\\")}"',
          'var.password (main.hcl:6:10): another sensitive value',
        ].join('\n'),
    ]);
    expect(await run()).toMatchObject({ outcome: 'succeeded' });
    for (const n of [1, 2]) {
      expect(onHost(n, 'config')).toBe('${file("/etc/passwd")}\n');
      expect(onHost(n, 'password')).toBe('posted-secret');
    }
  });

  it('refuses a plan that was made before something else was posted', async () => {
    const { digest } = await desk.plan({ does: 'apply' });
    await post({ nats: [host(2), host(1)] }, { domain: 'shop.example', password: '(sensitive)' });
    const said = await refusal(desk.begin({ does: 'planned', plan: digest }));
    expect(said.join()).toContain('plan is stale');
    expect(await run()).toMatchObject({ outcome: 'succeeded' });
    expect(onHost(2, 'config')).toBe('shop.example\n');
    expect(onHost(2, 'password')).toBe('posted-secret');
  });

  it('keeps what is guarded against removal', async () => {
    const before = readFileSync(at(OVERRIDE_FILE), 'utf8');
    expect(await refusal(replaceOverride(use, { components: { nats: [host(1)] } }))).toEqual([
      `guarded@${host(1)} must not be removed: components.guarded: guarded@${host(1)} is guarded by prevent_destroy. ` +
        `Keep ${host(1)}, or let the spec set it to false and apply that first.`,
    ]);
    expect(readFileSync(at(OVERRIDE_FILE), 'utf8')).toBe(before);
    // Nor does it help to write the file by hand.
    writeFileSync(at(OVERRIDE_FILE), JSON.stringify({ components: { nats: [host(1)] } }));
    const plan = await desk.plan({ does: 'apply' });
    expect(plan.diagnostics.map(placed).join('\n')).toContain('prevent_destroy = true');
    await expect(run()).rejects.toThrow(/prevent_destroy/);
    expect(existsSync(at(`.slipway/hosts/${host(1)}/instances/guarded/config`))).toBe(true);
  });

  it('has a history that holds what was posted and no secret', async () => {
    const version = await readVersion(projectPaths(directory).history, 2);
    expect(version.files.map((file) => file.path)).toContain(OVERRIDE_FILE);
    const diff = await diffVersions(directory, 1, 2, [], ports);
    expect(diff.files).toMatchObject([{ path: OVERRIDE_FILE, change: 'added' }]);
    expect(diff.files[0]?.diff).toContain(`+    "nats": ["${host(1)}", "${host(2)}"]`);
    expect(diff.files[0]?.diff).toContain('+    "password": "(sensitive)"');
    const now = await diffVersions(directory, 3, 'now', [], ports);
    expect(now.files).toMatchObject([{ path: OVERRIDE_FILE, change: 'changed' }]);
    expect(filesHolding(directory, 'posted-secret')).toEqual(
      [1, 2].map((n) => `.slipway/hosts/${host(n)}/instances/nats/password`),
    );
  });

  it('goes back to a version, with the override it had or without one', async () => {
    await post({ nats: [host(1)] }, { password: 'newer-secret' });
    expect(await run({ does: 'apply', version: 2 })).toMatchObject({ outcome: 'succeeded' });
    expect(onHost(2, 'config')).toBe('${file("/etc/passwd")}\n');
    // Secrets are those of today.
    expect(onHost(2, 'password')).toBe('newer-secret');
    expect(await run({ does: 'apply', version: 1 })).toMatchObject({ outcome: 'succeeded' });
    expect(onHost(1, 'config')).toBe('cf.local\n');
    expect(existsSync(at(`.slipway/hosts/${host(2)}/instances/nats`))).toBe(false);
  });

  it('gets the override of a version back into the working directory', async () => {
    const restore = async (version: number): Promise<string> => {
      const older = await openRollback(directory, version, [], ports);
      const { files, write } = await planRestoration(directory, older, ports, `back-to-${version}`);
      await write();
      await older.dispose();
      return files.map(({ path: name, change }) => `${change} ${name}`).join();
    };
    expect(await restore(2)).toBe(`change ${OVERRIDE_FILE}`);
    expect(JSON.parse(readFileSync(at(OVERRIDE_FILE), 'utf8'))).toEqual({
      components: { guarded: [host(1)], nats: [host(1), host(2)] },
      properties: { domain: '${file("/etc/passwd")}', password: 'newer-secret' },
    });
    expect(await restore(1)).toBe(`remove ${OVERRIDE_FILE}`);
    expect(existsSync(at(OVERRIDE_FILE))).toBe(false);
    expect(await restore(2)).toBe(`add ${OVERRIDE_FILE}`);
  });

  it('keeps no secret in the history that stands in the value of another variable', async () => {
    const domain = 'see posted-secret-2 there';
    await post({ nats: [host(1)] }, { domain, password: 'posted-secret-2' });
    expect(await run()).toMatchObject({ outcome: 'succeeded' });
    const { history } = projectPaths(directory);
    const last = (await versionNumbers(history)).at(-1)!;
    expect((await readVersion(history, last)).variables).toMatchObject({
      domain: 'see (sensitive:password) there',
      password: '(sensitive)',
    });
    expect((await diffVersions(directory, last, 'now', [], ports)).variables).toEqual([]);
    expect(filesHolding(directory, 'posted-secret-2')).toEqual(
      ['config', 'password'].map((name) => `.slipway/hosts/${host(1)}/instances/nats/${name}`),
    );
    // It comes back with today's secret.
    await post({ nats: [host(1)] }, { domain: 'x.example', password: 'posted-secret-3' });
    const older = await openRollback(directory, last, [], ports);
    expect(older.warnings.map(placed).join()).not.toContain('posted-secret');
    await older.dispose();
    expect(await run({ does: 'apply', version: last })).toMatchObject({ outcome: 'succeeded' });
    expect(onHost(1, 'config')).toBe('see posted-secret-3 there\n');
  });

  it('keeps what is guarded also when what is posted says that nothing is guarded', async () => {
    await post({ nats: [host(1)] }, { guard: false, domain: 'other.example' });
    expect(await run()).toMatchObject({ outcome: 'succeeded' });
    const takenOff = replaceOverride(use, { components: { nats: [host(1)] }, properties: { guard: false } });
    expect((await refusal(takenOff)).join()).toContain(`guarded@${host(1)} must not be removed`);
    writeFileSync(at(OVERRIDE_FILE), '{"components": {}, "properties": {"guard": false}}');
    await expect(run()).rejects.toThrow(/prevent_destroy/);
    // Nor when that is what the values of a version say.
    await post({ nats: [host(1)] }, { guard: false, domain: 'other.example' });
    const { history } = projectPaths(directory);
    const last = (await versionNumbers(history)).at(-1)!;
    expect((await readVersion(history, last)).variables).toMatchObject({ guard: false });
    await run({ does: 'apply', version: last });
    writeFileSync(at(OVERRIDE_FILE), '{"components": {}, "properties": {"guard": false}}');
    await expect(run()).rejects.toThrow(/prevent_destroy/);
  });
});

/** Files below a directory that hold a text, relative to it; the override itself is left out. */
function filesHolding(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== OVERRIDE_FILE)
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text))
    .map((file) => path.relative(directory, file))
    .sort();
}
