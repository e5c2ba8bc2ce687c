import { inject } from 'vitest';

import type {} from './global-setup.ts';
import type { Lab } from './lab.ts';
import { attachLab } from './lab.ts';

/** Why no lab runs here, or undefined: `describe.skipIf(noLab())`. */
export function noLab(): string | undefined {
  const lab = inject('lab');
  return 'obstacle' in lab ? lab.obstacle : undefined;
}

/**
 * The lab that the project's global setup has started. Hosts for a test: `const [a, b] = await lab.fresh(2)`, pristine and on;
 * `lab.hosts` are as the test before left them.
 */
export function useLab(): Promise<Lab> {
  const lab = inject('lab');
  if ('obstacle' in lab) throw new Error(lab.obstacle);
  return attachLab(lab.network);
}
