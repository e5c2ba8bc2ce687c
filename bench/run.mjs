// The benchmarks. `node bench/run.mjs help` tells how; README.md holds the figures.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const scratch = await mkdtemp(path.join(here, '.bundle-'));
const outfile = path.join(scratch, 'bench.mjs');
const lab = path.join(here, '..', 'test', 'lab');
let main;
try {
  await build({
    entryPoints: [path.join(here, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    // The bundle lies elsewhere; what it starts is found beside the sources.
    define: { 'import.meta.dirname': JSON.stringify(lab), __BENCH__: JSON.stringify(here) },
  });
  ({ main } = await import(outfile));
} finally {
  await rm(scratch, { recursive: true });
}
process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`bench: ${error.stack ?? error}\n`);
  return 1;
});
