import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PlanOrder } from '../../api/plan-types.ts';

export interface MakingProps {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly order: PlanOrder;
  readonly onCancel: () => void;
}

/** While a plan is made. */
export function Making({ since, order, onCancel }: MakingProps): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  return (
    <div class="card card-head plan-making">
      <span class="state" data-state="working" role="status">
        <span class="state-shape" aria-hidden="true" />
        {wordsOf(order)}
      </span>
      {/* Seconds that are read out would be noise. */}
      <span class="soft" aria-hidden="true">
        {seconds < 2 ? '' : `${seconds} s`}
      </span>
      {seconds < 20 ? null : (
        <span class="soft">A host that does not answer is given up after some seconds.</span>
      )}
      <span class="grow" />
      <button type="button" class="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}

function wordsOf({ does, version }: PlanOrder): string {
  if (version !== undefined) return `Comparing version ${version} with every host`;
  return does === 'destroy'
    ? 'Asking every host what there is to remove'
    : 'Comparing the spec with every host';
}
