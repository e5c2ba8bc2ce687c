import type { JSX } from 'preact';
import { counted } from '../../parts/amounts.ts';
import { isDrift, type PlanRow } from './model.ts';
import { ResourceItem } from './resource-item.tsx';
import { INSTANCE_ACTIONS } from './words.ts';

interface RowProps<R extends PlanRow['row']> {
  readonly row: Extract<PlanRow, { row: R }>;
  readonly tabIndex: 0 | -1;
  readonly onToggle: () => void;
}

/** Heading of a component. */
export function SectionRow({
  row: { section, shown, folded },
  steps,
  tabIndex,
  onToggle,
}: RowProps<'section'> & { readonly steps: number }): JSX.Element {
  const { component, does, stage, instances } = section;
  return (
    <button
      type="button"
      class="plan-section"
      data-row-main
      tabIndex={tabIndex}
      aria-expanded={!folded}
      onClick={onToggle}
    >
      <span class="fold-mark" aria-hidden="true" />
      <strong>{does === 'remove' ? `Removal of ${component}` : component}</strong>
      <span class="soft">
        {shown === instances.length
          ? counted(shown, 'instance')
          : `${shown} of ${counted(instances.length, 'instance')}`}
      </span>
      {steps < 2 ? null : (
        <span class="soft plan-step">
          step {stage} of {Math.max(steps, stage)}
        </span>
      )}
    </button>
  );
}

/** An instance; open, with all that happens to it. */
export function InstanceRow({
  row: { instance, open },
  tabIndex,
  onToggle,
}: RowProps<'instance'>): JSX.Element {
  const { plan, hostName, drifted } = instance;
  const { sign, word, tone } = INSTANCE_ACTIONS[plan.action];
  const restarts = plan.restarts.filter(({ how }) => how === 'restart').length;
  const reloads = plan.restarts.length - restarts;
  return (
    <>
      <button
        type="button"
        class="plan-instance"
        data-row-main
        tabIndex={tabIndex}
        aria-expanded={open}
        onClick={onToggle}
      >
        <span class="fold-mark" aria-hidden="true" />
        <span class="plan-action" data-tone={tone}>
          <span class="plan-sign" aria-hidden="true">
            {sign}
          </span>
          {word}
        </span>
        <span class="plan-address mono">{plan.address}</span>
        {hostName === null ? null : <span class="soft">{hostName}</span>}
        {restarts === 0 ? null : <Mark tone="restart" sign="↻" text={counted(restarts, 'restart')} />}
        {reloads === 0 ? null : <Mark tone="restart" sign="⟳" text={counted(reloads, 'reload')} />}
        {drifted ? <Mark tone="drift" sign="◆" text="drifted" /> : null}
        {plan.staysStopped === true ? <Mark tone="keep" sign="■" text="stays stopped" /> : null}
        <span class="soft plan-why">{open ? '' : plan.reasons.join('; ')}</span>
      </button>
      {open ? (
        <div class="plan-details">
          {plan.reasons.length === 0 ? null : (
            <ul class="plan-reasons" aria-label="Why">
              {plan.reasons.map((reason) => (
                <li key={reason} class={isDrift(reason) ? 'plan-drift' : undefined}>
                  {isDrift(reason) ? '◆ ' : 'because '}
                  {reason}
                </li>
              ))}
            </ul>
          )}
          {plan.movedFrom === null ? null : <p class="soft">It was {plan.movedFrom} before.</p>}
          {plan.resources.length === 0 ? null : (
            <ul class="plan-resources" aria-label={`What happens to ${plan.address}`}>
              {plan.resources.map((resource) => (
                <ResourceItem
                  key={`${resource.action} ${resource.address}`}
                  resource={resource}
                  restart={plan.restarts.find(({ service }) => service === resource.address) ?? null}
                />
              ))}
            </ul>
          )}
          {plan.unchanged === 0 ? null : <p class="soft">{counted(plan.unchanged, 'resource')} as wanted</p>}
        </div>
      ) : null}
    </>
  );
}

function Mark({
  tone,
  sign,
  text,
}: {
  readonly tone: string;
  readonly sign: string;
  readonly text: string;
}): JSX.Element {
  return (
    <span class="plan-mark" data-tone={tone}>
      <span aria-hidden="true">{sign}</span> {text}
    </span>
  );
}
