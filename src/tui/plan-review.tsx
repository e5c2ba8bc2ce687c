import type { PlanView } from '../plan/view.ts';
import {
  firstReview,
  inSight,
  pressReview,
  type ReviewControls,
  type ReviewGround,
} from './review-controls.ts';
import { reviewOutline } from './review-lines.ts';
import { reviewHeight, reviewScreen } from './review-screen.ts';
import type { ScreenSize } from './frame.ts';
import { openScreen, type Picture, type ScreenOptions } from './screen.tsx';

/** Lets a person read the plan on the whole screen and decide. Leaves the screen as it was before. */
export async function reviewPlan(view: PlanView, options: ScreenOptions): Promise<'approved' | 'rejected'> {
  const { promise, decide } = decision();
  const screen = openScreen(createReviewPicture(view, { color: options.color, decide }), options);
  try {
    return await promise;
  } finally {
    await screen.close();
  }
}

/** The review without its terminal: keys in, frames out; `decide` is called once. */
export function createReviewPicture(
  view: PlanView,
  options: { readonly color: boolean; readonly decide: (decision: 'approved' | 'rejected') => void },
): Picture {
  let controls: ReviewControls = firstReview();
  let outlined: { readonly columns: number; readonly outline: ReviewGround['outline'] } | null = null;
  const { install, update, remove } = view.summary;
  const ground = (size: ScreenSize): ReviewGround => {
    if (outlined?.columns !== size.columns)
      outlined = { columns: size.columns, outline: reviewOutline(view, size.columns) };
    return {
      outline: outlined.outline,
      changes: install + update + remove,
      columns: size.columns,
      height: reviewHeight(view, controls, size),
    };
  };
  return {
    frame(size) {
      controls = inSight(controls, ground(size));
      return reviewScreen(view, controls, ground(size), size, options.color);
    },
    press(press, size) {
      if (controls.decision !== null) return;
      controls = pressReview(controls, press, ground(size));
      if (controls.decision !== null) options.decide(controls.decision);
    },
  };
}

function decision(): {
  promise: Promise<'approved' | 'rejected'>;
  decide: (decision: 'approved' | 'rejected') => void;
} {
  let decide: (decision: 'approved' | 'rejected') => void = () => undefined;
  const promise = new Promise<'approved' | 'rejected'>((resolve) => {
    decide = resolve;
  });
  return { promise, decide };
}
