import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileDigests } from '../../src/spec/file-digests.ts';

const LARGE = 3 * 1024 * 1024;
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

describe('digests of files', () => {
  let folder = '';
  let cache = '';
  const at = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-digests-'));
    cache = at('own/digests');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function bigFile(content: Buffer): string {
    writeFileSync(at('big'), content);
    return at('big');
  }
  /** As if files had not changed for a minute. */
  const later = () => Date.now() + 60_000;
  /** Replaces the digest in the cache, so that a test sees whether it was used. */
  function forge(change: (body: string) => string, isSound = true): void {
    const text = readFileSync(cache, 'utf8');
    const [header = '', ...rest] = text.split('\n');
    const body = change(rest.join('\n'));
    const sum = isSound ? sha256(body) : header.split(' ').at(-1);
    writeFileSync(cache, `slipway-digests 1 ${sum}\n${body}`);
  }

  it('are those of the content, with the size, and a seal for large files only', () => {
    const content = Buffer.alloc(LARGE, 'x');
    writeFileSync(at('big'), content);
    writeFileSync(at('small'), 'text');
    writeFileSync(at('empty'), '');
    const digests = openFileDigests(null);
    const big = digests.digestOf(at('big'));
    expect(big).toMatchObject({ digest: sha256(content), sizeBytes: LARGE });
    expect(big.seal?.tag).toMatch(/^[0-9a-f]{32}$/);
    expect(digests.digestOf(at('small'))).toMatchObject({ digest: sha256('text'), sizeBytes: 4, seal: null });
    expect(digests.digestOf(at('empty'))).toMatchObject({ digest: sha256(''), sizeBytes: 0, seal: null });
  });

  it('are made once as long as the file is the same, and anew when it changed', () => {
    writeFileSync(at('f'), 'one');
    const digests = openFileDigests(null);
    const first = digests.digestOf(at('f'));
    expect(digests.digestOf(at('f'))).toBe(first);
    writeFileSync(at('f'), 'longer');
    expect(digests.digestOf(at('f')).digest).toBe(sha256('longer'));
    const { mtime } = statSync(at('f'));
    writeFileSync(at('g'), 'Longer');
    utimesSync(at('f'), mtime, mtime);
    expect(digests.digestOf(at('f')).digest).toBe(sha256('longer'));
    rmSync(at('f'));
    expect(() => digests.digestOf(at('f'))).toThrow('ENOENT');
    expect(() => digests.digestOf(folder)).toThrow('is not a regular file');
  });

  it('of large files outlive the process, in a file that only its owner reads', () => {
    const file = bigFile(Buffer.alloc(LARGE, 'x'));
    writeFileSync(at('small'), 'text');
    const first = openFileDigests(cache, later);
    const digest = first.digestOf(file);
    first.digestOf(at('small'));
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    expect(readFileSync(cache, 'utf8')).not.toContain('small');
    // The seal has a random key: the same one means that nothing was read.
    expect(openFileDigests(cache, later).digestOf(file)).toEqual(digest);

    appendFileSync(file, 'y');
    const changed = openFileDigests(cache).digestOf(file);
    expect(changed.digest).toBe(sha256(Buffer.concat([Buffer.alloc(LARGE, 'x'), Buffer.from('y')])));
    // It has just changed, and may do so again without a new time.
    expect(readFileSync(cache, 'utf8')).not.toContain(changed.digest);
  });

  it('in a cache that is damaged, of another version or not readable are made anew', () => {
    const content = Buffer.alloc(LARGE, 'x');
    const file = bigFile(content);
    const digest = openFileDigests(cache, later).digestOf(file);
    const wrong = 'f'.repeat(64);
    const expectAnew = () => {
      const seen = openFileDigests(cache, later).digestOf(file);
      expect(seen.digest).toBe(digest.digest);
      expect(seen.seal).not.toEqual(digest.seal);
    };
    forge((body) => body.replace(digest.digest, wrong));
    expect(openFileDigests(cache, later).digestOf(file).digest).toBe(wrong);
    forge((body) => body.replace(wrong, wrong.replace('f', 'e')), false);
    expectAnew();
    forge((body) => body.replace(/"digest":"[0-9a-f]*"/, '"digest":7'));
    expectAnew();
    writeFileSync(cache, readFileSync(cache, 'utf8').replace('digests 1', 'digests 2'));
    expectAnew();
    writeFileSync(cache, readFileSync(cache, 'utf8').slice(0, 100));
    expectAnew();
    writeFileSync(cache, '');
    expectAnew();
  });

  it('do without a cache where none can be written', () => {
    const file = bigFile(Buffer.alloc(LARGE, 'x'));
    writeFileSync(at('own'), 'a file is in the way');
    expect(openFileDigests(cache, later).digestOf(file).sizeBytes).toBe(LARGE);
    expect(existsSync(cache)).toBe(false);
  });

  it('leave the cache when their files are gone', () => {
    const file = bigFile(Buffer.alloc(LARGE, 'x'));
    writeFileSync(at('other'), Buffer.alloc(LARGE, 'y'));
    openFileDigests(cache, later).digestOf(file);
    rmSync(file);
    openFileDigests(cache, later).digestOf(at('other'));
    expect(readFileSync(cache, 'utf8')).not.toContain('/big"');
  });
});
