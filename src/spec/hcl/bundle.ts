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
const START_MAIN = '$go($mainPkg.$init, []);';
/** Go's binary encoding of values is never used here, but registering types for it takes a fifth of the start. */
const LEAVE_OUT = `(function(gob){
  gob.Register=gob.RegisterName=gob.$init=$packages["hash/crc64"].MakeTable=function(){};
})($packages["encoding/gob"]);`;
/** To be raised with every change of what is put into the source. */
const PATCH = 2;

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
  const source = patched(readFileSync(path));
  const cacheFile = join(cacheDir, `hcl-${PATCH}-${process.version}-${process.arch}-${source.length}.bin`);
  const cachedData = readCache(cacheFile);
  const script = new Script(source, { filename: 'hcl2-parser', ...(cachedData ? { cachedData } : {}) });
  let stale = !cachedData || script.cachedDataRejected === true;
  return {
    go: run(script, require),
    keepCompiled: () => {
      if (stale) writeCache(cacheDir, cacheFile, script.createCachedData());
      stale = false;
    },
  };
}

/** `slipway` in the user's cache directory. */
export function defaultCacheDir(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'slipway');
}

/** The parameters shadow globals that the bundle would write to or mistake for a browser's. The source is pure ASCII. */
function patched(source: Buffer): string {
  const main = source.lastIndexOf(MARKER);
  const start = source.lastIndexOf(START_MAIN);
  if (main < 0 || start < main) throw new Error('this version of hcl2-parser is not supported');
  const pieces = [
    '(function(module,require,global,window,self){',
    source.subarray(0, main),
    EXPORT_INSIDES,
    source.subarray(main, start),
    LEAVE_OUT,
    source.subarray(start),
    '\n})',
  ];
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  ).toString('latin1');
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

/** The digest is ours: V8 verifies only lengths and versions, and would run a damaged cache. Against damage only, so a fast one. */
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
    try {
      writeFileSync(temporary, Buffer.concat([digest(data), data]), { mode: 0o600 });
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch {
    // Only the next start is slower for it.
  }
}

const DIGEST_BYTES = 20;

function digest(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
