import { expect, it } from 'vitest';
import type { PlanAnswer as Sent } from '../../src/server/api/answers.ts';
import type { PlanAnswer as Read } from '../../src/page/api/plan-types.ts';

it('reads of a plan what the server sends', () => {
  // Types do the work: this does not compile where they differ.
  const read = (sent: Sent): Read => sent;
  expect(read).toBeTypeOf('function');
});
