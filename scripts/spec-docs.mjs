// Writes docs/spec.md from the schema's tables: `node scripts/spec-docs.mjs`. A test fails while it is out of date.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'slipway-docs-'));
try {
  const outfile = join(folder, 'reference.mjs');
  await build({
    entryPoints: [join(root, 'scripts/spec-reference.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
  });
  const { specReference } = await import(pathToFileURL(outfile).href);
  writeFileSync(join(root, 'docs/spec.md'), specReference());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
