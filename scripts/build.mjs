// Bundles src/main.ts into dist/, and the page of `slipway serve` into dist/page: `node scripts/build.mjs [--clean]`.
// Our own code is bundled so that a start reads few files; packages stay in node_modules. Every dynamic import()
// becomes a chunk of its own, which is what keeps Ink and ssh2 out of `slipway --version`.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeStale, writeInPlace } from './build-files.mjs';
import { buildPage } from './build-page.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const chunks = join(dist, 'chunks');

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
  // Before the entry, whose age says how old a build is.
  const pageBytes = await buildPage(bundle, root, dist);
  // The entry comes last: whoever starts it in this moment finds all of its chunks.
  const isEntry = (path) => path === join(dist, 'main.js');
  outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const { path, text } of outputFiles) {
    if (isEntry(path)) await writeInPlace(path, `#!/usr/bin/env node\n${text}`, true);
    else await writeInPlace(path, isEntry(path.replace(/\.map$/, '')) ? oneLineDown(text) : text);
  }
  await removeStale(chunks, new Set(outputFiles.map(({ path }) => basename(path))));

  const kib =
    outputFiles.reduce((sum, { path, contents }) => sum + (path.endsWith('.js') ? contents.length : 0), 0) /
    1024;
  const elapsedMs = performance.now() - startedMs;
  console.log(
    `built ${relative(root, dist)}/: ${outputFiles.length / 2} files, ${kib.toFixed(0)} KiB, page ${(pageBytes / 1024).toFixed(0)} KiB gzipped, ${elapsedMs.toFixed(0)} ms`,
  );
}

/** The entry's source map, after the line that names the interpreter. */
function oneLineDown(sourceMap) {
  const map = JSON.parse(sourceMap);
  return JSON.stringify({ ...map, mappings: `;${map.mappings}` });
}
