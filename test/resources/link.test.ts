import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DesiredLink } from '../../src/resources/resource.ts';
import { RANGE, resourceLife } from './resource-life.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';

function desired(path: string, target: string): DesiredLink {
  return { kind: 'link', address: 'link.current', range: RANGE, path, target };
}

describe.each(SHELLS)('links on %s', (_name, shell) => {
  const hosts: StepHost[] = [];
  function open() {
    const host = openStepHost(shell);
    hosts.push(host);
    return { host, life: resourceLife(host), at: (...names: string[]) => join(host.root, ...names) };
  }
  afterEach(() => {
    for (const host of hosts.splice(0)) host.close();
  });

  it('makes a link, points it elsewhere in one move, and takes it off', async () => {
    const { life, at } = open();
    const resource = desired(at('opt/current'), "releases/1 it's");
    expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
    expect(readlinkSync(resource.path)).toBe("releases/1 it's");
    mkdirSync(at('opt/releases'));
    // A link to a directory must be replaced, not entered.
    const next = desired(resource.path, 'releases');
    await life.apply(life.plan(next));
    const change = life.plan(desired(resource.path, '/elsewhere'), life.recorded(next));
    expect(change).toMatchObject({ action: 'update', reason: { because: 'input-changed' } });
    expect(await life.apply(change)).toEqual({ code: 0, output: '' });
    expect(readlinkSync(resource.path)).toBe('/elsewhere');
    expect(life.planRemoval(life.recorded(resource)).fate).toEqual({ fate: 'deleted' });
    await life.remove(life.planRemoval(life.recorded(resource)));
    expect(existsSync(at('opt/releases'))).toBe(true);
    expect(() => lstatSync(resource.path)).toThrow();
  });

  it('points a link that was there back to where it pointed', async () => {
    const { life, at } = open();
    symlinkSync('/usr/share/zoneinfo/UTC', at('localtime'));
    const resource = desired(at('localtime'), '/usr/share/zoneinfo/Europe/Berlin');
    await life.apply(life.plan(resource));
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toEqual({ fate: 'restored' });
    expect(await life.remove(removal)).toEqual({ code: 0, output: '' });
    expect(readlinkSync(at('localtime'))).toBe('/usr/share/zoneinfo/UTC');
  });

  it('takes a target that looks like an option for what it is', async () => {
    const { life, at } = open();
    const resource = desired(at('dash'), '-rf');
    expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
    expect(readlinkSync(resource.path)).toBe('-rf');
    const next = desired(resource.path, '--help');
    expect(await life.apply(life.plan(next))).toEqual({ code: 0, output: '' });
    expect(readlinkSync(resource.path)).toBe('--help');
  });

  it('adopts a link that is as wanted', async () => {
    const { life, at } = open();
    symlinkSync('target', at('here'));
    const resource = desired(at('here'), 'target');
    expect(life.plan(resource)).toMatchObject({ action: 'adopt' });
    await life.apply(life.plan(resource));
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toMatchObject({ fate: 'kept', why: 'adopted' });
    await life.remove(removal);
    expect(readlinkSync(at('here'))).toBe('target');
  });

  it('leaves alone whatever is no link, and a link that somebody changed since the plan', async () => {
    const { life, at } = open();
    writeFileSync(at('file'), 'x');
    expect(life.plan(desired(at('file'), 'y'))).toMatchObject({ observed: { state: 'conflict' } });
    const resource = desired(at('new'), 'mine');
    const create = life.plan(resource);
    symlinkSync('theirs', at('new'));
    expect(await life.apply(create)).toMatchObject({ code: 1 });
    expect(readlinkSync(at('new'))).toBe('theirs');
  });

  it('brings the link of a package back for as long as the package stays', async () => {
    const { life, at } = open();
    const resource = desired(at('default'), 'mine');
    const create = life.plan(resource);
    symlinkSync('../available', at('default'));
    mkdirSync(at('state/backups/package.nginx'));
    writeFileSync(at('state/backups/package.nginx/came'), `l\troot\t${at('default')}\t../available\n`);
    expect(await life.apply(create)).toEqual({ code: 0, output: '' });
    expect(readlinkSync(at('default'))).toBe('mine');
    await life.remove(life.planRemoval(life.recorded(resource)));
    expect(readlinkSync(at('default'))).toBe('../available');
  });
});
