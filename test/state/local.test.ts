import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeState, STATE_VERSION } from '../../src/state/codec.ts';
import { localStore } from '../../state/local/local-store.ts';
import { errorOf, storeConformance } from './conformance.ts';
import { sampleInstance, sampleState } from './sample-state.ts';

const HOLDER = { run: '20260102T030405-0001', operation: 'apply', owner: 'ada@desk' };
const made: string[] = [];
afterAll(() => Promise.all(made.map((directory) => rm(directory, { recursive: true, force: true }))));

async function scratch(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-state-'));
  made.push(directory);
  return directory;
}

storeConformance('state/local', async () => {
  const file = path.join(await scratch(), 'shop.state.json');
  return () => localStore(file);
});

describe('the files of state/local', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await scratch();
    file = path.join(directory, 'shop.state.json');
  });

  it('are made with their folder, readable by their owner alone, and nothing else stays behind', async () => {
    file = path.join(directory, 'deep', 'shop.state.json');
    const store = localStore(file);
    const lock = await store.lock(HOLDER, { timeoutMs: 0 });
    await store.write(sampleState(1));
    await store.write(sampleState(2));
    const journal = await store.journal('run-1', sampleState().lineage);
    const names = (await readdir(path.dirname(file))).sort();
    expect(names).toEqual(['', '.backup', '.journal', '.lock'].map((suffix) => `shop.state.json${suffix}`));
    for (const name of names) {
      expect((await stat(path.join(path.dirname(file), name))).mode & 0o777, name).toBe(0o600);
    }
    await journal.close();
    await lock.release();
  });

  it('that a killed process has left half written are taken off by the next who locks', async () => {
    const id = '8f1f6c1e-0000-4000-8000-000000000000';
    const temporaries = ['.17.00c0ffee.tmp', '.backup.17.00c0ffee.tmp', `.lock.${id}.tmp`];
    const others = ['.17.0badcafe.tmp', '.mine.tmp'];
    for (const end of [...temporaries, ...others]) await writeFile(`${file}${end}`, '{');
    const before = new Date(Date.now() - 3_600_000);
    for (const end of [...temporaries, '.mine.tmp']) await utimes(`${file}${end}`, before, before);
    const lock = await localStore(file).lock(HOLDER, { timeoutMs: 0 });
    await lock.release();
    expect((await readdir(directory)).sort()).toEqual(others.map((end) => `shop.state.json${end}`).sort());
  });

  it('keep the previous serial as backup', async () => {
    const store = localStore(file);
    await store.write(sampleState(1));
    await store.write({ ...sampleState(2), cluster: 'renamed' });
    expect(await readFile(`${file}.backup`, 'utf8')).toBe(encodeState(sampleState(1)));
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ serial: 2, cluster: 'renamed' });
  });

  it('hold one instance per line, so that two states can be compared', async () => {
    await localStore(file).write(sampleState(1));
    const lines = (await readFile(file, 'utf8')).split('\n');
    for (const address of sampleState().instances.keys()) {
      expect(lines.filter((line) => line.includes(`"address":"${address}"`))).toHaveLength(1);
    }
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2), /is damaged: it is not JSON/],
    ['empty', () => '', /is damaged: it is not JSON/],
    [
      'of the wrong shape',
      (text: string) => text.replace('"status":"failed"', '"status":"fine"'),
      /is damaged: instances\[1\]\.status: one of installed, incomplete, failed, removing expected/,
    ],
    ['without a version', () => '{}', /is damaged: version: a whole number expected/],
    ['something else', () => '[1, 2]', /is damaged: the document: an object expected/],
  ])('are refused when %s, naming the backup', async (_, damage, message) => {
    await localStore(file).write(sampleState(1));
    await writeFile(file, damage(await readFile(file, 'utf8')));
    const error = await errorOf(localStore(file).read());
    expect(error.kind).toBe('damaged');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(file);
    expect(error.remedy).toContain(`${file}.backup`);
  });

  it('are refused when a newer slipway wrote them', async () => {
    const newer = encodeState(sampleState(1)).replace(`"version": ${STATE_VERSION}`, '"version": 99');
    await writeFile(file, newer);
    const error = await errorOf(localStore(file).read());
    expect(error.kind).toBe('newer');
    expect(error.message).toContain('state format 99');
  });

  it('cannot be read: says so, and does not take that for "no state"', async () => {
    await mkdir(file);
    expect((await errorOf(localStore(file).read())).kind).toBe('io');
  });
});

