import { reviewPlan } from '../../src/tui/plan-review.tsx';
import { startRunView } from '../../src/tui/run-view.tsx';
import { watchCluster } from '../../src/tui/cluster-view.tsx';
import { planView } from '../../src/plan/view.ts';
import { samplePlan } from '../plan/sample-plan.ts';
import { demoSource } from './demo-cluster.ts';
import { demoEvents } from './demo-events.ts';

/** For eyes: `node test/tui/demo.mjs review | run | both | status [INSTANCES] [STEP_MS]` in a terminal. */
const [what = 'run', instances = '5', stepMs = '800'] = process.argv.slice(2);
const { stdin, stdout } = process;
const color = (process.env['NO_COLOR'] ?? '') === '';

if (what === 'review') {
  console.log(await reviewPlan(planView(samplePlan(), []), { stdin, stdout, color }));
} else if (what === 'both') {
  const decision = await reviewPlan(planView(samplePlan(), []), { stdin, stdout, color });
  if (decision === 'approved') await showRun(Number(instances), Number(stepMs));
} else if (what === 'status') {
  await watchCluster(demoSource(Number(instances), Number(stepMs)), { stdin, stdout, color });
} else {
  await showRun(Number(instances), Number(stepMs));
}

async function showRun(amount: number, step: number): Promise<void> {
  let interrupts = 0;
  const view = startRunView({
    stdin,
    stdout,
    color,
    onInterrupt: () => {
      view.onEvent({ time: Date.now(), type: 'stopping', mode: interrupts++ === 0 ? 'graceful' : 'now' });
      if (interrupts > 2) process.exit(130);
    },
  });
  const started = Date.now();
  for (const { atMs, event } of demoEvents(amount, { stepMs: step })) {
    const waitMs = started + atMs - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    view.onEvent(event(Date.now()));
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await view.finish();
}
