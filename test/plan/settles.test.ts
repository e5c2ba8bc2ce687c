import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hasChanges } from '../../src/plan/view.ts';
import { testParser } from '../spec/language.ts';
import { randomOf, type Random } from './random.ts';
import { scriptedWorld, type ScriptedWorld } from './scripted-world.ts';
import type { Planned } from './use-cases.ts';

/*
 * Whatever the spec: a plan that was applied leaves nothing to plan, one spec can follow another, and after destroy a host is as
 * it was. On machines in memory, with packages, accounts and units; things that are there before slipway among them.
 */
const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const COMPONENTS = ['one', 'two', 'three', 'four'];
const parser = testParser();
const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

type Files = Readonly<Record<string, string>>;

describe('any spec', () => {
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))('settles (seed %i)', async (seed) => {
    const random = randomOf(seed);
    const directory = mkdtempSync(join(tmpdir(), 'slipway-settles-'));
    made.push(directory);
    const world = scriptedWorld(directory, parser);
    for (const host of HOSTS) prepare(world, host, random);
    const before = HOSTS.map((host) => world.host(host).snapshot());
    for (let step = 0; step < 3; step++) {
      const files = randomSpec(random);
      put(directory, files);
      const applied = await world.apply();
      // What changes hands in a circle is refused: that is an answer too.
      if (applied.outcome === 'refused') {
        const others = applied.diagnostics.filter(({ summary }) => !/gives up only after it$/.test(summary));
        expect(others, told(files, world, applied)).toEqual([]);
        continue;
      }
      expect(applied.outcome, told(files, world, applied)).toBe('succeeded');
      const again = await world.plan();
      expect(
        again.view !== null && !hasChanges(again.view),
        `${told(files, world, applied)}\nand then\n${told({}, world, again)}`,
      ).toBe(true);
    }
    const gone = await world.apply({ destroy: true });
    expect(gone.outcome).toBe('succeeded');
    expect(HOSTS.map((host) => world.host(host).snapshot())).toEqual(before);
  });
});

/** Some of what specs want is there already: as wanted, or otherwise. */
function prepare(world: ScriptedWorld, host: string, random: Random): void {
  const paths: Record<string, string> = {};
  for (const name of ['a', 'b'])
    if (random.chance(0.3)) paths[`/etc/${name}`] = random.pick(['1\n', 'theirs\n']);
  world.host(host).change({
    paths: random.chance(0.5) ? { ...paths, '/srv/shared': { type: 'directory' } } : paths,
    packages: random.chance(0.3) ? { tool: '1.0-1' } : {},
    users: random.chance(0.3) ? { app: random.chance(0.5) ? { shell: '/bin/sh' } : {} } : {},
  });
}

/** Exclusive things belong to one component of a spec, by the next spec perhaps to another one. */
function randomSpec(random: Random): Files {
  const names = random.some(COMPONENTS);
  const files: Record<string, string> = {};
  const owner = new Map(
    ['/etc/a', '/etc/b', '/etc/c', '/srv/shared/d', 'unit x', 'unit y', 'port 80', 'port 81'].map((thing) => [
      thing,
      random.pick(COMPONENTS),
    ]),
  );
  const shell = random.pick(['/bin/sh', '/bin/bash']);
  let main = 'cluster "random" {}\n';
  for (const [i, name] of names.entries()) {
    const hosts = random.some(HOSTS, 1);
    const needs = names.slice(0, i).filter(() => random.chance(0.3));
    main +=
      `component "${name}" {\n  source = "./${name}"\n  hosts = ${JSON.stringify(hosts)}\n` +
      `  depends_on = [${needs.map((need) => `component.${need}`).join(', ')}]\n}\n`;
    files[`${name}/component.hcl`] = definition(name, owner, shell, random);
  }
  return { ...files, 'main.hcl': main };
}

function definition(name: string, owner: ReadonlyMap<string, string>, shell: string, random: Random): string {
  const has = (thing: string): boolean => owner.get(thing) === name && random.chance(0.8);
  const blocks: string[] = [];
  if (random.chance(0.4)) blocks.push('package "tool" {}');
  if (random.chance(0.5)) blocks.push(`user "app" {\n  system = true\n  shell = "${shell}"\n}`);
  if (random.chance(0.4)) blocks.push('directory "shared" { path = "/srv/shared" }');
  for (const path of ['/etc/a', '/etc/b', '/etc/c', '/srv/shared/d']) {
    if (!has(path)) continue;
    const label = random.pick(['config', 'settings']) + path.replaceAll('/', '_');
    // What was there before slipway is a file: a link in its place is refused, rightly.
    if (!['/etc/a', '/etc/b'].includes(path) && random.chance(0.3))
      blocks.push(`link "${label}" {\n  path = "${path}"\n  target = "/${random.number(2)}"\n}`);
    else blocks.push(`file "${label}" {\n  path = "${path}"\n  content = "${random.number(3)}\\n"\n}`);
  }
  if (random.chance(0.3)) blocks.push('file "own" {\n  path = "own"\n  content = "${instance.index}\\n"\n}');
  if (random.chance(0.4)) {
    const destroy = random.chance(0.5) ? '\n  destroy = "down"' : '';
    const once = random.chance(0.5) ? '\n  once = true' : '';
    blocks.push(`script "set-up" {\n  create = "up"\n  triggers = [${random.number(2)}]${destroy}${once}\n}`);
  }
  for (const unit of ['x', 'y'])
    if (has(`unit ${unit}`))
      blocks.push(`service "${unit}" { command = "/bin/${unit} ${random.number(2)}" }`);
  for (const port of [80, 81]) if (has(`port ${port}`)) blocks.push(`endpoint "p${port}" { port = ${port} }`);
  return `${blocks.join('\n')}\n`;
}

function put(directory: string, files: Files): void {
  for (const name of readdirSync(directory))
    if (name.endsWith('.hcl') || COMPONENTS.includes(name))
      rmSync(join(directory, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

function told(files: Files, world: ScriptedWorld, planned: Planned): string {
  return [...Object.entries(files).map(([name, text]) => `--- ${name}\n${text}`), world.words(planned)].join(
    '\n',
  );
}
