import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Blob } from '../../src/host/script.ts';
import { createSourceReader } from '../../src/resources/content.ts';
import { SHELLS, useShell } from './shells.ts';
import { makeWorkplace, run } from './workplace.ts';
import type { Workplace } from './workplace.ts';

const MEBIBYTE = 1024 * 1024;

function blobOf(content: Buffer): Blob & { opened: number } {
  const blob = {
    digest: createHash('sha256').update(content).digest('hex'),
    sizeBytes: content.length,
    opened: 0,
    open: async function* () {
      blob.opened += 1;
      for (let at = 0; at < content.length; at += 64 * 1024) yield content.subarray(at, at + 64 * 1024);
    },
  };
  return blob;
}
/** With the seal that the controller would have made when it digested the content. */
function sealed(
  content: Buffer,
  digested = content,
): ReturnType<typeof blobOf> & { seal: NonNullable<Blob['seal']> } {
  const key = Buffer.alloc(16, 'k');
  const mac = createCipheriv('aes-128-gcm', key, Buffer.alloc(12));
  mac.setAAD(digested);
  mac.final();
  const seal = { key: key.toString('hex'), tag: mac.getAuthTag().toString('hex') };
  return Object.assign(blobOf(content), { seal, digest: blobOf(digested).digest });
}
const small = (fill: string): ReturnType<typeof blobOf> => blobOf(Buffer.alloc(1000, fill));

