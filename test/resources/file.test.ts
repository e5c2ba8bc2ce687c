import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_RECORD } from '../../src/host/record.ts';
import { textContent } from '../../src/resources/content.ts';
import { file } from '../../src/resources/file.ts';
import type { DesiredFile } from '../../src/resources/resource.ts';
import { RANGE, resourceLife } from './resource-life.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';

function desired(path: string, text: string, more: Partial<DesiredFile> = {}): DesiredFile {
  return {
    kind: 'file',
    address: 'file.config',
    range: RANGE,
    path,
    owner: null,
    group: null,
    mode: '0644',
    content: textContent(text, false),
    ...more,
  };
}

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const asRoot = process.getuid?.() === 0;

describe.each(SHELLS)('files on %s', (_name, shell) => {
  const hosts: StepHost[] = [];
  function open() {
    const host = openStepHost(shell);
    hosts.push(host);
    return { host, life: resourceLife(host), at: (...names: string[]) => join(host.root, ...names) };
  }
  afterEach(() => {
    for (const host of hosts.splice(0)) host.close();
  });

  it('creates a file byte for byte, with its parents, and takes all of it off again', async () => {
    const { host, life, at } = open();
    const text = `it's "quoted" \\n %s $HOME \`x\`\n\nno newline at the end: æ✓`;
    const resource = desired(at('etc/app/conf.d/app.conf'), text, { mode: '0640' });
    expect(life.plan(resource)).toMatchObject({ action: 'create', reason: { because: 'new' } });
    expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
    expect(readFileSync(resource.path, 'utf8')).toBe(text);
    expect(mode(resource.path)).toBe('640');
    expect(life.plan(resource)).toMatchObject({ action: 'none' });

    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toEqual({ fate: 'deleted' });
    expect(await life.remove(removal)).toEqual({ code: 0, output: '' });
    expect(existsSync(at('etc'))).toBe(false);
    expect(life.observe([]).record.entries.size).toBe(0);
    expect(host.entry(`file ${resource.path}`)).toBeNull();
  });

  it('gives modes with execute and special bits', async () => {
    const { life, at } = open();
    for (const wanted of ['0755', '0600', '4711', '0000']) {
      const resource = desired(at(`f${wanted}`), 'x', { mode: wanted });
      expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
      expect(mode(resource.path)).toBe(Number.parseInt(wanted, 8).toString(8));
    }
  });

  it('leaves parents that others use, and takes them off with the last of ours', async () => {
    const { life, at } = open();
    const one = desired(at('new/dir/one'), '1');
    const two = desired(at('new/dir/two'), '2', { address: 'file.two' });
    await life.apply(life.plan(one));
    await life.apply(life.plan(two));
    await life.remove(life.planRemoval(life.recorded(one)));
    expect(readdirSync(at('new/dir'))).toEqual(['two']);
    await life.remove(life.planRemoval(life.recorded(two)));
    expect(existsSync(at('new'))).toBe(false);
  });

  it('leaves a parent to whoever put something into it', async () => {
    const { life, at } = open();
    const resource = desired(at('new/dir/one'), '1');
    await life.apply(life.plan(resource));
    writeFileSync(at('new/dir/theirs'), 'x');
    expect(await life.remove(life.planRemoval(life.recorded(resource)))).toEqual({ code: 0, output: '' });
    expect(readdirSync(at('new/dir'))).toEqual(['theirs']);
    const keys = [...life.observe([]).record.entries.keys()];
    expect(keys).toEqual([`directory ${at('new')}`]);
  });

  it('adopts what is as wanted, and leaves it there', async () => {
    const { host, life, at } = open();
    const resource = desired(at('motd'), 'hello\n');
    writeFileSync(resource.path, 'hello\n');
    chmodSync(resource.path, 0o644);
    expect(life.plan(resource)).toMatchObject({ action: 'adopt' });
    await life.apply(life.plan(resource));
    expect(host.entry(`file ${resource.path}`)?.before).toBe('as-wanted');
    expect(life.plan(resource)).toMatchObject({ action: 'none' });
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toMatchObject({ fate: 'kept', why: 'adopted' });
    await life.remove(removal);
    expect(readFileSync(resource.path, 'utf8')).toBe('hello\n');
    expect(host.entry(`file ${resource.path}`)).toBeNull();
  });

  it('restores content and mode of what it changed, however often it did', async () => {
    const { life, at } = open();
    const path = at('hosts');
    writeFileSync(path, 'original\n');
    chmodSync(path, 0o604);
    const first = life.plan(desired(path, 'one\n'));
    expect(first).toMatchObject({
      action: 'update',
      attributes: [
        { name: 'mode', before: '0604', after: '0644' },
        { name: 'content', sensitive: false },
      ],
    });
    expect((first as { diff: string }).diff).toContain('-original\n+one\n');
    await life.apply(first);
    const prior = life.recorded(desired(path, 'one\n'));
    const second = life.plan(desired(path, 'two\n'), prior);
    expect(second).toMatchObject({ action: 'update', reason: { because: 'input-changed' } });
    await life.apply(second);
    expect(readFileSync(path, 'utf8')).toBe('two\n');
    const removal = life.planRemoval(life.recorded(desired(path, 'two\n')));
    expect(removal.fate).toEqual({ fate: 'restored' });
    expect(await life.remove(removal)).toEqual({ code: 0, output: '' });
    expect(readFileSync(path, 'utf8')).toBe('original\n');
    expect(mode(path)).toBe('604');
    expect(readdirSync(at('state/backups'))).toEqual([]);
  });

  it('keeps no copy of content that it does not change, until it does', async () => {
    const { life, at } = open();
    const path = at('big');
    writeFileSync(path, 'same\n');
    chmodSync(path, 0o600);
    await life.apply(life.plan(desired(path, 'same\n')));
    expect(mode(path)).toBe('644');
    expect(readdirSync(at('state/backups'))).toEqual([]);
    await life.apply(life.plan(desired(path, 'other\n')));
    await life.remove(life.planRemoval(life.recorded(desired(path, 'other\n'))));
    expect(readFileSync(path, 'utf8')).toBe('same\n');
    expect(mode(path)).toBe('600');
  });

  it('shows an edit on the host as drift with its diff, and puts the file back', async () => {
    const { life, at } = open();
    const resource = desired(at('a.conf'), 'a\nb\nc\n');
    await life.apply(life.plan(resource));
    writeFileSync(resource.path, 'a\nB\nc\n');
    const change = life.plan(resource, life.recorded(resource));
    expect(change).toMatchObject({ action: 'update', reason: { because: 'drifted' } });
    expect((change as { diff: string }).diff).toContain(' a\n-B\n+b\n c\n');
    await life.apply(change);
    expect(readFileSync(resource.path, 'utf8')).toBe('a\nb\nc\n');
    expect(life.planRemoval(life.recorded(resource)).fate).toEqual({ fate: 'deleted' });
  });

  it('stops when the file is not what the plan saw, and does nothing when it is as wanted by now', async () => {
    const { host, life, at } = open();
    const resource = desired(at('a.conf'), 'wanted\n');
    const create = life.plan(resource);
    writeFileSync(resource.path, 'somebody else\n');
    const update = life.plan(resource);
    expect(await life.apply(create)).toEqual({
      code: 1,
      output: `died: ${resource.path} was changed on the host since the plan was made\n`,
    });
    expect(host.entry(`file ${resource.path}`)).toBeNull();
    writeFileSync(resource.path, 'once more\n');
    expect(await life.apply(update)).toMatchObject({ code: 1 });
    writeFileSync(resource.path, 'wanted\n');
    expect(await life.apply(update)).toMatchObject({ code: 0 });
    expect(host.entry(`file ${resource.path}`)?.before).toBe('as-wanted');
  });

  it('never writes through a link, in the place of the file or of its copy', async () => {
    const { life, at } = open();
    writeFileSync(at('victim'), 'precious\n');
    symlinkSync(at('victim'), at('a.conf'));
    const resource = desired(at('a.conf'), 'x\n');
    const conflict = life.plan(resource);
    expect(conflict).toMatchObject({ observed: { state: 'conflict' } });
    expect(await life.apply(conflict)).toEqual({
      code: 1,
      output: `died: a symbolic link stands at ${at('a.conf')}\n`,
    });
    const other = desired(at('b.conf'), 'x\n');
    symlinkSync(at('victim'), at('b.conf.slipway-new'));
    expect(await life.apply(life.plan(other))).toEqual({ code: 0, output: '' });
    expect(lstatSync(other.path).isSymbolicLink()).toBe(false);
    expect(readFileSync(at('victim'), 'utf8')).toBe('precious\n');
  });

  it('sends large and binary text as a blob, and moves a large one that nothing else needs', async () => {
    const { life, at } = open();
    for (const text of ['x'.repeat(70_000), 'a\0b']) {
      const resource = desired(at(`blob${text.length}`), text);
      expect(file.blobs(resource)).toHaveLength(1);
      await life.apply(life.plan(resource));
      expect(readFileSync(resource.path, 'utf8')).toBe(text);
      expect(life.plan(resource)).toMatchObject({ action: 'none' });
    }
    for (const [name, wanted] of [
      ['large', '0600'],
      ['program', '0755'],
      ['shared/large', '0640'],
    ] as const) {
      const large = desired(at(name), `${name} `.repeat(300_000), { mode: wanted });
      const [blob] = file.blobs(large);
      if (name.startsWith('shared')) {
        // Its group is for what is born in it.
        mkdirSync(at('shared'));
        chmodSync(at('shared'), 0o2755);
      }
      const resource: DesiredFile = { ...large, content: { type: 'blob', blob: blob! } };
      expect(await life.apply(life.plan(resource), { soleBlobs: new Set([blob!.digest]) })).toEqual({
        code: 0,
        output: '',
      });
      expect(statSync(large.path).size).toBe(blob!.sizeBytes);
      expect(mode(large.path)).toBe(wanted.slice(1));
      expect(existsSync(at('state/blobs', blob!.digest))).toBe(name.startsWith('shared'));
      expect(life.plan(resource)).toMatchObject({ action: 'none' });
    }
  });

  it('keeps sensitive content out of steps, state, plan and record', async () => {
    const { host, life, at } = open();
    const secret = 'hunter2\n';
    const resource = desired(at('pw'), secret, { mode: '0600', content: textContent(secret, true) });
    const secrets = new Map<string, string | Uint8Array>();
    const step = file.apply({ ...life.plan(resource) }, null, life.context, secrets);
    expect(step?.body).not.toContain('hunter2');
    expect([...secrets.values()]).toEqual([secret]);
    expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
    expect(readFileSync(resource.path, 'utf8')).toBe(secret);
    expect(life.recorded(resource).attributes['content']).toMatch(/^hmac:/);
    expect(life.plan(resource)).toMatchObject({ action: 'none' });

    const changed = { ...resource, content: textContent('correct horse\n', true) };
    const change = life.plan(changed, life.recorded(resource));
    expect(change).toMatchObject({ diff: null, attributes: [{ name: 'content', sensitive: true }] });
    expect(JSON.stringify({ ...change, resource: null })).not.toMatch(/hunter2|sha256/);
    expect(await life.apply(change)).toEqual({ code: 0, output: '' });
    expect(readFileSync(resource.path, 'utf8')).toBe('correct horse\n');

    const open_ = { ...resource, content: textContent('public\n', false) };
    const later = life.plan(open_, life.recorded(changed));
    expect(later).toMatchObject({ diff: null, attributes: [{ name: 'content', sensitive: true }] });
    expect(JSON.stringify({ ...later, resource: null })).not.toMatch(/correct|sha256:[0-9a-f]{64}","after/);
    expect(await life.apply(later)).toEqual({ code: 0, output: '' });
    expect(readFileSync(join(host.state, 'record'), 'utf8')).not.toMatch(/hunter2|correct/);
  });

  it('takes a file over from an instance that gives it up in the same plan', () => {
    const { life, at } = open();
    const resource = desired(at('shared'), 'mine\n');
    writeFileSync(resource.path, 'theirs\n');
    const observation = life.observe(file.probe(resource, life.context));
    const owner = { lineage: 'L', instance: 'old@h', resource: 'file.x' };
    const key = `file ${resource.path}`;
    const entry = { key, owners: [owner], before: null, notes: new Map<string, string>() };
    const observed = file.observe(resource, observation, life.context);
    expect(file.diff(resource, observed, null, entry, life.context).action).toBe('create');
    const foreign = { ...entry, owners: [{ ...owner, lineage: 'other' }] };
    const record = { ...EMPTY_RECORD, entries: new Map([[key, foreign]]) };
    expect(file.observe(resource, { ...observation, record }, life.context)).toEqual({
      state: 'conflict',
      what: `${resource.path} belongs to file.x of old@h in another cluster`,
    });
  });

  it('brings a file of a package back for as long as the package stays', async () => {
    const { host, life, at } = open();
    const resource = desired(at('nginx.conf'), 'ours\n', { mode: '0600' });
    const create = life.plan(resource);
    // The package was installed by an earlier step of the same script.
    writeFileSync(resource.path, "the package's\n");
    chmodSync(resource.path, 0o644);
    mkdirSync(at('state/backups/package.nginx'));
    writeFileSync(at('state/backups/package.nginx/came'), `f\troot\t${resource.path}\t\n`);
    expect(await life.apply(create)).toEqual({ code: 0, output: '' });
    expect(readFileSync(resource.path, 'utf8')).toBe('ours\n');
    expect(host.entry(`file ${resource.path}`)?.owners).toHaveLength(1);
    const removal = life.planRemoval(life.recorded(resource));
    expect(removal.fate).toEqual({ fate: 'restored' });
    await life.remove(removal);
    expect(readFileSync(resource.path, 'utf8')).toBe("the package's\n");
    expect(mode(resource.path)).toBe('644');
  });

  it('asks the record on the host before it deletes what no plan looked at', async () => {
    const { life, at } = open();
    const made = desired(at('made'), 'x');
    await life.apply(life.plan(made));
    const found = desired(at('found'), 'x');
    writeFileSync(found.path, 'x');
    chmodSync(found.path, 0o644);
    await life.apply(life.plan(found));
    for (const resource of [made, found]) {
      const recorded = life.recorded(resource);
      const removal = {
        action: 'remove',
        recorded,
        reason: { because: 'removed-from-spec' },
        fate: { fate: 'deleted' },
      } as const;
      const step = file.remove(removal, null, life.context);
      await hosts[0]!.run(file.functions, step);
    }
    expect(existsSync(made.path)).toBe(false);
    expect(existsSync(found.path)).toBe(true);
  });

  it('goes with what a write that was cut off has left beside it', async () => {
    const { life, at } = open();
    const resource = desired(at('etc/app.conf'), 'x');
    await life.apply(life.plan(resource));
    writeFileSync(`${resource.path}.slipway-new`, 'hal');
    await life.remove(life.planRemoval(life.recorded(resource)));
    expect(existsSync(at('etc'))).toBe(false);
  });

  it.runIf(asRoot)('leaves nothing of a content that does not fit on the disk', async () => {
    const { life, at } = open();
    mkdirSync(at('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('disk')]);
    try {
      writeFileSync(at('disk/file'), 'before');
      const result = await life.apply(life.plan(desired(at('disk/file'), 'x'.repeat(100_000))));
      expect(result.code).toBe(1);
      expect(result.output).toContain(`died: cannot write ${at('disk/file')}.slipway-new`);
      expect(readdirSync(at('disk'))).toEqual(['file']);
      expect(readFileSync(at('disk/file'), 'utf8')).toBe('before');
    } finally {
      execFileSync('umount', [at('disk')]);
    }
  });

  it.runIf(asRoot)('gives a file to its owner and restores the former one', async () => {
    const { life, at } = open();
    const resource = desired(at('owned'), 'x', { owner: 'nobody', mode: '0640' });
    expect(await life.apply(life.plan(resource))).toEqual({ code: 0, output: '' });
    expect(statSync(resource.path).uid).toBe(65534);
    expect(mode(resource.path)).toBe('640');
    writeFileSync(at('theirs'), 'before');
    chownSync(at('theirs'), 1, 1);
    chmodSync(at('theirs'), 0o4755);
    const other = desired(at('theirs'), 'after', { owner: 'nobody' });
    await life.apply(life.plan(other));
    expect(statSync(other.path).uid).toBe(65534);
    await life.remove(life.planRemoval(life.recorded(other)));
    expect([statSync(other.path).uid, statSync(other.path).gid, mode(other.path)]).toEqual([1, 1, '4755']);
    // What the spec leaves open stays as it was, though the file is a new one.
    chmodSync(at('theirs'), 0o644);
    await life.apply(life.plan(desired(at('theirs'), 'again')));
    expect(statSync(other.path).uid).toBe(1);
  });
});

describe('the step of a file', () => {
  const context = resourceLife({ root: '/r', state: '/r/state' } as StepHost).context;

  it('costs two processes for a plain file: chown and mv', () => {
    const resource = desired('/etc/nats/nats.conf', 'port = 4222\n', { owner: 'nats', mode: '0640' });
    const change = { action: 'create', resource, reason: { because: 'new' } } as const;
    expect(file.apply(change, null, context, new Map())?.body).toMatchInlineSnapshot(`
      "if needs_file /etc/nats/nats.conf absent d9974395a2cd9bc356ef17c950c1702361aa383cdb9a6cb4353f2fb10bb4cd6b; then
      if [ -n "$file_came" ]; then
      cp -p /etc/nats/nats.conf "$BACKUPS"/7fd6ed28eebdcf0cb26bc9eb41470179
      before 'file /etc/nats/nats.conf' '{"attributes":{},"backup":true}'
      fi
      own 'file /etc/nats/nats.conf' file.config
      [ -d /etc/nats ] || make_parents 'directory /etc' /etc 'directory /etc/nats' /etc/nats
      begin_file /etc/nats/nats.conf 0137
      printf %s 'port = 4222
      ' >"$new_file" || drop_file
      place_file /etc/nats/nats.conf nats: ''
      else
      adopt 'file /etc/nats/nats.conf' file.config
      chown -h nats: /etc/nats/nats.conf
      chmod 0640 /etc/nats/nats.conf
      fi"
    `);
  });
});
