import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import { useLoaded } from '../../api/loaded.ts';
import type { Diagnostic } from '../../api/types.ts';
import { counted } from '../../parts/amounts.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Fold } from '../../parts/fold.tsx';
import { Diagnostics, Problem } from '../../parts/problem.tsx';
import {
  byField,
  draftOf,
  hostChanges,
  hostsIn,
  kindOf,
  postedConfig,
  SENSITIVE,
  touched,
  type ConfigDraft,
  type EngineConfig,
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
  const config = useLoaded('config', (signal) => api.get<EngineConfig>(CONFIG, { signal }));
  return (
    <section class="card" aria-labelledby="scale">
      <div class="card-head">
        <h2 id="scale">Scale</h2>
        <span class="soft">
          Writes <code>deployment-engine_override.json</code> beside the spec, whose files stay as they are.
          What stands there goes before the spec until the file is deleted; every plan says so.
        </span>
      </div>
      {config.error !== null ? (
        <div class="card-body">
          <Problem error={config.error} onRetry={config.refresh} />
        </div>
      ) : config.data === null ? (
        <Waiting>Asking what is in force</Waiting>
      ) : (
        <ScaleForm config={config.data} onClose={onClose} onSaved={onSaved} />
      )}
    </section>
  );
}

function ScaleForm({
  config,
  onClose,
  onSaved,
}: ScalePanelProps & { readonly config: EngineConfig }): JSX.Element {
  const api = useApi();
  const [draft, setDraft] = useState<ConfigDraft>(() => draftOf(config));
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const changes = touched(config, draft);
  const count = changes.components.length + changes.values.length;
  const found = byField(error?.diagnostics ?? [], config);
  const variables = Object.keys(config.properties);

  const save = (): void => {
    setIsSaving(true);
    setError(null);
    api
      .post(CONFIG, postedConfig(config, draft))
      .then(() => {
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
          {count === 0 ? 'Nothing is changed yet.' : `${counted(count, 'field')} changed.`}
        </span>
        <button type="button" class="button button-quiet" disabled={isSaving} onClick={onClose}>
          Close
        </button>
        <button type="submit" class="button button-main" disabled={count === 0 || isSaving}>
          {isSaving ? 'Checking…' : 'Save and plan'}
        </button>
      </div>
    </form>
  );
}

interface FieldProps<T> {
  readonly name: string;
  readonly before: T;
  readonly text: string;
  readonly errors: readonly Diagnostic[];
  readonly onInput: (text: string) => void;
}

function HostsField({ name, before, text, errors, onInput }: FieldProps<readonly string[]>): JSX.Element {
  const { added, removed, twice } = hostChanges(before, text);
  const now = hostsIn(text).length;
  return (
    <div class="field">
      <label class="field-label" for={`hosts-${name}`}>
        {name}{' '}
        <span class="soft">
          {now === before.length ? counted(now, 'host') : `${before.length} → ${counted(now, 'host')}`}
        </span>
      </label>
      <textarea
        id={`hosts-${name}`}
        class="input mono plan-hosts"
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        value={text}
        placeholder="An address a line; none: placed nowhere"
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        aria-invalid={errors.length > 0}
        aria-describedby={`hosts-${name}-note`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <div id={`hosts-${name}-note`}>
        {added.length === 0 ? null : (
          <p class="field-note">
            <span class="plan-plus">+ {few(added)}</span>
          </p>
        )}
        {removed.length === 0 ? null : (
          <p class="field-note">
            <span class="plan-minus">− {few(removed)}</span>
          </p>
        )}
        {twice.length === 0 ? null : <p class="field-error">{few(twice)} stands there twice.</p>}
        <Errors errors={errors} />
      </div>
    </div>
  );
}

function ValueField({ name, before, text, errors, onInput }: FieldProps<unknown>): JSX.Element {
  const kind = kindOf(before);
  const common = {
    id: `value-${name}`,
    'aria-invalid': errors.length > 0,
    'aria-describedby': `value-${name}-note`,
  };
  const typed = { spellcheck: false, autocapitalize: 'none', autocomplete: 'off' } as const;
  return (
    <div class="field">
      <label class="field-label" for={`value-${name}`}>
        {name}
      </label>
      {kind === 'truth' ? (
        <select
          {...common}
          class="select"
          value={text}
          onChange={(event) => onInput(event.currentTarget.value)}
        >
          <option>true</option>
          <option>false</option>
        </select>
      ) : kind === 'json' ? (
        <textarea
          {...common}
          {...typed}
          class="input mono"
          rows={Math.min(8, text.split('\n').length)}
          value={text}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      ) : (
        <input
          {...common}
          {...typed}
          class="input"
          type={kind === 'sensitive' ? 'password' : 'text'}
          autocomplete={kind === 'sensitive' ? 'new-password' : 'off'}
          inputMode={kind === 'number' ? 'decimal' : 'text'}
          placeholder={kind === 'sensitive' ? `${SENSITIVE}, stays as it is` : ''}
          value={text}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      <div id={`value-${name}-note`}>
        <Errors errors={errors} />
      </div>
    </div>
  );
}

function Errors({ errors }: { readonly errors: readonly Diagnostic[] }): JSX.Element | null {
  return errors.length === 0 ? null : (
    <div class="field-error">
      <Diagnostics diagnostics={errors} />
    </div>
  );
}

function few(hosts: readonly string[]): string {
  return hosts.length <= 6
    ? hosts.join(', ')
    : `${hosts.slice(0, 5).join(', ')} and ${hosts.length - 5} more`;
}
