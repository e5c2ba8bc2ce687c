// The lab by hand. `node test/lab/cli.mjs help` tells how.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-lab-cli-'));
const outfile = path.join(scratch, 'cli.mjs');
try {
  await build({
    entryPoints: [path.join(here, 'cli.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The bundle lies elsewhere, but its scripts are found beside the sources.
    define: { 'import.meta.dirname': JSON.stringify(here) },
  });
  const { labCommand } = await import(outfile);
  process.exitCode = await labCommand(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`lab: ${error.message}\n`);
    return 1;
  });
} finally {
  await rm(scratch, { recursive: true });
}
