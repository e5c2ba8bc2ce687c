import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takePlace } from '../../../src/app/operate/transfer.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-pull-'));
  await mkdir(path.join(root, 'place'));
  await writeFile(path.join(root, 'place/mine'), 'mine');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (name: string): string => path.join(root, name);

describe('a tree that takes the place of another', () => {
  it('stands there, and the other one aside', async () => {
    await mkdir(at('new'));
    await takePlace(at('new'), at('place'), at('old'));
    expect(await readdir(at('place'))).toEqual([]);
    expect(await readdir(at('old'))).toEqual(['mine']);
  });

  it('leaves the other one there when it cannot', async () => {
    await expect(takePlace(at('nothing'), at('place'), at('old'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(root)).toEqual(['place']);
    expect(await readdir(at('place'))).toEqual(['mine']);
  });
});
