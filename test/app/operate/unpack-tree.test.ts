import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pack, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackTree } from '../../../src/app/operate/unpack-tree.ts';

let root: string;
let target: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-unpack-'));
  target = path.join(root, 'target');
  await mkdir(target);
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Member = readonly [name: string, content: string | Partial<Header>];

/** Unpacks a tar of such members: a text is a file. */
function unpack(...members: readonly Member[]): Promise<readonly string[]> {
  const archive = pack();
  for (const [name, content] of members) {
    if (typeof content === 'string') archive.entry({ name, mode: 0o640 }, content);
    else archive.entry({ name, ...content });
  }
  archive.finalize();
  return unpackTree(archive as unknown as AsyncIterable<Uint8Array>, target);
}
const link = (linkname: string): Partial<Header> => ({ type: 'symlink', linkname });

describe('unpacking what a host sends', () => {
  it('keeps names, modes and links', async () => {
    const notes = await unpack(
      ['./', { type: 'directory', mode: 0o755 }],
      ['./sub/', { type: 'directory', mode: 0o500 }],
      ['./sub/a', 'text'],
      ['./sub/b', { type: 'link', linkname: './sub/a' }],
      ['./to-a', link('sub/a')],
      ['./sub/up', link('../to-a')],
    );
    expect(notes).toEqual([]);
    expect(await readFile(path.join(target, 'sub/b'), 'utf8')).toBe('text');
    expect(await readFile(path.join(target, 'sub/up'), 'utf8')).toBe('text');
    expect((await stat(path.join(target, 'sub/a'))).mode & 0o777).toBe(0o640);
    expect((await stat(path.join(target, 'sub'))).mode & 0o777).toBe(0o500);
  });

  it.each<[string, readonly Member[]]>([
    ['a name with ..', [['../evil', 'x']]],
    ['a name with .. within', [['a/../../evil', 'x']]],
    ['an absolute name', [['/tmp/slipway-evil', 'x']]],
    ['a hard link to the outside', [['a', { type: 'link', linkname: '../../etc/passwd' }]]],
    [
      'a link below a link',
      [
        ['a', link('b')],
        ['a/c', link('d')],
      ],
    ],
  ])('refuses %s', async (_, members) => {
    await expect(unpack(...members)).rejects.toMatchObject({ name: 'UnsafeArchive' });
    expect(await readdir(root)).toEqual(['target']);
  });

  it('never writes through a link', async () => {
    await expect(unpack(['a', link('b')], ['a/x', 'x'])).rejects.toThrow();
    await unpack(['c', link('..')], ['d/c', 'plain']);
    expect(await readdir(root)).toEqual(['target']);
  });

  it.each([
    ['/etc/passwd'],
    ['..'],
    ['../../x'],
    ['sub/../../x'],
    // Where `sub` may be a link that leads up.
    ['sub/..'],
  ])('leaves out a link to %s', async (to) => {
    expect(await unpack(['l', link(to)], ['x', 'x'])).toEqual(['left out 1 link that leads out of it: l']);
    expect(await readdir(target)).toEqual(['x']);
  });

  it('leaves out what is no file', async () => {
    expect(await unpack(['pipe', { type: 'fifo' }], ['tty', { type: 'character-device' }])).toEqual([
      'left out 2 devices, sockets and pipes: pipe and 1 more',
    ]);
    expect(await readdir(target)).toEqual([]);
  });

  it('keeps a link that leads nowhere', async () => {
    await unpack(['l', link('nowhere')]);
    expect(await readlink(path.join(target, 'l'))).toBe('nowhere');
  });

  it('tells that the content broke off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(100);
      throw new Error('cut');
    }
    await expect(unpackTree(broken(), target)).rejects.toThrow('cut');
  });
});
