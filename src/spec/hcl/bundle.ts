import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type { GoHcl } from './go.ts';

/*
 * hcl2-parser is HashiCorp's Go parser compiled to JavaScript. Its public functions lose positions, order and every
 * error message, so the Go packages inside are used instead: one statement is put into the source that exports them.
 */
const HCL = 'hcl2-parser/vendor/github.com/hashicorp/hcl/v2';
const MARKER = '$module.exports.parseToString=';
const EXPORT_INSIDES = `$module.exports.insides={
  hcl:$packages[${JSON.stringify(HCL)}],
  syntax:$packages[${JSON.stringify(`${HCL}/hclsyntax`)}],
  Bytes:$sliceType($Uint8),
  nil:$ifaceNil};`;
/** To be raised with every change of what is put into the source. */
const PATCH = 1;

/** One loaded copy of the grammar, and a way to keep its compiled form once it has worked. */
export interface Bundle {
  readonly go: GoHcl;
  /** Writes V8's code cache if there was none that fits; call after a parse, so that compiled functions are in it. Never fails. */
  keepCompiled(): void;
}

/**
 * Loads the grammar: about 130 ms, or 50 ms with a code cache in `cacheDir`. A cache that is missing, unreadable,
 * damaged or of another version only costs the difference.
 */
export function loadBundle(cacheDir: string = defaultCacheDir()): Bundle {
  const require = createRequire(import.meta.url);
  const path = require.resolve('hcl2-parser');
  const source = patched(readFileSync(path, 'latin1'));
  const cacheFile = join(cacheDir, `hcl-${PATCH}-${process.version}-${process.arch}-${source.length}.bin`);
  const cachedData = readCache(cacheFile);
  const script = new Script(source, { filename: 'hcl2-parser', ...(cachedData ? { cachedData } : {}) });
  const stale = !cachedData || script.cachedDataRejected === true;
  return {
    go: run(script, require),
    keepCompiled: () => {
      if (stale) writeCache(cacheDir, cacheFile, script.createCachedData());
    },
  };
}

function defaultCacheDir(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'slipway');
}

/** The parameters shadow globals that the bundle would write to or mistake for a browser's. */
function patched(source: string): string {
  const at = source.lastIndexOf(MARKER);
  if (at < 0) throw new Error('this version of hcl2-parser is not supported');
  return `(function(module,require,global,window,self){${source.slice(0, at)}${EXPORT_INSIDES}${source.slice(at)}\n})`;
}

function run(script: Script, require: NodeJS.Require): GoHcl {
  const stackTraceLimit = Error.stackTraceLimit;
  try {
    const main = script.runInThisContext() as (...parameters: unknown[]) => void;
    const module = { exports: {} as { insides: GoHcl } };
    main(module, require, Object.create(globalThis), undefined, undefined);
    return module.exports.insides;
  } finally {
    // The bundle sets it to infinity, which makes every error of the process slow and long.
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The digest is ours: V8 verifies only lengths and versions, and would run a damaged cache. */
function readCache(file: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const data = content.subarray(DIGEST_BYTES);
    return content.subarray(0, DIGEST_BYTES).equals(digest(data)) ? data : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(cacheDir: string, file: string, data: Buffer): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, Buffer.concat([digest(data), data]), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true });
  }
}

const DIGEST_BYTES = 32;

function digest(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
