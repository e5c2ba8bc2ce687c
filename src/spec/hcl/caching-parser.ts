import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { defaultCacheDir } from './bundle.ts';
import type { HclParser } from './parse.ts';

/** Raise it when a tree of ast.ts changes its shape: older entries are then no longer found. */
const FORMAT = 1;
/** Beyond so many entries the older half is thrown away. */
const MOST_ENTRIES = 4096;

/**
 * A parser that remembers trees by the digest of their text, so that a spec that did not change is read without loading
 * the grammar at all. Only files without any diagnostic are remembered, and never files with values of variables.
 * A cache that cannot be read or written only costs time.
 */
export function cachingParser(
  parser: HclParser,
  cacheDir: string = join(defaultCacheDir(), 'trees'),
): HclParser {
  function remember<T extends { readonly diagnostics: readonly unknown[] }>(
    kind: string,
    text: string | Buffer,
    file: string,
    parse: () => T,
  ): T {
    const key = createHash('sha256')
      .update(`${FORMAT} ${process.version} ${kind} ${file}\0`)
      .update(text)
      .digest('hex');
    const entry = join(cacheDir, key);
    const known = readEntry(entry);
    if (known !== undefined) return known as T;
    const parsed = parse();
    if (parsed.diagnostics.length === 0) writeEntry(cacheDir, entry, parsed);
    return parsed;
  }
  return {
    ...parser,
    parseFile: (text, file) =>
      /\.vars\.hcl$/.test(file)
        ? parser.parseFile(text, file)
        : remember('file', text, file, () => parser.parseFile(text, file)),
    parseTemplate: (text, file) => remember('template', text, file, () => parser.parseTemplate(text, file)),
  };
}

function readEntry(entry: string): unknown {
  try {
    const content = readFileSync(entry);
    const data = content.subarray(DIGEST_BYTES);
    return content.subarray(0, DIGEST_BYTES).equals(digest(data)) ? deserialize(data) : undefined;
  } catch {
    return undefined;
  }
}

function writeEntry(cacheDir: string, entry: string, parsed: unknown): void {
  const temporary = `${entry}.${process.pid}`;
  try {
    mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
    const data = serialize(parsed);
    writeFileSync(temporary, Buffer.concat([digest(data), data]), { mode: 0o600 });
    renameSync(temporary, entry);
    prune(cacheDir);
  } catch {
    // Only the next start is slower for it.
  }
}

function prune(cacheDir: string): void {
  const names = readdirSync(cacheDir);
  if (names.length <= MOST_ENTRIES) return;
  const aged = names
    .map((name) => ({ name, age: statSync(join(cacheDir, name)).mtimeMs }))
    .sort((a, b) => a.age - b.age);
  for (const { name } of aged.slice(0, names.length / 2)) rmSync(join(cacheDir, name), { force: true });
}

const DIGEST_BYTES = 20;

/** Against damage, not against malice: the folder is the user's own. */
function digest(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
