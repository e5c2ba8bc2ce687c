import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measure, median, table } from './measure.ts';
import { BENCH } from './tools.ts';

/** Start-up of the command line, in turn with `node -e 0`. */
export async function startBench(repetitions: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  const main = path.join(BENCH, '..', 'dist', 'main.js');
  cpSync(path.join(BENCH, '..', 'examples', 'quickstart'), path.join(folder, 'quickstart'), {
    recursive: true,
  });
  const commands: Readonly<Record<string, readonly string[]>> = {
    'node -e 0': [process.execPath, '-e', '0'],
    'slipway --version': [process.execPath, main, '--version'],
    'slipway validate (quickstart)': [process.execPath, main, `--chdir=${folder}/quickstart`, 'validate'],
  };
  const seconds = new Map<string, number[]>();
  try {
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      for (const [name, command] of Object.entries(commands)) {
        const result = await measure(command, { env: { HOME: folder, XDG_CACHE_HOME: `${folder}/cache` } });
        if (result.code !== 0) throw new Error(`${name} failed:\n${result.output}`);
        // The first round fills caches.
        if (repetition > 0) seconds.set(name, [...(seconds.get(name) ?? []), result.wallSeconds]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const floor = median(seconds.get('node -e 0') ?? []);
  const rows = [...seconds].map(([name, values]) => {
    const value = median(values);
    return [name, (value * 1000).toFixed(0), `+${((value - floor) * 1000).toFixed(0)}`];
  });
  process.stdout.write(table(['command', 'ms', 'over `node -e 0`'], rows));
  return 0;
}