describe('the journal of state/local', () => {
  let file: string;
  let journalFile: string;
  beforeEach(async () => {
    file = path.join(await scratch(), 'shop.state.json');
    journalFile = `${file}.journal`;
    const store = localStore(file);
    await store.write(sampleState(1));
    const journal = await store.journal('run-1', sampleState().lineage);
    const instance = sampleInstance('nats', '10.0.0.9', { status: 'incomplete' });
    await journal.append({ type: 'intent', change: 'install', instance });
    await journal.append({ type: 'outcome', instance: { ...instance, status: 'installed' } });
    await journal.close();
  });

  it('with a torn last line is read up to it', async () => {
    const { size } = await stat(journalFile);
    await truncate(journalFile, size - 10);
    const stored = await localStore(file).read();
    expect(stored?.recovered).toEqual({ run: 'run-1', unfinished: ['nats@10.0.0.9'] });
  });

  it('with not even a whole header tells nothing', async () => {
    for (const length of [5, 0]) {
      await truncate(journalFile, length);
      expect(await localStore(file).read()).toEqual({ state: sampleState(1), recovered: null });
      await (await localStore(file).journal('run-2', sampleState().lineage)).close();
    }
  });

  it('damaged in its middle is refused, naming the line', async () => {
    const lines = (await readFile(journalFile, 'utf8')).split('\n');
    lines[1] = `${lines[1]?.slice(0, 40)}`;
    await writeFile(journalFile, lines.join('\n'));
    const error = await errorOf(localStore(file).read());
    expect(error.kind).toBe('damaged');
    expect(error.message).toContain('line 2');
    expect(error.message).toContain(journalFile);
  });

  it('that was folded in but not yet removed is passed over', async () => {
    const content = await readFile(journalFile);
    const folded = (await localStore(file).read())!.state;
    await localStore(file).write({ ...folded, serial: 2 });
    await writeFile(journalFile, content);
    expect((await localStore(file).read())?.recovered).toBeNull();
    await (await localStore(file).journal('run-2', sampleState().lineage)).close();
  });

  it('of another cluster is refused: the state was exchanged', async () => {
    await writeFile(
      journalFile,
      (await readFile(journalFile, 'utf8')).replace(sampleState().lineage, 'other'),
    );
    const error = await errorOf(localStore(file).read());
    expect(error.kind).toBe('conflict');
    expect(error.message).toContain('another cluster');
  });

  it('whose first line is something else is refused', async () => {
    for (const header of ['null', '[]', '{"version":1}']) {
      await writeFile(journalFile, `${header}\n`);
      expect((await errorOf(localStore(file).read())).kind).toBe('damaged');
    }
  });

  it('of a newer state than the one that is there is refused: the state was put back', async () => {
    const content = (await readFile(journalFile, 'utf8')).replace('"serial":1', '"serial":5');
    await writeFile(journalFile, content);
    expect((await errorOf(localStore(file).read())).kind).toBe('conflict');
  });
});

