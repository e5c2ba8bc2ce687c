import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { OperateButton, READER_NOTE, useIsReader } from '../../cluster/operate.tsx';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Menu } from '../../parts/menu.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { ApplyDialog } from './apply-dialog.tsx';
import { PlanOptions } from './plan-options.tsx';
import { PlanResult } from './plan-result.tsx';
import { Making } from './making.tsx';
import { ScalePanel } from './scale-panel.tsx';
import { usePlan } from './use-plan.ts';
import { wordSummary } from './words.ts';
import './plan.css';

type Panel = 'options' | 'scale' | null;

/** Finding out what would be done, reading it, and doing it. */
export function PlanView(): JSX.Element {
  const desk = usePlan();
  const [panel, setPanel] = useState<Panel>(null);
  const [isApplying, setIsApplying] = useState(false);
  const { answer, error, makingSince, order, make } = desk;
  const isMaking = makingSince !== null;
  const isReader = useIsReader();
  const toggle = (which: Panel): void => setPanel(panel === which ? null : which);
  const opener = useRef<HTMLElement | null>(null);
  // What has the focus goes with the panel.
  const closePanel = (): void => {
    setPanel(null);
    opener.current?.focus();
  };

  const actions = (
    <div class="button-group">
      <button
        type="button"
        class="button"
        aria-expanded={panel === 'scale'}
        onClick={(event) => {
          opener.current = event.currentTarget;
          toggle('scale');
        }}
      >
        Scale…
      </button>
      <OperateButton
        type="button"
        class="button"
        aria-expanded={panel === 'options'}
        onClick={(event) => {
          opener.current = event.currentTarget;
          toggle('options');
        }}
      >
        Only a part…
      </OperateButton>
      <Menu
        label="More"
        items={[
          {
            label: 'Plan to destroy the whole cluster',
            isDanger: true,
            isDisabled: isMaking || isReader,
            describedBy: isReader ? READER_NOTE : undefined,
            onChoose: () => make({ does: 'destroy' }),
          },
        ]}
      />
      <OperateButton
        type="button"
        class="button button-main"
        aria-disabled={isMaking}
        onClick={() => {
          if (!isMaking) make({ does: 'apply' });
        }}
      >
        {answer === null ? 'Plan' : 'Plan anew'}
      </OperateButton>
    </div>
  );

  return (
    <Page title="Plan" actions={actions}>
      <div class="stack">
        {panel === 'scale' ? (
          <ScalePanel onClose={closePanel} onSaved={() => make({ does: 'apply' })} />
        ) : null}
        {panel === 'options' ? (
          <PlanOptions order={order} isBusy={isMaking} onPlan={make} onClose={closePanel} />
        ) : null}
        {isMaking ? <Making since={makingSince} order={order} onCancel={desk.cancel} /> : null}
        {error === null || isMaking ? null : (
          <Problem error={error} {...(isReader ? {} : { onRetry: () => make(order) })} />
        )}
        {isMaking ? null : answer !== null ? (
          <PlanResult key={answer.plan} answer={answer} onApply={() => setIsApplying(true)} />
        ) : desk.isLoading ? (
          <Waiting>Asking for the plan</Waiting>
        ) : error === null && panel === null ? (
          <Nothing onPlan={() => make({ does: 'apply' })} />
        ) : null}
      </div>
      <p class="aside-text" role="status">
        {isMaking || answer === null ? '' : `The plan is there: ${wordSummary(answer.view.summary)}`}
      </p>
      {isApplying && answer !== null ? (
        <ApplyDialog
          answer={answer}
          onClose={() => setIsApplying(false)}
          onAnew={() => {
            setIsApplying(false);
            make(answer.order);
          }}
        />
      ) : null}
    </Page>
  );
}

function Nothing({ onPlan }: { readonly onPlan: () => void }): JSX.Element {
  const { cluster } = useCluster();
  const interrupted = cluster.data?.interrupted ?? null;
  return (
    <div class="card">
      <Empty title={interrupted === null ? 'Nothing is planned' : 'A run waits to be taken up again'}>
        <p class="plan-words">
          {interrupted === null
            ? 'A plan asks every host and shows what an apply would do to each: files with their differences, restarts, removals. It changes nothing.'
            : `Run ${interrupted.run} was killed in the middle. A plan shows what is left to do; applying it takes the run up again.`}
        </p>
        <OperateButton type="button" class="button button-main" onClick={onPlan}>
          {interrupted === null ? 'Plan' : 'Plan to resume'}
        </OperateButton>
      </Empty>
    </div>
  );
}
