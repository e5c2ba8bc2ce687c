import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import { counted } from '../../parts/amounts.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import {
  fewHosts,
  hostChanges,
  SENSITIVE,
  wayBack,
  type EngineConfig,
  type StandingOverride,
  type WayBack,
} from './scale-model.ts';

export interface BackDialogProps {
  /** What is in force. */
  readonly config: EngineConfig;
  readonly standing: StandingOverride;
  readonly onClose: () => void;
  /** The spec alone counts: a plan shows what it comes to. */
  readonly onDone: () => void;
}

/** Names what is another thing without the override, and takes it away once that is approved. */
export function BackDialog({ config, standing, onClose, onDone }: BackDialogProps): JSX.Element {
  const api = useApi();
  const [isGoing, setIsGoing] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const changes = wayBack(config, standing);
  const close = (): void => {
    if (!isGoing) onClose();
  };
  const go = (): void => {
    if (isGoing) return;
    setIsGoing(true);
    setError(null);
    api
      .delete('/override')
      .then(onDone)
      .catch((problem: unknown) => {
        setError(asApiError(problem));
        setIsGoing(false);
      });
  };
  const actions = (
    <>
      <button type="button" class="button" autofocus aria-disabled={isGoing} onClick={close}>
        Cancel
      </button>
      <button type="submit" class="button button-main" aria-disabled={isGoing}>
        {isGoing ? 'Checking…' : 'Back and plan'}
      </button>
    </>
  );
  return (
    <Dialog title="Back to the spec?" onClose={close} isLight={!isGoing} onSubmit={go} actions={actions}>
      {error === null ? null : <Problem error={error} />}
      <p>
        <code>deployment-engine_override.json</code> is deleted, and the spec alone counts. The hosts stay as
        they are until the plan is applied.
      </p>
      <Changes changes={changes} />
    </Dialog>
  );
}

function Changes({ changes: { components, values } }: { readonly changes: WayBack }): JSX.Element {
  if (components.length === 0 && values.length === 0) return <p>The spec says the same today.</p>;
  return (
    <ul class="plan-happenings">
      {components.map(({ name, before, after }) => (
        <Change
          key={`hosts ${name}`}
          title={name}
          words={`${before.length} → ${counted(after.length, 'host')}`}
        >
          <HostLines before={before} after={after} />
        </Change>
      ))}
      {values.map(({ name, before, after }) => (
        <Change
          key={`value ${name}`}
          title={`var.${name}`}
          words={
            before === SENSITIVE && after !== null
              ? 'what the spec, or the environment, gives it: it is secret'
              : null
          }
        >
          {before === SENSITIVE && after !== null ? null : (
            <p class="mono">
              {before} → {after ?? 'no value'}
            </p>
          )}
        </Change>
      ))}
    </ul>
  );
}

function Change({
  title,
  words,
  children,
}: {
  readonly title: string;
  readonly words: string | null;
  readonly children: JSX.Element | null;
}): JSX.Element {
  return (
    <li class="plan-happening" data-tone="change">
      <span class="plan-sign" aria-hidden="true">
        ~
      </span>
      <div class="grow">
        <strong>{title}</strong> {words === null ? null : <span class="soft">{words}</span>}
        {children}
      </div>
    </li>
  );
}

function HostLines({
  before,
  after,
}: {
  readonly before: readonly string[];
  readonly after: readonly string[];
}): JSX.Element {
  const { added, removed } = hostChanges(before, after.join('\n'));
  return (
    <>
      {added.length === 0 ? null : <p class="plan-plus mono">+ {fewHosts(added)}</p>}
      {removed.length === 0 ? null : <p class="plan-minus mono">− {fewHosts(removed)}</p>}
      {added.length + removed.length === 0 ? <p>The same ones in another order.</p> : null}
    </>
  );
}
