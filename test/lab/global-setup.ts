import type { TestProject } from 'vitest/node';

import { startLab } from './lab.ts';
import { labObstacle } from './layout.ts';

declare module 'vitest' {
  interface ProvidedContext {
    lab: LabForTests;
  }
}

/** How test files, which run in processes of their own, find the lab; or why there is none. */
export type LabForTests = { readonly network: number } | { readonly obstacle: string };

/**
 * Brings one lab up for all files of the project and takes it down at the end. SLIPWAY_LAB_HOSTS: how many hosts it starts with
 * (5). SLIPWAY_LAB=required: a machine that cannot run a lab is an error instead of skipped tests.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const obstacle = await labObstacle();
  if (obstacle !== undefined) {
    if (process.env.SLIPWAY_LAB === 'required') throw new Error(obstacle);
    console.warn(`\n*** The tests on lab hosts are SKIPPED: ${obstacle}. ***\n`);
    project.provide('lab', { obstacle });
    return undefined;
  }
  const lab = await startLab({ hosts: Number(process.env.SLIPWAY_LAB_HOSTS ?? 5), log: console.warn });
  project.provide('lab', { network: lab.network.number });
  return () => lab.stop();
}
