import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_RECORD, type RecordEntry } from '../../src/host/record.ts';
import type { HostObservation, PathObservation, ProbeAnswer } from '../../src/host/observation.ts';
import { archive } from '../../src/resources/archive.ts';
import type { DesiredArchive, KindContext, Observed } from '../../src/resources/resource.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';
import { zip } from './zip.ts';

const context = { lineage: 'L', instance: 'web@h' } as KindContext;

function desired(path: string, bytes: Buffer, more: Partial<DesiredArchive> = {}): DesiredArchive {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return {
    kind: 'archive',
    address: 'archive.app',
    range: {} as DesiredArchive['range'],
    path,
    blob: { digest, sizeBytes: bytes.length, open: () => [bytes] as never },
    format: 'tar.gz',
    strip: 0,
    owner: null,
    group: null,
    ...more,
  };
}

async function tar(members: readonly (Partial<Header> & { name: string; text?: string })[]): Promise<Buffer> {
  const stream = pack();
  for (const { text, ...header } of members) stream.entry(header, text ?? '');
  stream.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const APP = [
  { name: 'app-1.0/', type: 'directory' as const },
  { name: 'app-1.0/bin/', type: 'directory' as const },
  { name: 'app-1.0/bin/run', mode: 0o755, text: '#!/bin/sh\n' },
  { name: 'app-1.0/.hidden', text: 'h' },
  { name: 'app-1.0/current', type: 'symlink' as const, linkname: 'bin/run' },
];

describe.each(SHELLS)('archive steps on %s', (_name, shell) => {
  const hosts: StepHost[] = [];
  function host(): StepHost {
    const opened = openStepHost(shell);
    hosts.push(opened);
    return opened;
  }
  afterEach(() => {
    for (const opened of hosts.splice(0)) opened.close();
  });

  function create(at: StepHost, resource: DesiredArchive, bytes: Buffer) {
    writeFileSync(join(at.state, 'blobs', resource.blob.digest), bytes);
    const change = { action: 'create', resource, reason: { because: 'new' } } as const;
    const key = archive.key(resource, context);
    return at.run(archive.functions, archive.apply(change, at.entry(key), context, new Map()));
  }

  function remove(at: StepHost, resource: DesiredArchive) {
    const key = archive.key(resource, context);
    const attributes = archive.attributes(resource, context);
    const recorded = { kind: 'archive', address: 'archive.app', key, attributes } as const;
    const removal = {
      action: 'remove',
      recorded,
      reason: { because: 'removed-from-spec' },
      fate: { fate: 'deleted' },
    } as const;
    return at.run(archive.functions, archive.remove(removal, at.entry(key), context));
  }

  const cases = [
    ['tar.gz', async () => gzipSync(await tar(APP))],
    ['tar.xz', async () => execFileSync('xz', ['-c'], { input: await tar(APP) })],
    ['zip', () => Promise.resolve(zip(APP))],
  ] as const;

  it.each(cases)('unpacks %s, notes what it made, and takes it off', async (format, make) => {
    const at = host();
    const path = join(at.root, 'opt/app');
    const bytes = await make();
    const resource = desired(path, bytes, { format, strip: 1 });
    expect(await create(at, resource, bytes)).toEqual({ code: 0, output: '' });
    expect(readdirSync(path).sort()).toEqual(['.hidden', 'bin', 'current']);
    expect(readdirSync(join(at.root, 'opt'))).toEqual(['app']);
    expect(lstatSync(join(path, 'bin/run')).mode & 0o777).toBe(0o755);
    if (format !== 'zip') expect(readlinkSync(join(path, 'current'))).toBe('bin/run');
    const entry = at.entry(`archive ${path}`);
    expect(entry?.notes.get('source')).toBe(`${resource.blob.digest} 1`);
    expect(entry?.notes.get('tree')).toMatch(/^[0-9a-f]{64}$/);

    expect(await remove(at, resource)).toEqual({ code: 0, output: '' });
    expect(existsSync(join(at.root, 'opt'))).toBe(false);
    expect(at.entry(`archive ${path}`)).toBe(null);
  });

  it('replaces what was unpacked before as a whole, and again after an interruption', async () => {
    const at = host();
    const path = join(at.root, 'app');
    const first = gzipSync(await tar(APP));
    await create(at, desired(path, first), first);
    mkdirSync(`${path}.slipway-new`);
    writeFileSync(`${path}.slipway-new/half`, '');
    const second = gzipSync(await tar([{ name: 'only', text: 'x' }]));
    expect((await create(at, desired(path, second), second)).code).toBe(0);
    expect(readdirSync(path)).toEqual(['only']);
    expect(readdirSync(at.root).filter((name) => name.startsWith('app'))).toEqual(['app']);
  });

  it('goes on where taking off leading components of a zip was cut off, and leaves nothing of that', async () => {
    const at = host();
    const path = join(at.root, 'app');
    const bytes = zip(APP);
    const resource = desired(path, bytes, { format: 'zip', strip: 1 });
    const cutOff = () => mkdirSync(`${path}.slipway-new.strip/bin`, { recursive: true });
    cutOff();
    expect(await create(at, resource, bytes)).toEqual({ code: 0, output: '' });
    expect(readdirSync(path).sort()).toEqual(['.hidden', 'bin', 'current']);
    cutOff();
    expect(await remove(at, resource)).toEqual({ code: 0, output: '' });
    expect(readdirSync(at.root).filter((name) => name.startsWith('app'))).toEqual([]);
  });

  it.each([
    ['tar.gz', '../evil', async () => gzipSync(await tar([{ name: '../evil', text: 'x' }]))],
    ['tar.gz', 'a/../../evil', async () => gzipSync(await tar([{ name: 'a/../../evil', text: 'x' }]))],
    ['tar.gz', '/abs/evil', async () => gzipSync(await tar([{ name: '/abs/evil', text: 'x' }]))],
    ['zip', '../evil', () => Promise.resolve(zip([{ name: '../evil', text: 'x' }]))],
    ['zip', '/abs/evil', () => Promise.resolve(zip([{ name: '/abs/evil', text: 'x' }]))],
  ] as const)('refuses a %s with the member %s', async (format, _member, make) => {
    const at = host();
    const path = join(at.root, 'opt/app');
    mkdirSync(join(at.root, 'opt'));
    const bytes = await make();
    const result = await create(at, desired(path, bytes, { format }), bytes);
    expect(result.code).toBe(1);
    expect(result.output).toContain('members that lie outside of it');
    expect(readdirSync(join(at.root, 'opt'))).toEqual([]);
    expect(existsSync('/abs')).toBe(false);
  });

  it('says what is wrong with a damaged archive and leaves what was there', async () => {
    const at = host();
    const path = join(at.root, 'app');
    const good = gzipSync(await tar(APP));
    await create(at, desired(path, good), good);
    const bad = good.subarray(0, 60);
    const result = await create(at, desired(path, bad), bad);
    expect(result.code).not.toBe(0);
    expect(result.output).toContain('cannot unpack the archive');
    expect(readdirSync(path)).toEqual(['app-1.0']);
  });

  it('leaves a directory alone that appeared since the plan was made', async () => {
    const at = host();
    const path = join(at.root, 'app');
    mkdirSync(path);
    writeFileSync(join(path, 'mine'), '');
    const bytes = gzipSync(await tar(APP));
    const result = await create(at, desired(path, bytes), bytes);
    expect(result).toEqual({
      code: 1,
      output: `died: ${path} appeared on the host since the plan was made\n`,
    });
    rmSync(join(path, 'mine'));
    expect((await create(at, desired(path, bytes), bytes)).code).toBe(0);
  });

  it.runIf(process.getuid?.() === 0)('gives everything to its owner', async () => {
    const at = host();
    const path = join(at.root, 'app');
    const bytes = gzipSync(await tar(APP));
    await create(at, desired(path, bytes, { owner: 'daemon', group: 'daemon' }), bytes);
    expect(lstatSync(path).uid).toBe(1);
    expect(lstatSync(join(path, 'app-1.0/bin/run')).gid).toBe(1);
    expect(readFileSync(join(path, 'app-1.0/bin/run'), 'utf8')).toBe('#!/bin/sh\n');
  });
});

describe('archive planning', () => {
  const bytes = Buffer.from('x');
  const resource = desired('/opt/app', bytes, { strip: 1 });
  const { digest } = resource.blob;
  const ours = { owners: [{ lineage: 'L', instance: 'web@h', resource: 'archive.app' }], before: null };

  function entry(notes: Record<string, string>): RecordEntry {
    return { key: 'archive /opt/app', ...ours, notes: new Map(Object.entries(notes)) };
  }
  function observe(
    found: Partial<PathObservation> | null,
    entries: number,
    tree: string,
    known: RecordEntry | null,
  ): Observed {
    const full = { type: 'directory', mode: '0755', owner: 'root', group: 'root', ...found };
    const answers = new Map<string, ProbeAnswer>([
      ['path /opt/app', { probe: 'path', found: found === null ? null : (full as PathObservation) }],
      ['tree /opt/app', { probe: 'tree', entries, bytes: 0 }],
      ['tree-digest /opt/app', { probe: 'tree-digest', digest: tree }],
    ]);
    const record = { ...EMPTY_RECORD, entries: new Map(known === null ? [] : [[known.key, known]]) };
    return archive.observe(resource, { answers, record } as unknown as HostObservation, context);
  }
  const attributes = archive.attributes(resource, context);
  const prior = { kind: 'archive', address: 'archive.app', key: 'archive /opt/app', attributes } as const;
  const current = entry({ source: `${digest} 1`, tree: 'T' });

  it.each([
    ['nothing there', null, 0, '', null, 'create', []],
    ['an empty directory', {}, 0, 'E', null, 'update', ['sha256', 'strip']],
    ['as unpacked', {}, 3, 'T', current, 'none', []],
    ['edited on the host', {}, 3, 'U', current, 'update', ['tree']],
    ['another archive', {}, 3, 'T', entry({ source: 'abc 1', tree: 'T' }), 'update', ['sha256']],
    ['an interrupted unpacking', {}, 3, 'T', entry({}), 'update', ['sha256', 'strip']],
  ] as const)('%s', (_case, found, entries, tree, known, action, changed) => {
    const change = archive.diff(
      resource,
      observe(found, entries, tree, known),
      known === null ? null : prior,
      known,
      context,
    );
    expect(change.action).toBe(action);
    expect(change.action === 'update' ? change.attributes.map(({ name }) => name) : []).toEqual(changed);
  });

  it.each([
    [{ type: 'file' as const }, 0, 'a file stands at /opt/app'],
    [{}, 2, '/opt/app is a directory with 2 entries that slipway did not make'],
  ])('does not touch what is not its own', (found, entries, what) => {
    expect(observe(found, entries, 'T', null)).toEqual({ state: 'conflict', what });
  });
});
