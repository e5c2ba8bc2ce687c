import { expect, it } from 'vitest';
import type { EffectiveConfig } from '../../src/app/override/config.ts';
import type { StandingOverride as OverrideSent } from '../../src/app/override/standing-override.ts';
import type { PlanAnswer as Sent } from '../../src/server/api/answers.ts';
import type { PlanAnswer as Read } from '../../src/page/api/plan-types.ts';
import type { EngineConfig, StandingOverride } from '../../src/page/views/plan/scale-model.ts';

it('reads of a plan what the server sends', () => {
  // Types do the work: this does not compile where they differ.
  const read = (sent: Sent): Read => sent;
  expect(read).toBeTypeOf('function');
});

it('reads of a configuration what the server sends', () => {
  const config = (sent: EffectiveConfig): EngineConfig => sent;
  const override = (sent: OverrideSent): StandingOverride => sent;
  expect([config, override]).toHaveLength(2);
});
