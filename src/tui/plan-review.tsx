import type { PlanView } from '../plan/view.ts';
import type { ScreenOptions } from './screen.tsx';

/** Lets a person read the plan on the whole screen and decide. */
export function reviewPlan(_view: PlanView, _options: ScreenOptions): Promise<'approved' | 'rejected'> {
  throw new Error('not there yet');
}
