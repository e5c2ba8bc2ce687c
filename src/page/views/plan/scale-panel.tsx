import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import { useLoaded } from '../../api/loaded.ts';
import { OperateButton, READER_WORDS, useIsReader } from '../../cluster/operate.tsx';
import { counted } from '../../parts/amounts.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Fold } from '../../parts/fold.tsx';
import { useNotify } from '../../parts/notices.tsx';
import { Problem } from '../../parts/problem.tsx';
import { BackDialog } from './back-dialog.tsx';
import { HostsField, ValueField } from './scale-fields.tsx';
import {
  byField,
  draftOf,
  isPosted,
  postedConfig,
  touched,
  type ConfigDraft,
  type EngineConfig,
  type StandingOverride,
} from './scale-model.ts';

const CONFIG = '/deployment-engine/config';

export interface ScalePanelProps {
  readonly onClose: () => void;
  /** What was typed is in force: a plan shows what it comes to. */
  readonly onSaved: () => void;
}

/** Where components are placed and what variables are, to be changed without an editor. */
export function ScalePanel({ onClose, onSaved }: ScalePanelProps): JSX.Element {
  const api = useApi();
  const loaded = useLoaded('config', async (signal) => {
    const [config, standing] = await Promise.all([
      api.get<EngineConfig>(CONFIG, { signal }),
      api.get<StandingOverride>('/override', { signal }),
    ]);
    return { config, standing };
  });
  const [back, setBack] = useState<'asked' | 'done' | null>(null);
  useEffect(() => {
    if (back !== 'done') return;
    // Only now that the dialog is gone can anything beside it take the focus.
    onClose();
    onSaved();
  }, [back]);
  return (
    <section class="card" aria-labelledby="scale">
      <div class="card-head">
        <h2 id="scale">Scale</h2>
        <span class="soft">
          Writes <code>deployment-engine_override.json</code> beside the spec, whose files stay as they are.
          What stands there goes before the spec until it is taken back; every plan says so.
        </span>
      </div>
      {loaded.error !== null ? (
        <div class="card-body">
          <Problem error={loaded.error} onRetry={loaded.refresh} />
        </div>
      ) : loaded.data === null ? (
        <Waiting>Asking what is in force</Waiting>
      ) : (
        <ScaleForm {...loaded.data} onClose={onClose} onSaved={onSaved} onBack={() => setBack('asked')} />
      )}
      {back === 'asked' && loaded.data !== null ? (
        <BackDialog {...loaded.data} onClose={() => setBack(null)} onDone={() => setBack('done')} />
      ) : null}
    </section>
  );
}

interface ScaleFormProps extends ScalePanelProps {
  readonly config: EngineConfig;
  readonly standing: StandingOverride;
  readonly onBack: () => void;
}

function ScaleForm({
  config,
  standing: { override },
  onClose,
  onSaved,
  onBack,
}: ScaleFormProps): JSX.Element {
  const api = useApi();
  const notify = useNotify();
  const [draft, setDraft] = useState<ConfigDraft>(() => draftOf(config));
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const changes = touched(config, draft);
  const count = changes.components.length + changes.values.length;
  const found = byField(error?.diagnostics ?? [], config);
  const variables = Object.keys(config.properties);
  const isReader = useIsReader();

  const save = (): void => {
    setIsSaving(true);
    setError(null);
    api
      .post<{ readonly notes: readonly string[] }>(CONFIG, postedConfig(config, draft, override))
      .then(({ notes }) => {
        notes.forEach((note) => notify(note));
        onClose();
        onSaved();
      })
      .catch((problem: unknown) => {
        setError(asApiError(problem));
        setIsSaving(false);
      });
  };
  const isElsewhere = error !== null && (error.diagnostics.length === 0 || found.has(''));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (count > 0 && !isSaving) save();
      }}
    >
      <div class="card-body stack">
        {error === null ? null : isElsewhere ? (
          <Problem error={error} />
        ) : (
          <p class="field-error" role="alert">
            Nothing was saved: what is marked below cannot be as typed.
          </p>
        )}
        <div class="plan-fields">
          {Object.entries(config.components).map(([name, hosts]) => (
            <HostsField
              key={name}
              name={name}
              before={hosts}
              text={draft.hosts[name] ?? ''}
              errors={found.get(`components.${name}`) ?? []}
              onInput={(text) => setDraft({ ...draft, hosts: { ...draft.hosts, [name]: text } })}
            />
          ))}
        </div>
        {variables.length === 0 ? null : (
          <Fold
            key={variables.some((name) => found.has(`properties.${name}`)) ? 'wrong' : 'values'}
            isOpenAtFirst={
              changes.values.length > 0 || variables.some((name) => found.has(`properties.${name}`))
            }
            label={counted(variables.length, 'variable')}
          >
            {() => (
              <div class="plan-fields">
                {variables.map((name) => (
                  <ValueField
                    key={name}
                    name={name}
                    isPosted={isPosted(override, name)}
                    before={config.properties[name]}
                    text={draft.values[name] ?? ''}
                    errors={found.get(`properties.${name}`) ?? []}
                    onInput={(text) => setDraft({ ...draft, values: { ...draft.values, [name]: text } })}
                  />
                ))}
              </div>
            )}
          </Fold>
        )}
      </div>
      <div class="dialog-foot">
        <span class="soft grow" role="status">
          {isReader
            ? `${READER_WORDS}.`
            : count === 0
              ? 'Nothing is changed yet.'
              : `${counted(count, 'field')} changed.`}
        </span>
        {override === null ? null : (
          <OperateButton type="button" class="button" disabled={isSaving} onClick={onBack}>
            Back to the spec…
          </OperateButton>
        )}
        <button type="button" class="button button-quiet" disabled={isSaving} onClick={onClose}>
          Close
        </button>
        <OperateButton type="submit" class="button button-main" disabled={count === 0 || isSaving}>
          {isSaving ? 'Checking…' : 'Save and plan'}
        </OperateButton>
      </div>
    </form>
  );
}
