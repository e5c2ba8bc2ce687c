import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathWithin, readTree } from '../../src/spec/definition-tree.ts';
import { fileEnvironment } from '../../src/spec/eval/environment.ts';
import { openFileDigests } from '../../src/spec/file-digests.ts';
import { createParser } from '../../src/spec/hcl/parse.ts';

let top: string;
let definition: string;
beforeEach(() => {
  top = mkdtempSync(path.join(tmpdir(), 'slipway-links-'));
  definition = path.join(top, 'app');
  mkdirSync(path.join(definition, 'files'), { recursive: true });
  writeFileSync(path.join(top, 'id_ed25519'), 'private');
  writeFileSync(path.join(definition, 'files', 'a'), 'a');
  symlinkSync('files/a', path.join(definition, 'within'));
  symlinkSync('../id_ed25519', path.join(definition, 'out'));
  symlinkSync('..', path.join(definition, 'up'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

describe('a link in a definition', () => {
  it('may lead to another file of it', async () => {
    const tree = await readTree(definition, openFileDigests(null));
    expect(tree.map((file) => file.path)).toEqual(['files/a', 'within']);
    expect(pathWithin(definition, 'within')).toBe(path.join(definition, 'within'));
  });

  it('lets nothing be read from outside of it', () => {
    for (const name of ['out', 'up/id_ed25519', '../id_ed25519'])
      expect(pathWithin(definition, name)).toBeUndefined();
    const { readFile, fileExists, listFiles } = fileEnvironment({
      baseDir: definition,
      confined: true,
      parser: createParser(),
    });
    expect(readFile(path.join(definition, 'within')).toString()).toBe('a');
    expect(() => readFile(path.join(definition, 'out'))).toThrow('link out of the definition');
    expect(() => fileExists(path.join(definition, 'up', 'id_ed25519'))).toThrow('link out of the definition');
    expect(() => listFiles(path.join(definition, 'up'))).toThrow('link out of the definition');
  });

  it('counts by where the definition really lies', () => {
    const link = path.join(top, 'linked');
    symlinkSync(definition, link);
    expect(pathWithin(link, 'within')).toBe(path.join(link, 'within'));
    expect(pathWithin(link, 'out')).toBeUndefined();
  });
});
