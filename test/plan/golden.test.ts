import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hasErrors } from '../../src/diagnostics/diagnostic.ts';
import { hasChanges } from '../../src/plan/view.ts';
import { testParser } from '../spec/language.ts';
import type { HostSketch } from './scripted-host.ts';
import { scriptedWorld, type ScriptedWorld } from './scripted-world.ts';
import type { PlanChoices, Planned } from './use-cases.ts';

/**
 * Spec in, plan out. A folder of test/golden is a case:
 *   before…/    specs that were applied one after another, if any
 *   spec/       the spec that is planned
 *   case.json   what the case is about, what the hosts have, what was stopped, what happened to them since, the options of the plan
 *   plan.txt    what a user sees
 *   plan.json   the same as data
 * Definitions of test/golden/components are there in every case. UPDATE_GOLDEN=1 writes plan.txt and plan.json anew: read them.
 * Every plan without errors is also applied: then there must be nothing left to plan.
 */
interface Case {
  readonly about: string;
  readonly hosts?: Readonly<Record<string, HostSketch>>;
  /** Options of the applies before; `failAt`: the resource at which an instance's script fails. */
  readonly before?: readonly (PlanChoices & { readonly failAt?: Readonly<Record<string, string>> })[];
  /** Selectors of what `slipway stop` is called for after that. */
  readonly stop?: readonly string[];
  readonly drift?: Readonly<Record<string, HostSketch>>;
  readonly options?: PlanChoices;
}

const golden = join(import.meta.dirname, '../golden');
const parser = testParser();
const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

const cases = readdirSync(golden).filter((name) => existsSync(join(golden, name, 'case.json')));

describe('golden plans', () => {
  test.each(cases)('%s', async (name) => {
    const folder = join(golden, name);
    const about = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
    const directory = mkdtempSync(join(tmpdir(), 'slipway-golden-'));
    made.push(directory);
    const world = scriptedWorld(directory, parser);
    for (const [address, sketch] of Object.entries(about.hosts ?? {})) world.host(address).change(sketch);
    const earlier = readdirSync(folder)
      .filter((entry) => entry.startsWith('before'))
      .sort();
    for (const [i, spec] of earlier.entries()) {
      const { failAt, ...choices } = about.before?.[i] ?? {};
      put(directory, join(folder, spec));
      const applied = await world.apply(choices, failAt);
      const expected = failAt === undefined ? 'succeeded' : 'failed';
      expect(applied.outcome, world.words(applied)).toBe(expected);
    }
    if (about.stop !== undefined) expect(await world.power('stop', about.stop)).toBe('succeeded');
    put(directory, join(folder, 'spec'));
    for (const [address, sketch] of Object.entries(about.drift ?? {})) world.host(address).change(sketch);

    const planned = await world.plan(about.options);
    await compare(join(folder, 'plan.txt'), world.words(planned));
    await compare(join(folder, 'plan.json'), `${JSON.stringify(dataOf(planned), null, 2)}\n`);
    if (planned.view !== null && !hasErrors(planned.diagnostics)) await settles(world, about.options);
  });
});

function put(directory: string, spec: string): void {
  for (const name of readdirSync(directory))
    if (name.endsWith('.hcl') || name === 'components') rmSync(join(directory, name), { recursive: true });
  cpSync(join(golden, 'components'), join(directory, 'components'), { recursive: true });
  cpSync(spec, directory, { recursive: true });
}

function dataOf({ view, diagnostics }: Planned): unknown {
  return view ?? { diagnostics };
}

async function compare(file: string, text: string): Promise<void> {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  await expect(text).toMatchFileSnapshot(file);
}

async function settles(world: ScriptedWorld, options: PlanChoices | undefined): Promise<void> {
  const { outcome } = await world.apply(options);
  expect(outcome).toBe('succeeded');
  const { refresh: _refresh, replace: _replace, ...rest } = options ?? {};
  const again = rest.destroy === true ? { destroy: true } : rest;
  const after = await world.plan(again);
  expect(after.view !== null && !hasChanges(after.view), world.words(after)).toBe(true);
}
