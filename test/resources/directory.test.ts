import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { textContent } from '../../src/resources/content.ts';
import type { DesiredDirectory, DesiredFile } from '../../src/resources/resource.ts';
import { RANGE, resourceLife } from './resource-life.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';

function desired(path: string, more: Partial<DesiredDirectory> = {}): DesiredDirectory {
  return {
    kind: 'directory',
    address: 'directory.data',
    range: RANGE,
    path,
    owner: null,
    group: null,
    mode: '0755',
    onRemove: 'keep',
    ...more,
  };
}

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

describe.each(SHELLS)('directories on %s', (_name, shell) => {
  const hosts: StepHost[] = [];
  function open() {
    const host = openStepHost(shell);
    hosts.push(host);
    return { host, life: resourceLife(host), at: (...names: string[]) => join(host.root, ...names) };
  }
  afterEach(() => {
    for (const host of hosts.splice(0)) host.close();
  });

  it('creates a directory with its parents, and takes them off again when empty', async () => {
    const { life, at } = open();
    const resource = desired(at('srv/app/data'), { mode: '2750' });
    expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
    expect(mode(resource.path)).toBe('2750');
    expect(life.plan(resource)).toMatchObject({ action: 'none' });
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toEqual({ fate: 'deleted' });
    expect(await life.remove(removal)).toEqual({ code: 0, output: '' });
    expect(existsSync(at('srv'))).toBe(false);
    expect(life.observe([]).record.entries.size).toBe(0);
  });

  it('keeps what others put into it, and says how much that is', async () => {
    const { host, life, at } = open();
    const resource = desired(at('data'));
    await life.apply(life.plan(resource));
    const ours: DesiredFile = {
      ...desired(at('data/ours')),
      kind: 'file',
      address: 'file.ours',
      mode: '0644',
      content: textContent('12345', false),
    };
    await life.apply(life.plan(ours));
    // The file of ours goes before it.
    expect(life.planRemoval(life.recorded(resource)).fate).toEqual({ fate: 'deleted' });
    mkdirSync(at('data/db'));
    writeFileSync(at('data/db/rows'), 'x'.repeat(1000));
    // A plan for the whole instance looks at both: the file of ours goes before the directory does.
    const all = life.observe([
      { probe: 'path', path: at('data') },
      { probe: 'tree', path: at('data') },
      { probe: 'path', path: at('data/ours') },
    ]);
    const { directory } = await import('../../src/resources/directory.ts');
    expect(directory.planRemoval(life.recorded(resource), all, life.context)).toEqual({
      fate: 'kept',
      why: 'on_remove',
      entries: 2,
      bytes: 1000,
    });
    await life.remove(life.planRemoval(life.recorded(ours)));
    const left = await life.remove(life.planRemoval(life.recorded(resource)));
    expect(left).toEqual({ code: 0, output: `${at('data')} is kept: it is not empty\n` });
    expect(readdirSync(at('data'))).toEqual(['db']);
    expect(host.entry(`directory ${resource.path}`)).toBeNull();
  });

  it('deletes all of a directory that it made when told so, and nothing of one that was there', async () => {
    const { life, at } = open();
    for (const found of [false, true]) {
      const resource = desired(at(`cache${found}`), { onRemove: 'delete' });
      if (found) mkdirSync(resource.path, { mode: 0o755 });
      await life.apply(life.plan(resource));
      mkdirSync(join(resource.path, 'a'));
      writeFileSync(join(resource.path, 'a', 'b'), 'x');
      const removal = life.planRemoval(life.recorded(resource));
      expect(removal.fate.fate).toBe(found ? 'kept' : 'deleted');
      await life.remove(removal);
      expect(existsSync(resource.path)).toBe(found);
    }
  });

  it('does not delete what another resource still has in it', async () => {
    const { host, life, at } = open();
    const resource = desired(at('shared'), { onRemove: 'delete' });
    await life.apply(life.plan(resource));
    writeFileSync(at('shared/theirs'), 'x');
    // As another instance's script records it.
    const own = `own\tfile ${at('shared/theirs')}\tL\tdb@h\tfile.theirs\n`;
    writeFileSync(join(host.state, 'record'), own, { flag: 'a' });
    await life.remove(life.planRemoval(life.recorded(resource)));
    expect(readdirSync(at('shared'))).toEqual(['theirs']);
    expect(host.entry(`directory ${resource.path}`)?.notes.has('parent')).toBe(true);
  });

  it('restores the mode of a directory that was there before', async () => {
    const { life, at } = open();
    mkdirSync(at('theirs'));
    chmodSync(at('theirs'), 0o701);
    const resource = desired(at('theirs'), { mode: '0750' });
    const change = life.plan(resource);
    expect(change).toMatchObject({ action: 'update', attributes: [{ name: 'mode', before: '0701' }] });
    await life.apply(change);
    expect(mode(at('theirs'))).toBe('750');
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toEqual({ fate: 'restored' });
    await life.remove(removal);
    expect(mode(at('theirs'))).toBe('701');
  });

  it('stays until its last owner leaves', async () => {
    const { host, life, at } = open();
    const resource = desired(at('shared'));
    const create = life.plan(resource);
    await life.apply(create);
    const own = `own\tdirectory ${at('shared')}\tother\tdb@h\tdirectory.x\n`;
    writeFileSync(join(host.state, 'record'), own, { flag: 'a' });
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toMatchObject({ fate: 'kept', why: 'shared' });
    await life.remove(removal);
    expect(existsSync(at('shared'))).toBe(true);
    expect(host.entry(`directory ${at('shared')}`)?.owners).toHaveLength(1);
  });

  it('shares what another instance of the same run made since the plan', async () => {
    const { host, life, at } = open();
    const resource = desired(at('shared'));
    const [first, second] = [life.plan(resource), life.plan({ ...resource, address: 'directory.too' })];
    await life.apply(first);
    expect(await life.apply(second)).toEqual({ code: 0, output: '' });
    const entry = host.entry(`directory ${at('shared')}`);
    expect([entry?.owners.length, entry?.before]).toEqual([2, null]);
  });

  it('stops where something else stands by now', async () => {
    const { life, at } = open();
    const resource = desired(at('data'), { mode: '0700' });
    const create = life.plan(resource);
    mkdirSync(at('data'), { mode: 0o755 });
    expect(await life.apply(create)).toEqual({
      code: 1,
      output: `died: ${at('data')} was changed on the host since the plan was made\n`,
    });
    symlinkSync(at('data'), at('link'));
    expect(life.plan(desired(at('link')))).toMatchObject({ observed: { state: 'conflict' } });
  });

  it('counts a directory that a package brought as its own', async () => {
    const { life, at } = open();
    const resource = desired(at('lib'), { mode: '0700', onRemove: 'delete' });
    const create = life.plan(resource);
    mkdirSync(at('lib'), { mode: 0o755 });
    mkdirSync(at('state/backups/package.redis'));
    writeFileSync(at('state/backups/package.redis/came'), `d\troot\t${at('lib')}\t\n`);
    expect(await life.apply(create)).toEqual({ code: 0, output: '' });
    expect(mode(at('lib'))).toBe('700');
    await life.remove(life.planRemoval(life.recorded(resource)));
    expect(existsSync(at('lib'))).toBe(false);
  });
});
