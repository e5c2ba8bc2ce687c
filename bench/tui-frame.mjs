// Measures frames of the live views: `node bench/tui-frame.mjs`.
import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
process.env['NODE_ENV'] ??= 'production';
const { outputFiles } = await build({
  entryPoints: [join(here, 'tui-frame.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  jsx: 'automatic',
  write: false,
});
// Inside the tree, so that packages are found.
const folder = join(dirname(here), 'node_modules', '.cache', 'slipway-bench');
await mkdir(folder, { recursive: true });
const bundle = join(folder, `tui-frame-${process.pid}.mjs`);
await writeFile(bundle, outputFiles[0].text);
process.on('exit', () => rmSync(bundle, { force: true }));
await import(pathToFileURL(bundle).href);
