import { defineConfig } from 'vitest/config';

/** One project per tier; `npm test` (scripts/test.mjs) decides which of them can run on this machine. No retries anywhere. */
export default defineConfig({
  test: {
    passWithNoTests: true,
    // What is awaited comes soon; on a busy machine later.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/e2e/**', 'test/lab/**'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-local',
          include: ['test/e2e/local/**/*.test.{ts,tsx}'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // The files share the hosts of one lab: a file at a time. scripts/test.mjs runs two such processes side by side.
          name: 'e2e-lab',
          include: ['test/e2e/lab/**/*.test.{ts,tsx}'],
          globalSetup: ['test/lab/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
