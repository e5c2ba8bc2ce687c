import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { SessionScript } from '../../src/host/session.ts';
import { testParser } from '../spec/language.ts';
import { scriptedWorld } from '../plan/scripted-world.ts';
import type { PlanChoices } from '../plan/use-cases.ts';

const parser = testParser();
const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

/** The last script that a host is sent when these definitions of one component are applied one after the other. */
async function scriptOf(
  definitions: readonly string[],
  choices: PlanChoices = {},
  main: (i: number) => string = () => 'component "app" {\n  source = "./app"\n  hosts = ["10.0.0.1"]\n}\n',
): Promise<SessionScript> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-script-'));
  made.push(directory);
  const world = scriptedWorld(directory, parser);
  for (const [i, definition] of definitions.entries()) {
    for (const [name, text] of [
      ['main.hcl', main(i)],
      ['app/component.hcl', definition],
    ] as const) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const applied = await world.apply(i === definitions.length - 1 ? choices : {});
    expect(applied.outcome, world.words(applied)).toBe('succeeded');
  }
  return world.scripts.at(-1)!;
}

const file = (label: string, path: string, content = 'x'): string =>
  `file "${label}" {\n  path = "${path}"\n  content = "${content}"\n}\n`;
const SERVICE = 'service "app" { command = "/usr/bin/app" }\n';
const stepsOf = (script: SessionScript): readonly string[] => script.steps.map((step) => step.id);

describe('the script of an instance', () => {
  test('has the resources as they are written, then the record', async () => {
    const script = await scriptOf([file('config', '/etc/app') + SERVICE]);
    expect(stepsOf(script)).toEqual(['file.config', 'service.app', 'record']);
  });

  test('expects the restart that it will do before it changes anything, so that none is ever swallowed', async () => {
    const script = await scriptOf([
      file('config', '/etc/app', 'one') + SERVICE,
      file('config', '/etc/app', 'two') + SERVICE,
    ]);
    expect(stepsOf(script)).toEqual(['file.config', 'service.app', 'record']);
    expect(script.steps[0]?.body.split('\n')[0]).toBe(`note 'unit app' started expected`);
  });

  test('takes off a file that goes before services start anew, and all else after', async () => {
    const [user, extra] = ['user "app" {}\n', file('extra', '/etc/extra/x')];
    const directory = 'directory "extra" { path = "/etc/extra" }\n';
    const script = await scriptOf([
      user + directory + file('config', '/etc/app', 'one') + extra + SERVICE,
      file('config', '/etc/app', 'two') + SERVICE,
    ]);
    expect(stepsOf(script)).toEqual([
      'file.config',
      'file.extra',
      'service.app',
      'directory.extra',
      'user.app',
      'record',
    ]);
  });

  test('stops a service that goes first of all', async () => {
    const script = await scriptOf([
      file('config', '/etc/app', 'one') + SERVICE,
      file('config', '/etc/app', 'two'),
    ]);
    expect(stepsOf(script)).toEqual(['service.app', 'file.config', 'record']);
  });

  test('makes room for what comes: what stands in its place or below it goes first', async () => {
    const script = await scriptOf([
      file('part', '/etc/app/parts/one') + file('whole', '/etc/whole'),
      file('parts', '/etc/app/parts') + file('half', '/etc/whole/half'),
    ]);
    expect(stepsOf(script)).toEqual(['file.whole', 'file.part', 'file.parts', 'file.half', 'record']);
  });

  test('tells removal and creation of a replaced resource apart', async () => {
    const definition = file('config', '/etc/app') + SERVICE;
    const script = await scriptOf([definition, definition], { replace: ['app'] });
    expect(stepsOf(script)).toEqual([
      'service.app',
      'file.config',
      'file.config (again)',
      'service.app (again)',
      'record',
    ]);
    const again = script.steps[3]?.body ?? '';
    expect(again).toContain(`own 'unit app' service.app`);
  });

  test('lets go of the names that resources had before', async () => {
    const script = await scriptOf(['user "app" {}\n', 'user "worker" { name = "app" }\n']);
    expect(stepsOf(script)).toEqual(['user.worker', 'record']);
    expect(script.steps[0]?.body).toContain(`'user app' user.worker`);
    expect(script.steps[1]?.body.split('\n')[0]).toBe(`disown 'user app' user.app`);
  });

  test('begins with the rename of a moved instance', async () => {
    const definition = file('config', '/etc/app');
    const main = (i: number): string =>
      i === 0
        ? 'component "old" {\n  source = "./app"\n  hosts = ["10.0.0.1"]\n}\n'
        : 'component "new" {\n  source = "./app"\n  hosts = ["10.0.0.1"]\n}\n' +
          'moved {\n  from = component.old\n  to = component.new\n}\n';
    const script = await scriptOf([definition, definition], {}, main);
    expect(stepsOf(script)).toEqual(['moved', 'record']);
    expect(script.steps[0]?.body).toBe('record_rename old@10.0.0.1 new@10.0.0.1');
  });
});
