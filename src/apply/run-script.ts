import { unreachable } from '../diagnostics/unreachable.ts';
import type { ScriptEvent } from '../host/script.ts';
import { ScriptFailed } from './failure.ts';
import type { HostTurn } from './host-work.ts';
import type { InstanceWork } from './instance-script.ts';
import type { Run } from './run-context.ts';

/** A script that vanished (reboot, killed) is started again so often; its steps pass over what is done. */
const VANISHED_RETRIES = 2;

/** Runs the script of an instance to its end and tells of it. Throws `ScriptFailed` and what the session throws. */
export async function runScriptOn(
  host: HostTurn,
  instance: string,
  work: InstanceWork,
  run: Run,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await host.session.run(work.script, {
      blobs: work.blobs,
      release: host.remaining === 0,
      onEvent: (event) => relay(event, instance, run),
      onUpload: (sent, total) =>
        run.emit({
          type: 'instance-activity',
          instance,
          activity: 'uploading',
          detail: total === 0 ? '' : `${Math.floor((100 * sent) / total)} %`,
        }),
      signal: run.abort,
    });
    if (outcome.outcome === 'succeeded') return;
    if (outcome.outcome !== 'vanished' || attempt >= VANISHED_RETRIES) throw new ScriptFailed(outcome);
    run.emit({
      type: 'instance-activity',
      instance,
      activity: 'retrying',
      detail: 'its script vanished (was the host rebooted?)',
    });
  }
}

function relay(event: ScriptEvent, instance: string, run: Run): void {
  switch (event.type) {
    case 'step-started':
      run.emit({ type: 'resource-started', instance, resource: event.step });
      return;
    case 'step-finished':
      run.emit({ type: 'resource-finished', instance, resource: event.step });
      return;
    case 'output':
      run.emit({ type: 'output', instance, resource: event.step, line: event.line });
      return;
    default:
      unreachable(event);
  }
}