describe.each(SHELLS)('blobs under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());
  const sums = (...blobs: readonly Blob[]): string =>
    `cd "$BLOBS"; sha256sum ${blobs.map(({ digest }) => digest).join(' ')}; own 'file /a' x`;
  const expected = (...blobs: readonly Blob[]): string[] => blobs.map(({ digest }) => `${digest}  ${digest}`);

  it.each([
    ['one', [small('a')]],
    ['several', [small('a'), small('b'), small('c'), blobOf(Buffer.alloc(0))]],
    ['large and small ones', [blobOf(Buffer.alloc(9 * MEBIBYTE, 'x')), small('a')]],
    ['sealed ones', [sealed(Buffer.alloc(9 * MEBIBYTE, 'x')), sealed(Buffer.alloc(1000, 'a'))]],
  ])('are there for the script: %s', async (_, blobs) => {
    const progress: number[] = [];
    const { outcome, lines } = await run(place.session(), sums(...blobs), {
      blobs,
      onUpload: (sent, total) => progress.push(sent / total),
    });
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect(lines).toEqual(expected(...blobs));
    expect(progress[0]).toBe(0);
    expect(progress.at(-1)).toBe(1);
  });

  it('are sent once, however many scripts use them, and go with the session', async () => {
    const [a, b] = [small('a'), small('b')];
    const session = place.session();
    await session.probe([]);
    await run(session, sums(a), { blobs: [a] });
    const { lines } = await run(session, sums(a, b), { blobs: [a, b] });
    expect(lines).toEqual(expected(a, b));
    expect([a.opened, b.opened]).toEqual([1, 1]);
    await session.close();
    expect(await readdir(path.join(place.stateDir, 'blobs'))).toEqual([]);
  });

  it('are sent again when a script took them away', async () => {
    const a = small('a');
    const session = place.session();
    await run(session, `mv "$BLOBS/${a.digest}" ${place.notes}/a; own 'file /a' x`, { blobs: [a] });
    expect((await run(session, sums(a), { blobs: [a] })).lines).toEqual(expected(a));
    expect(a.opened).toBe(2);
  });

  it('of a script that took one away and failed are there for the next try', async () => {
    const [a, b] = [small('a'), small('b')];
    const session = place.session();
    const take = `mv "$BLOBS/${a.digest}" ${place.notes}/a; exit 1`;
    expect((await run(session, take, { blobs: [a, b] })).outcome).toMatchObject({ outcome: 'failed' });
    await session.close();
    const next = place.session({ run: 'run-2' });
    await next.probe([]);
    expect((await run(next, sums(a, b), { blobs: [a, b] })).lines).toEqual(expected(a, b));
  });

  it('go when the last script has succeeded', async () => {
    const a = small('a');
    const session = place.session();
    await run(session, sums(a), { blobs: [a], release: true });
    await session.close();
    expect(await readdir(path.join(place.stateDir, 'blobs'))).toEqual([]);
  });

  it('that a killed run left are found by a probe and not sent again', async () => {
    const a = small('a');
    const folder = path.join(place.stateDir, 'blobs');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, a.digest), Buffer.alloc(1000, 'a'));
    await writeFile(path.join(folder, '.in.lineage-1'), 'half of one');
    const b = small('b');
    const session = place.session();
    expect((await session.probe([])).blobs).toEqual(new Set([a.digest]));
    expect((await run(session, sums(a, b), { blobs: [a, b] })).lines).toEqual(expected(a, b));
    expect(a.opened).toBe(0);
    expect(existsSync(path.join(folder, '.in.lineage-1'))).toBe(false);
  });

  it('with other content than their digest says are not put in place', async () => {
    const a = small('a');
    const wrong = { ...a, digest: 'f'.repeat(64) };
    await expect(run(place.session(), 'true', { blobs: [wrong] })).rejects.toMatchObject({ kind: 'lost' });
    await expect(run(place.session(), 'true', { blobs: [wrong, small('b')] })).rejects.toMatchObject({
      kind: 'lost',
    });
    expect(await readdir(path.join(place.stateDir, 'blobs'))).toEqual([]);
  });

  it('are checked by their seal, and by SHA-256 where the host cannot check a seal', async () => {
    const folder = path.join(place.directory, 'bin');
    const asked = path.join(folder, 'asked');
    await mkdir(folder);
    const openssl = (answer: string): Promise<void> =>
      writeFile(path.join(folder, 'openssl'), `#!/bin/sh\necho "$1" >>${asked}\n${answer}\n`, {
        mode: 0o755,
      });
    const before = process.env.PATH;
    process.env.PATH = `${folder}:${before}`;
    try {
      const blob = sealed(Buffer.alloc(9 * MEBIBYTE, 'x'));
      const send = async (): Promise<string> => {
        const session = place.session();
        expect((await run(session, sums(blob), { blobs: [blob] })).outcome).toEqual({ outcome: 'succeeded' });
        await session.close();
        const words = await readFile(asked, 'utf8');
        await writeFile(asked, '');
        return words;
      };
      await openssl(`echo ${blob.seal.tag.toUpperCase()}`);
      expect(await send()).toBe('mac\n');
      await openssl('echo "mac: no such command" >&2; exit 1');
      expect(await send()).toBe('mac\ndgst\n');
    } finally {
      process.env.PATH = before;
    }
  });

  it.each([
    ['changed', Buffer.alloc(9 * MEBIBYTE, 'y')],
    ['cut off', Buffer.alloc(9 * MEBIBYTE - 1, 'x')],
    ['longer', Buffer.alloc(9 * MEBIBYTE + 1, 'x')],
  ])('with a seal, but %s content, are not put in place', async (_, content) => {
    const blob = { ...sealed(content, Buffer.alloc(9 * MEBIBYTE, 'x')), sizeBytes: content.length };
    await expect(run(place.session(), 'true', { blobs: [blob] })).rejects.toMatchObject({ kind: 'lost' });
    expect(await readdir(path.join(place.stateDir, 'blobs'))).toEqual([]);
  });

  it("that are files are the controller's fault when these changed since they were digested", async () => {
    const source = path.join(place.directory, 'source');
    await writeFile(source, Buffer.alloc(9 * MEBIBYTE, 'x'));
    const blob = createSourceReader()(source);
    expect(blob.seal).toBeDefined();
    const { outcome } = await run(place.session(), sums(blob), { blobs: [blob] });
    expect(outcome).toEqual({ outcome: 'succeeded' });
    appendFileSync(source, 'more');
    const other = place.session({ run: 'run-2' });
    await run(other, `rm "$BLOBS"/*`, {});
    await expect(run(other, 'true', { blobs: [blob] })).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('source was changed since it was read for the plan') as string,
    });
    expect(await readdir(path.join(place.stateDir, 'blobs'))).toEqual([]);
  });

  it('that change while they are read are a fault of the controller', async () => {
    const shrunk = { ...small('a'), sizeBytes: 2000 };
    await expect(run(place.session(), 'true', { blobs: [shrunk] })).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('2000 bytes were announced, 1000 came') as string,
    });
  });

  it('survive a cut in the middle of the upload', async () => {
    let cut = false;
    const content = Buffer.alloc(4 * MEBIBYTE, 'y');
    const blob: Blob = {
      digest: createHash('sha256').update(content).digest('hex'),
      sizeBytes: content.length,
      open: async function* () {
        yield content.subarray(0, MEBIBYTE);
        if (!cut) {
          cut = true;
          await place.cut();
        }
        yield content.subarray(MEBIBYTE);
      },
    };
    expect((await run(place.session(), sums(blob), { blobs: [blob] })).lines).toEqual(expected(blob));
    expect(cut).toBe(true);
  });

  const root = process.getuid?.() === 0;
  if (!root) console.warn('SKIPPED: a full disk is only tested as root (it needs a small tmpfs)');
  it.runIf(root)('that do not fit name host, folder and size, and leave nothing', async () => {
    await mkdir(place.stateDir, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place.stateDir]);
    try {
      const large = blobOf(Buffer.alloc(9 * MEBIBYTE, 'x'));
      const medium = blobOf(Buffer.alloc(3 * MEBIBYTE, 'y'));
      for (const blobs of [[large], [medium], [medium, small('a')]]) {
        const bytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        await expect(run(place.session(), 'true', { blobs })).rejects.toMatchObject({
          kind: 'no-space',
          message: `127.0.1.1 is full: ${bytes} bytes do not fit into ${place.stateDir}/blobs`,
        });
        expect(await readdir(path.join(place.stateDir, 'blobs'))).toEqual([]);
      }
    } finally {
      execFileSync('umount', [place.stateDir]);
    }
  });
});
