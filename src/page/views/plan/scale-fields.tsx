import type { JSX } from 'preact';
import type { Diagnostic } from '../../api/types.ts';
import { useIsReader } from '../../cluster/operate.tsx';
import { counted } from '../../parts/amounts.ts';
import { Diagnostics } from '../../parts/problem.tsx';
import { fewHosts, hostChanges, hostsIn, kindOf, SENSITIVE } from './scale-model.ts';

interface FieldProps<T> {
  readonly name: string;
  readonly before: T;
  readonly text: string;
  readonly errors: readonly Diagnostic[];
  readonly onInput: (text: string) => void;
}

/** Hosts of a component, a line each. */
export function HostsField({
  name,
  before,
  text,
  errors,
  onInput,
}: FieldProps<readonly string[]>): JSX.Element {
  const { added, removed, twice } = hostChanges(before, text);
  const now = hostsIn(text).length;
  const isReader = useIsReader();
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
        readOnly={isReader}
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
            <span class="plan-plus">+ {fewHosts(added)}</span>
          </p>
        )}
        {removed.length === 0 ? null : (
          <p class="field-note">
            <span class="plan-minus">− {fewHosts(removed)}</span>
          </p>
        )}
        {twice.length === 0 ? null : <p class="field-error">{fewHosts(twice)} stands there twice.</p>}
        <Errors errors={errors} />
      </div>
    </div>
  );
}

/** The value of a variable. */
export function ValueField({
  name,
  before,
  text,
  errors,
  onInput,
  isPosted,
}: FieldProps<unknown> & { readonly isPosted: boolean }): JSX.Element {
  const kind = kindOf(before);
  const isReader = useIsReader();
  const common = {
    id: `value-${name}`,
    'aria-invalid': errors.length > 0,
    'aria-describedby': `value-${name}-note`,
  };
  const typed = {
    readOnly: isReader,
    spellcheck: false,
    autocapitalize: 'none',
    autocomplete: 'off',
  } as const;
  return (
    <div class="field">
      <label class="field-label" for={`value-${name}`}>
        {name}
        {isPosted ? <span class="soft"> from the override</span> : null}
      </label>
      {kind === 'truth' ? (
        <select
          {...common}
          class="select"
          value={text}
          disabled={isReader}
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
