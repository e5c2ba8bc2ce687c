import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HOSTS, writeManyInstances } from './many-instances.ts';
import { measure, table } from './measure.ts';
import { BENCH } from './tools.ts';

/** `plan --refresh=false` of many instances: one definition, components of 100 hosts each, five resources. */
export async function planBench(): Promise<number> {
  const rows: string[][] = [];
  for (const components of [10, 100, 1000]) {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
    try {
      writeManyInstances(folder, components);
      const main = path.join(BENCH, '..', 'dist', 'main.js');
      const command = [process.execPath, main, 'plan', '--refresh=false'];
      await measure(command, { cwd: folder, env: { HOME: folder, NO_COLOR: '1' } });
      const result = await measure(command, { cwd: folder, env: { HOME: folder, NO_COLOR: '1' } });
      if (result.code !== 0) throw new Error(`plan failed:\n${result.output.slice(-3000)}`);
      rows.push([String(components * HOSTS), result.wallSeconds.toFixed(2), result.peakMiB.toFixed(0)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(table(['instances', 'plan --refresh=false, s', 'peak MiB'], rows));
  return 0;
}