describe('the lock of state/local', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Another process that takes the lock and holds it. */
  async function holder(file: string): Promise<ChildProcess> {
    const program = fileURLToPath(new URL('./lock-holder.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  it('of another process holds, and breaks by itself once that was killed', async () => {
    const file = path.join(await scratch(), 'shop.state.json');
    const child = await holder(file);
    const error = await errorOf(localStore(file).lock(HOLDER, { timeoutMs: 0 }));
    expect(error.kind).toBe('locked');
    expect(error.message).toContain(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await localStore(file).lockInfo()).toBeNull();
    const lock = await localStore(file).lock(HOLDER, { timeoutMs: 0 });
    expect(lock.info.pid).toBe(process.pid);
    await lock.release();
  });

  it('of a killed process goes to exactly one of those who wait', async () => {
    const file = path.join(await scratch(), 'shop.state.json');
    const child = await holder(file);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => localStore(file).lock(HOLDER, { timeoutMs: 0 })),
    );
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
  });

  it('of another machine never breaks by itself', async () => {
    const file = path.join(await scratch(), 'shop.state.json');
    const theirs = {
      ...HOLDER,
      id: 'theirs',
      pid: 999_999,
      since: '2026-01-02T03:04:05.000Z',
      machine: 'elsewhere.example',
      started: 1,
    };
    await writeFile(`${file}.lock`, JSON.stringify(theirs));
    expect((await errorOf(localStore(file).lock(HOLDER, { timeoutMs: 0 }))).kind).toBe('locked');
    await localStore(file).forceUnlock('theirs');
    await (await localStore(file).lock(HOLDER, { timeoutMs: 0 })).release();
  });

  it('that cannot be read still locks, and can be broken', async () => {
    const file = path.join(await scratch(), 'shop.state.json');
    await writeFile(`${file}.lock`, 'not ours');
    const error = await errorOf(localStore(file).lock(HOLDER, { timeoutMs: 0 }));
    expect(error.kind).toBe('locked');
    await localStore(file).forceUnlock('unreadable');
    expect(await localStore(file).lockInfo()).toBeNull();
  });
});

/** A file system of a few pages; needs root. */
function smallDisk(directory: string): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]).status === 0;
}

describe('a name beside the state that somebody else has linked elsewhere', () => {
  it('is not written through', async () => {
    const directory = await scratch();
    const file = path.join(directory, 'shop.state.json');
    const victim = path.join(directory, 'victim');
    await writeFile(victim, 'precious');
    await symlink(victim, `${file}.journal`);
    await symlink(victim, `${file}.backup`);
    await localStore(file).write(sampleState(1));
    await localStore(file).write(sampleState(2));
    expect(await readFile(victim, 'utf8')).toBe('precious');
  });
});

describe('state/local on a full disk', () => {
  it('says so, and keeps the state that was there', async (context) => {
    const directory = path.join(await scratch(), 'disk');
    await mkdir(directory);
    if (!smallDisk(directory)) return context.skip('needs root, to mount a file system');
    try {
      const file = path.join(directory, 'shop.state.json');
      await localStore(file).write(sampleState(1));
      const journal = await localStore(file).journal('run-1', sampleState().lineage);
      await writeFile(path.join(directory, 'filler'), Buffer.alloc(60 * 1024)).catch(() => undefined);
      const error = await errorOf(localStore(file).write(sampleState(2)));
      expect(error.kind).toBe('io');
      expect(error.message).toContain('ENOSPC');
      expect(error.remedy).toContain('Free some space');
      const huge = sampleInstance('nats', '10.0.0.1', { dir: 'x'.repeat(64 * 1024) });
      expect((await errorOf(journal.append({ type: 'outcome', instance: huge }))).kind).toBe('io');
      await journal.close();
      const refused = await errorOf(localStore(file).lock(HOLDER, { timeoutMs: 0 }));
      expect(refused.message).toMatch(/\.lock cannot be made: ENOSPC/);
      expect(refused.remedy).toContain('Free some space');
      await rm(path.join(directory, 'filler'));
      expect((await localStore(file).read())?.state.serial).toBe(1);
      expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    } finally {
      spawnSync('umount', [directory]);
    }
  });
});

describe('state/local behind a symbolic link', () => {
  it('is written where the link leads', async () => {
    const directory = await scratch();
    const target = path.join(directory, 'elsewhere');
    await mkdir(target);
    await symlink(target, path.join(directory, 'link'));
    await localStore(path.join(directory, 'link', 'shop.state.json')).write(sampleState(1));
    expect(await readdir(target)).toEqual(['shop.state.json']);
  });
});
