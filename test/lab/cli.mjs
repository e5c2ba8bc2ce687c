// The lab by hand. `node test/lab/cli.mjs help` tells how.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-lab-cli-'));
const outfile = path.join(scratch, 'cli.mjs');
let command;
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
  ({ labCommand: command } = await import(outfile));
} finally {
  await rm(scratch, { recursive: true });
}

process.exitCode = await command(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`lab: ${error.message}\n`);
  return 1;
});
