import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Ports } from '../../src/app/ports.ts';
import { hasChanges } from '../../src/plan/view.ts';
import { localProvider } from '../../providers/local/local.ts';
import { localStore } from '../../state/local/local-store.ts';
import { testParser } from '../spec/language.ts';
import { randomOf, type Random } from './random.ts';
import { useCases, type Applied, type Planned, type UseCases } from './use-cases.ts';

/*
 * Whatever the spec, with real scripts on this very machine (the local provider): what was applied leaves nothing to plan, any
 * spec can follow any other, and destroy leaves no file.
 */
const HOSTS = ['127.0.9.1', '127.0.9.2'];
const COMPONENTS = ['one', 'two', 'three'];
const parser = testParser();
const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

type Files = Readonly<Record<string, string>>;

describe('any spec on a real shell', () => {
  test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    'lives and leaves nothing (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const directory = mkdtempSync(join(tmpdir(), 'slipway-life-'));
      made.push(directory);
      const commands = useCases(directory, portsOf(directory));
      let former: readonly string[] = [];
      for (let step = 0; step < 2; step++) {
        const spec = randomSpec(former, random);
        former = spec.components;
        put(directory, spec.files);
        const applied = await commands.apply();
        expect(applied.outcome, told(spec.files, commands, applied)).toBe('succeeded');
        const again = await commands.plan();
        const nothing = again.view !== null && !hasChanges(again.view);
        expect(nothing, `${told(spec.files, commands, applied)}\nand then\n${commands.words(again)}`).toBe(
          true,
        );
      }
      const gone = await commands.apply({ destroy: true });
      expect(gone.outcome, commands.words(gone) + gone.failures.join('\n')).toBe('succeeded');
      expect(filesBelow(join(directory, '.slipway', 'hosts')), commands.words(gone)).toEqual([]);
    },
  );
});

function portsOf(directory: string): Ports {
  const provider = localProvider(directory);
  return {
    parser,
    store: localStore,
    clock: Date.now,
    environment: process.env,
    owner: 'me@here',
    hostAccess: () => ({
      layout: ({ address }) => provider.layout({ host: address }),
      connect: ({ address }, options) => provider.connect({ host: address }, options),
      offeredKeys: () => Promise.reject(new Error('there is no key to ask for')),
    }),
  };
}

/** Some components, one perhaps under a new name: what the spec before called otherwise. */
function randomSpec(
  former: readonly string[],
  random: Random,
): { readonly files: Files; readonly components: readonly string[] } {
  const names = random.some(COMPONENTS, 1);
  const files: Record<string, string> = {};
  const moved = former.find((name) => !names.includes(name));
  const newcomer = names.find((name) => !former.includes(name));
  let main = '';
  if (moved !== undefined && newcomer !== undefined && random.chance(0.5))
    main += `moved {\n  from = component.${moved}\n  to = component.${newcomer}\n}\n`;
  for (const name of names) {
    main += `component "${name}" {\n  source = "./${name}"\n  hosts = ${JSON.stringify(random.some(HOSTS, 1))}\n}\n`;
    files[`${name}/component.hcl`] = definition(random);
  }
  return { files: { ...files, 'main.hcl': main }, components: names };
}

/** A tree of directories, files and links below the instance's own directory; by the next spec it may look quite different. */
function definition(random: Random): string {
  const blocks: string[] = [];
  const mode = (): string => random.pick(['0644', '0600', '0755', '0711']);
  const label = (place: string): string =>
    `${random.pick(['a', 'b'])}_${place.replaceAll('/', '_').replaceAll('.', '_')}`;
  const leaf = (place: string): void => {
    if (random.chance(0.25))
      blocks.push(`link "${label(place)}" {\n  path = "${place}"\n  target = "to/${random.number(3)}"\n}`);
    else
      blocks.push(
        `file "${label(place)}" {\n  path = "${place}"\n  mode = "${mode()}"\n` +
          `  content = "${random.pick(['one', "it's $two", 'three\\n\\n', '', 'for ${host.facts.arch}'])}"\n}`,
      );
  };
  for (const top of ['x', 'y', 'z z']) {
    const roll = random.number(4);
    if (roll === 0) leaf(top);
    if (roll < 2) continue;
    if (roll === 2) {
      const onRemove = random.pick(['keep', 'delete']);
      blocks.push(
        `directory "${label(top)}" {\n  path = "${top}"\n  mode = "${random.pick(['0755', '0700'])}"\n` +
          `  on_remove = "${onRemove}"\n}`,
      );
    }
    for (const below of random.some(['p', 'q/r'])) leaf(`${top}/${below}`);
  }
  if (random.chance(0.5))
    blocks.push(
      'file "each" {\n  for_each = toset(' +
        `${JSON.stringify(random.some(['k', 'l', 'm']))})\n  path = "each/\${each.key}"\n  content = each.key\n}`,
    );
  // What a script makes lies where a file of ours is, so that it need not make the directory itself.
  if (random.chance(0.5)) {
    const mark = '\${instance.dir}/mark';
    const unless = random.chance(0.5) ? `  unless = "test -e '${mark}'"\n` : '';
    blocks.unshift(
      'file "base" {\n  path = "base"\n  content = ""\n}',
      `script "mark" {\n${unless}  create = "echo run >> '${mark}'"\n  destroy = "rm -f '${mark}'"\n` +
        `  triggers = [${random.number(2)}]\n}`,
    );
  }
  if (random.chance(0.3))
    blocks.push(
      `script "${random.pick(['once', 'mark_once'])}" {\n  once = ${random.pick(['true', 'false'])}\n` +
        `  create = "true"\n  destroy = "true"\n  triggers = [${random.number(2)}]\n}`,
    );
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

function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true }).map(String);
  } catch {
    return [];
  }
}

function told(files: Files, commands: UseCases, planned: Planned | Applied): string {
  const failures = 'failures' in planned ? planned.failures : [];
  const spec = Object.entries(files).map(([name, text]) => `--- ${name}\n${text}`);
  return [...spec, commands.words(planned), ...failures].join('\n');
}
