import { createHash } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { localProvider } from '../../providers/local/local.ts';
import { pushSource } from '../../src/app/operate/push-source.ts';
import type { Connection } from '../../src/host/connection.ts';
import { putParcel, takeFrom, type Parcel, type PutOptions } from '../../src/host/file-transfer.ts';

const { signal } = new AbortController();
let root: string;
let connection: Connection;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-transfer-'));
  connection = await localProvider(root).connect({ host: '127.0.0.1' }, {});
});
afterAll(async () => {
  await connection.close();
  await rm(root, { recursive: true, force: true });
});
let there: string;
let here: string;
let count = 0;
beforeEach(async () => {
  const folder = path.join(root, String(count++));
  [here, there] = [path.join(folder, 'here'), path.join(folder, 'there')];
  await mkdir(here, { recursive: true });
  await mkdir(there);
});
afterEach(() => vi.unstubAllEnvs());

async function file(name: string, text: string, mode = 0o644): Promise<string> {
  const place = path.join(here, name);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, text);
  await chmod(place, mode);
  return place;
}
async function put(source: string | Parcel, to: string, options: Partial<PutOptions> = {}): Promise<string> {
  const parcel = typeof source === 'string' ? await pushSource(source, signal) : source;
  const common = { mode: null, owner: null, replace: false, signal, onSent: () => undefined };
  return putParcel(connection, parcel, { path: to, ...common, ...options });
}
const at = (name: string): string => path.join(there, name);
const modeOf = async (place: string): Promise<string> => ((await stat(place)).mode & 0o777).toString(8);

describe('putting a file on a host', () => {
  it('gives it the mode it has here, or the one that is asked for', async () => {
    const script = await file('run', '#!/bin/sh\n', 0o755);
    expect(await put(script, at('run'))).toBe(at('run'));
    expect(await modeOf(at('run'))).toBe('755');
    await put(script, at('other'), { mode: '0600' });
    expect(await modeOf(at('other'))).toBe('600');
    expect(await readdir(there)).toEqual(['other', 'run']);
  });

  it('goes into a directory, as with scp', async () => {
    const source = await file('a', 'text');
    expect(await put(source, there)).toBe(at('a'));
    await mkdir(at('b'));
    expect(await put(source, `${at('b')}/`)).toBe(at('b/a'));
  });

  it('replaces a file, whose mode stays', async () => {
    await writeFile(at('conf'), 'old', { mode: 0o640 });
    await put(await file('conf', 'new', 0o755), at('conf'));
    expect(await readFile(at('conf'), 'utf8')).toBe('new');
    expect(await modeOf(at('conf'))).toBe('640');
  });

  it('replaces what a link leads to, not the link', async () => {
    await writeFile(at('real'), 'old');
    await symlink('real', at('link'));
    await put(await file('x', 'new'), at('link'));
    expect(await readlink(at('link'))).toBe('real');
    expect(await readFile(at('real'), 'utf8')).toBe('new');
  });

  it.each([
    ['a directory that is not there', 'nowhere/x', /there is no directory .*nowhere/],
    ['a directory with a slash that is not there', 'nowhere/', /there is no directory .*nowhere/],
    ['a directory of its name', 'taken', /taken\/x is a directory/],
  ])('refuses %s', async (_, to, why) => {
    await mkdir(at('taken/x'), { recursive: true });
    await expect(put(await file('x', 'text'), path.join(there, to))).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(why) as string,
    });
    expect(await readdir(there)).toEqual(['taken']);
  });

  it('refuses an owner that is not there before anything is sent', async () => {
    await expect(put(await file('x', 'text'), at('x'), { owner: 'no-such-user' })).rejects.toMatchObject({
      kind: 'denied',
    });
    expect(await readdir(there)).toEqual([]);
  });

  it('refuses what has no room', async () => {
    const parcel = { ...(await pushSource(await file('x', 'text'), signal)), sizeBytes: 2 ** 60 };
    await expect(put(parcel, at('x'))).rejects.toMatchObject({ kind: 'no-space' });
  });

  it('leaves everything as it was when it comes in damaged', async () => {
    await writeFile(at('x'), 'old');
    const parcel = await pushSource(await file('x', 'text'), signal);
    const damaged = { ...parcel, open: () => chunks(Buffer.from('tex')) };
    await expect(put(damaged, at('x'))).rejects.toMatchObject({ kind: 'lost' });
    expect(await readFile(at('x'), 'utf8')).toBe('old');
    expect(await readdir(there)).toEqual(['x']);
  });
});

