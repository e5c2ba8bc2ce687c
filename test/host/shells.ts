import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** The shells and userlands that hosts have. */
export const SHELLS = ['dash', 'bash', 'busybox'] as const;
export type Shell = (typeof SHELLS)[number];

/** What our programs start besides the shell. */
const PROGRAMS =
  'awk cat cp dd df find grep head mkdir mv nohup rm rmdir setsid sha256sum sleep sort stat tail tar timeout uname'.split(
    ' ',
  );

/** Within a `describe`: `sh` is this shell, and under busybox every program is its own. */
export function useShell(shell: Shell): void {
  let folder = '';
  const before = process.env.PATH;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), `slipway-${shell}-`));
    mkdirSync(path.join(folder, 'bin'));
    const target = execFileSync('sh', ['-c', `command -v ${shell}`])
      .toString()
      .trim();
    for (const name of shell === 'busybox' ? ['sh', ...PROGRAMS] : ['sh']) {
      symlinkSync(target, path.join(folder, 'bin', name));
    }
    process.env.PATH = `${path.join(folder, 'bin')}:${before}`;
  });
  afterAll(() => {
    process.env.PATH = before;
    rmSync(folder, { recursive: true });
  });
}
