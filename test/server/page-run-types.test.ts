import { expect, it } from 'vitest';
import type { RunEvent as Sent } from '../../src/apply/events.ts';
import type { endAnswer } from '../../src/server/api/run-answer.ts';
import type { RunEnd, RunEvent } from '../../src/page/api/run-types.ts';

it('reads of a run what the server sends', () => {
  // Types do the work: this does not compile where they differ.
  const read = (sent: Sent): RunEvent => sent;
  const readEnd = (sent: ReturnType<typeof endAnswer>): RunEnd => sent;
  expect([read, readEnd]).toHaveLength(2);
});
