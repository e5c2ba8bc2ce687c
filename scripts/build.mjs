// Bundles src/main.ts into dist/: `node scripts/build.mjs [--clean]`.
// Our own code is bundled so that a start reads few files; packages stay in node_modules. Every dynamic import()
// becomes a chunk of its own, which is what keeps Ink and ssh2 out of `slipway --version`.
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const chunks = join(dist, 'chunks');

/** A process that runs from an earlier build may still load its chunks, so they live on for a while. */
const staleChunkMs = 60 * 60 * 1000;

const esbuild = await loadBundler();
if (esbuild) await build(esbuild, { clean: process.argv.includes('--clean') });

/** `npm ci --omit=dev` runs `prepare` too, without the bundler: then what was built before has to do. */
async function loadBundler() {
  try {
    return await import('esbuild');
  } catch (cause) {
    if (cause?.code === 'ERR_MODULE_NOT_FOUND' && existsSync(join(dist, 'main.js'))) return undefined;
    throw cause;
  }
}

async function build({ build: bundle }, { clean }) {
  const startedMs = performance.now();
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { outputFiles } = await bundle({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    jsx: 'automatic',
    // Linked maps are not read unless Node runs with --enable-source-maps: they cost no start-up time.
    sourcemap: 'linked',
    sourcesContent: false,
    minifySyntax: true,
    legalComments: 'none',
    define: { __SLIPWAY_VERSION__: JSON.stringify(version) },
    logLevel: 'warning',
    write: false,
  });

  if (clean) await rm(dist, { recursive: true, force: true });
  await mkdir(chunks, { recursive: true });
  // The entry comes last: whoever starts it in this moment finds all of its chunks.
  const isEntry = (path) => path === join(dist, 'main.js');
  outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const { path, text } of outputFiles) {
    if (isEntry(path)) await writeInPlace(path, `#!/usr/bin/env node\n${text}`, true);
    else await writeInPlace(path, isEntry(path.replace(/\.map$/, '')) ? oneLineDown(text) : text, false);
  }
  await removeStaleChunks(new Set(outputFiles.map(({ path }) => basename(path))));

  const kib =
    outputFiles.reduce((sum, { path, contents }) => sum + (path.endsWith('.js') ? contents.length : 0), 0) /
    1024;
  const elapsedMs = performance.now() - startedMs;
  console.log(
    `built ${relative(root, dist)}/: ${outputFiles.length / 2} files, ${kib.toFixed(0)} KiB, ${elapsedMs.toFixed(0)} ms`,
  );
}

/** The entry's source map, after the line that names the interpreter. */
function oneLineDown(sourceMap) {
  const map = JSON.parse(sourceMap);
  return JSON.stringify({ ...map, mappings: `;${map.mappings}` });
}

/** Atomic, and without touching content that is already there: a running process may be reading it. */
async function writeInPlace(path, text, executable) {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) {
    const now = new Date();
    await utimes(path, now, now); // its age says when the build was last known to be current
    return;
  }
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  if (executable) await chmod(temporary, 0o755);
  await rename(temporary, path);
}

async function removeStaleChunks(current) {
  for (const name of await readdir(chunks)) {
    if (current.has(name)) continue;
    const path = join(chunks, name);
    const ageMs = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (ageMs > staleChunkMs) await rm(path, { force: true });
  }
}
