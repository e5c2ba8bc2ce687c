import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import type { PlanAnswer } from '../../api/plan-types.ts';
import type { RunStarted } from '../../api/types.ts';
import { counted } from '../../parts/amounts.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Fold } from '../../parts/fold.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useRouter } from '../../router.tsx';
import { approvalOf, type Approval } from './approval.ts';

export interface ApplyDialogProps {
  readonly answer: PlanAnswer;
  readonly onClose: () => void;
  /** The plan is to be made anew: it says no longer what would be done. */
  readonly onAnew: () => void;
}

/** Names what will happen, and begins it once that is approved. */
export function ApplyDialog({ answer, onClose, onAnew }: ApplyDialogProps): JSX.Element {
  const api = useApi();
  const { go } = useRouter();
  const [typed, setTyped] = useState('');
  const [isBeginning, setIsBeginning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const approval = approvalOf(answer);
  const isApproved = approval.typed === null || typed.trim() === approval.typed;
  const isOutdated = error !== null && error.run === null && (error.status === 409 || error.status === 404);
  const { does, order } = answer;

  const begin = (): void => {
    if (!isApproved || isBeginning) return;
    setIsBeginning(true);
    setError(null);
    api
      .post<RunStarted>('/runs', { does, plan: answer.plan })
      .then(({ run }) => go(`/runs/${run}`))
      .catch((problem: unknown) => {
        setError(asApiError(problem));
        setIsBeginning(false);
      });
  };

  const close = (): void => {
    if (!isBeginning) onClose();
  };

  const verb = does === 'destroy' ? 'Destroy' : order.version === undefined ? 'Apply' : 'Roll back';
  const actions = (
    <>
      {isBeginning ? (
        <span class="state grow" data-state="working" role="status">
          <span class="state-shape" aria-hidden="true" />
          Checking that nothing has changed since
        </span>
      ) : null}
      <button
        type="button"
        class="button"
        autofocus={approval.typed === null}
        aria-disabled={isBeginning}
        onClick={close}
      >
        Cancel
      </button>
      {isOutdated ? (
        <button type="button" class="button button-main" onClick={onAnew}>
          Plan anew
        </button>
      ) : (
        <button
          type="submit"
          class={`button ${does === 'destroy' || approval.removes.length > 0 ? 'button-danger' : 'button-main'}`}
          disabled={!isApproved}
          aria-disabled={isBeginning}
        >
          {verb}
        </button>
      )}
    </>
  );
  return (
    <Dialog
      title={titleOf(answer)}
      onClose={close}
      isLight={approval.typed === null && !isBeginning}
      onSubmit={begin}
      actions={actions}
    >
      {error === null ? null : <Problem error={error} />}
      <Happenings approval={approval} />
      {order.version === undefined ? null : (
        <p>
          The working directory stays as it is: the next apply of it undoes this. To stay at version{' '}
          {order.version}, bring its files back as well (<code>slipway rollback {order.version} --write</code>
          ).
        </p>
      )}
      {approval.typed === null ? null : (
        <label class="field">
          <span class="field-label">
            Type <code>{approval.typed}</code> to destroy it
          </span>
          <input
            class="input mono"
            autofocus
            value={typed}
            spellcheck={false}
            autocapitalize="none"
            autocomplete="off"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      )}
    </Dialog>
  );
}

function titleOf({ does, order, view }: PlanAnswer): string {
  const name = view.cluster ?? 'the cluster';
  if (does === 'destroy')
    return order.targets === undefined ? `Destroy ${name}?` : `Destroy a part of ${name}?`;
  return order.version === undefined ? 'Apply this plan?' : `Go back to version ${order.version}?`;
}

function Happenings({ approval }: { readonly approval: Approval }): JSX.Element {
  const { installs, updates, removes, restarts, deleted, stopped } = approval;
  const interrupted = restarts.filter(({ how }) => how === 'restart');
  const reloaded = restarts.length - interrupted.length;
  return (
    <ul class="plan-happenings">
      <Happening
        sign="↻"
        tone="restart"
        title={interrupted.length === 1 ? '1 service restarts' : `${interrupted.length} services restart`}
        items={interrupted.map(({ instance, service, because }) => (
          <>
            <code>{instance}</code> {service}, because {because}
          </>
        ))}
      />
      <Happening
        sign="−"
        tone="remove"
        title={`${counted(removes.length, 'instance')} removed${deleted === 0 ? '' : `, with ${counted(deleted, 'directory', 'directories')} and what lies there`}`}
        items={removes.map(mono)}
      />
      <Happening
        sign="+"
        tone="add"
        title={`${counted(installs.length, 'instance')} added`}
        items={installs.map(mono)}
      />
      <Happening
        sign="~"
        tone="change"
        title={`${counted(updates.length, 'instance')} updated${reloaded === 0 ? '' : `, ${counted(reloaded, 'service')} reloaded`}`}
        items={updates.map(mono)}
      />
      <Happening
        sign="■"
        tone="keep"
        title={`${counted(stopped.length, 'instance')} stay${stopped.length === 1 ? 's' : ''} stopped`}
        items={stopped.map(mono)}
      />
    </ul>
  );
}

function mono(text: string): JSX.Element {
  return <code>{text}</code>;
}

/** So many are named at once. */
const NAMED = 6;

function Happening({
  sign,
  tone,
  title,
  items,
}: {
  readonly sign: string;
  readonly tone: string;
  readonly title: string;
  readonly items: readonly ComponentChildren[];
}): JSX.Element | null {
  if (items.length === 0) return null;
  const named = items.slice(0, NAMED);
  const rest = items.slice(NAMED);
  return (
    <li class="plan-happening" data-tone={tone}>
      <span class="plan-sign" aria-hidden="true">
        {sign}
      </span>
      <div class="grow">
        <strong>{title}</strong>
        <List items={named} />
        {rest.length === 0 ? null : (
          <Fold label={`and ${rest.length} more`}>{() => <List items={rest} />}</Fold>
        )}
      </div>
    </li>
  );
}

function List({ items }: { readonly items: readonly ComponentChildren[] }): JSX.Element {
  return (
    <ul>
      {items.map((item, at) => (
        <li key={at}>{item}</li>
      ))}
    </ul>
  );
}