describe('putting a directory on a host', () => {
  async function tree(): Promise<string> {
    await file('dir/a', 'a', 0o600);
    await file(`dir/sub/${'long '.repeat(30)}ü`, 'deep');
    await file('dir/sub/run', 'run', 0o755);
    await symlink('../a', path.join(here, 'dir/sub/link'));
    await mkdir(path.join(here, 'dir/empty'), { mode: 0o700 });
    return path.join(here, 'dir');
  }

  it('keeps names, modes and links', async () => {
    expect(await put(await tree(), at('new'))).toBe(at('new'));
    expect(await readdir(at('new'))).toEqual(['a', 'empty', 'sub']);
    expect(await readFile(at(`new/sub/${'long '.repeat(30)}ü`), 'utf8')).toBe('deep');
    expect(await modeOf(at('new/a'))).toBe('600');
    expect(await modeOf(at('new/sub/run'))).toBe('755');
    expect(await modeOf(at('new/empty'))).toBe('700');
    expect(await readlink(at('new/sub/link'))).toBe('../a');
    expect(await readdir(there)).toEqual(['new']);
  });

  it('never mixes with what is there', async () => {
    const source = await tree();
    await mkdir(at('dir'));
    await writeFile(at('dir/mine'), 'mine');
    await expect(put(source, there)).rejects.toMatchObject({ kind: 'denied', remedy: /--force/ });
    expect(await readdir(at('dir'))).toEqual(['mine']);
    await put(source, there, { replace: true });
    expect(await readdir(at('dir'))).toEqual(['a', 'empty', 'sub']);
    expect(await readdir(there)).toEqual(['dir']);
  });

  it('puts back what it was to replace when it is ended in the middle', async () => {
    const source = await tree();
    await mkdir(at('dir'));
    await writeFile(at('dir/mine'), 'mine');
    await file('bin/mv', '#!/bin/sh\n/bin/mv "$@" && case $* in */old) kill -TERM "$PPID" ;; esac\n', 0o755);
    vi.stubEnv('PATH', `${path.join(here, 'bin')}:${process.env.PATH}`);
    await expect(put(source, there, { replace: true })).rejects.toMatchObject({ name: 'HostError' });
    expect(await readdir(at('dir'))).toEqual(['mine']);
    expect(await readdir(there)).toEqual(['dir']);
  });

  it('leaves nothing behind when it comes in damaged or cut off', async () => {
    const parcel = await pushSource(await tree(), signal);
    const parts: Buffer[] = [];
    for await (const chunk of parcel.open()) parts.push(Buffer.from(chunk));
    const whole = Buffer.concat(parts);
    // Before the last member: what is left is a tar without a fault.
    const cut = { ...parcel, open: () => chunks(whole.subarray(0, 1024)) };
    await expect(put(cut, at('new'))).rejects.toMatchObject({ name: 'HostError' });
    const flipped = Buffer.from(whole);
    flipped[flipped.indexOf('deep')] = 0x44;
    await expect(put({ ...parcel, open: () => chunks(flipped) }, at('new'))).rejects.toMatchObject({
      kind: 'lost',
    });
    expect(await readdir(there)).toEqual([]);
  });
});

describe('fetching from a host', () => {
  const take = async (place: string) => {
    const delivery = await takeFrom(connection, place, signal);
    const parts: Buffer[] = [];
    for await (const chunk of delivery.content) parts.push(chunk);
    const content = Buffer.concat(parts);
    const complaints = await delivery.verify(createHash('sha256').update(content).digest('hex'));
    return { ...delivery, content, complaints };
  };

  it('gives a file byte by byte, with its mode and size', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7) & 255));
    await writeFile(at('x'), bytes, { mode: 0o640 });
    const { kind, mode, sizeBytes, content } = await take(at('x'));
    expect({ kind, mode, sizeBytes }).toEqual({ kind: 'file', mode: 0o640, sizeBytes: 300_000 });
    expect(content.equals(bytes)).toBe(true);
    expect(await readdir(there)).toEqual(['x']);
  });

  it('gives an empty file, and one that says it is', async () => {
    await writeFile(at('-x'), '');
    expect((await take(at('-x'))).content.length).toBe(0);
    expect((await take('/proc/self/status')).content.toString()).toContain('Name:');
  });

  it('does not take a wrong digest', async () => {
    await writeFile(at('x'), 'text');
    const delivery = await takeFrom(connection, at('x'), signal);
    for await (const chunk of delivery.content) expect(chunk.toString()).toBe('text');
    await expect(delivery.verify('0'.repeat(64))).rejects.toMatchObject({ kind: 'lost' });
  });

  it.each([
    ['nothing', 'nothing', /there is no .*nothing/],
    ['a device', '/dev/null', /neither a file nor a directory/],
  ])('refuses %s', async (_, place, why) => {
    await expect(takeFrom(connection, path.resolve(there, place), signal)).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(why) as string,
    });
  });
});

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part;
}
