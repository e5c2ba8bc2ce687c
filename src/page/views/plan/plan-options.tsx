import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PlanOrder } from '../../api/plan-types.ts';

export interface PlanOptionsProps {
  readonly order: PlanOrder;
  readonly isBusy: boolean;
  readonly onPlan: (order: PlanOrder) => void;
  readonly onClose: () => void;
}

const FIELDS = [
  ['targets', 'Only these', 'Everything else stays as it is.'],
  ['excludes', 'All but these', 'Hosts that are down, for example.'],
  ['replace', 'Replace these', 'Everything of them is taken off and put on again.'],
] as const;

/** A plan for a part of the cluster. */
export function PlanOptions({ order, isBusy, onPlan, onClose }: PlanOptionsProps): JSX.Element {
  const [texts, setTexts] = useState({
    targets: (order.targets ?? []).join(' '),
    excludes: (order.excludes ?? []).join(' '),
    replace: (order.replace ?? []).join(' '),
  });
  const orderOf = (does: PlanOrder['does']): PlanOrder => {
    const [targets, excludes, replace] = [texts.targets, texts.excludes, texts.replace].map((text) =>
      text.split(/[\s,]+/).filter((word) => word !== ''),
    ) as [string[], string[], string[]];
    return {
      does,
      ...(targets.length > 0 ? { targets } : {}),
      ...(excludes.length > 0 ? { excludes } : {}),
      ...(replace.length > 0 && does === 'apply' ? { replace } : {}),
    };
  };
  return (
    <form
      class="card"
      aria-labelledby="plan-options"
      onSubmit={(event) => {
        event.preventDefault();
        onPlan(orderOf('apply'));
      }}
    >
      <div class="card-head">
        <h2 id="plan-options">Plan a part of the cluster</h2>
        <span class="soft">
          Components, instances, hosts: <code>backend</code>, <code>backend@10.0.0.1</code>,{' '}
          <code>@10.0.0.1</code>, with blanks between
        </span>
      </div>
      <div class="card-body plan-fields">
        {FIELDS.map(([name, label, note]) => (
          <label key={name} class="field">
            <span class="field-label">{label}</span>
            <input
              class="input mono"
              value={texts[name]}
              spellcheck={false}
              autocapitalize="none"
              autocomplete="off"
              onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
            />
            <span class="field-note">{note}</span>
          </label>
        ))}
      </div>
      <div class="dialog-foot">
        <button type="button" class="button button-quiet" onClick={onClose}>
          Close
        </button>
        <button
          type="button"
          class="button"
          disabled={isBusy || (texts.targets.trim() === '' && texts.excludes.trim() === '')}
          onClick={() => onPlan(orderOf('destroy'))}
        >
          Plan to destroy these
        </button>
        <button type="submit" class="button button-main" disabled={isBusy}>
          Plan these
        </button>
      </div>
    </form>
  );
}
