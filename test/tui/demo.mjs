// Shows the terminal views with made-up data: `node test/tui/demo.mjs review`, `run [INSTANCES] [STEP_MS]`, `both`, or `status [INSTANCES] [MS]`.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const { outputFiles } = await build({
  entryPoints: [join(here, 'demo.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  jsx: 'automatic',
  write: false,
});
// Inside the tree, so that packages are found.
const folder = join(root, 'node_modules', '.cache', 'slipway-demo');
await mkdir(folder, { recursive: true });
const bundle = join(folder, `demo-${process.pid}.mjs`);
await writeFile(bundle, outputFiles[0].text);
await import(pathToFileURL(bundle).href).finally(() => rm(bundle, { force: true }));
