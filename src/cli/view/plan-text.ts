import type { PlanView } from '../../plan/view.ts';

export interface PlanTextOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Names the instances that stay as they are, too. */
  readonly showUnchanged?: boolean;
  /** Shows every host, even when many have the same change, and the text of new files. */
  readonly verbose?: boolean;
}

/** The plan for people, host by host; ends with its summary line and a newline. Diagnostics are the caller's. */
export function renderPlan(_view: PlanView, _options: PlanTextOptions): string {
  throw new Error('not there yet');
}
