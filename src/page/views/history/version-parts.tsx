import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Version, VersionFile } from '../../api/history-types.ts';
import { bytesText } from '../../parts/amounts.ts';
import { useRouter } from '../../router.tsx';
import { valueText } from './model.ts';
import { SourceText } from './source-text.tsx';

/** The spec's own files as texts; what belongs to definitions by name. */
export function VersionFiles({ files }: { readonly files: readonly VersionFile[] }): JSX.Element {
  const { query, setQuery } = useRouter();
  const own = files.filter(({ text }) => text !== undefined);
  const others = files.filter(({ text }) => text === undefined);
  const chosen = own.find(({ path }) => path === query.get('file')) ?? own[0];
  return (
    <>
      {own.length > 1 && (
        <label class="tool history-tool">
          <span>File</span>
          <select
            class="select"
            value={chosen?.path ?? ''}
            onChange={({ currentTarget }) => setQuery({ file: currentTarget.value })}
          >
            {own.map(({ path }) => (
              <option key={path} value={path}>
                {path}
              </option>
            ))}
          </select>
        </label>
      )}
      {chosen === undefined ? (
        <p>It had no files of its own.</p>
      ) : (
        <div class="history-file">
          <h3 class="mono">{chosen.path}</h3>
          {(chosen.redacted ?? []).length === 0 ? null : (
            <p class="soft">
              Secrets are not kept: {chosen.redacted?.map((name) => `var.${name}`).join(', ')} stood here.
            </p>
          )}
          {chosen.text === null || chosen.text === undefined ? (
            <p class="soft">It is no text, or too large to be shown.</p>
          ) : (
            <SourceText key={chosen.path} path={chosen.path} text={chosen.text} />
          )}
        </div>
      )}
      {others.length === 0 ? null : (
        <div>
          <h3>Of its definitions</h3>
          <ul class="history-names">
            {others.map(({ path, bytes }) => (
              <li key={path}>
                <code>{path}</code> <span class="soft">{bytes === undefined ? '' : bytesText(bytes)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

const SHOWN = 200;
const STATES: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
  install: ['+', 'added'],
  update: ['~', 'changed'],
  remove: ['−', 'removed'],
};

/** What the version did to which instance. */
export function ChangedInstances({ changes }: { readonly changes: Version['changes'] }): JSX.Element {
  const [count, setCount] = useState(SHOWN);
  if (changes.length === 0)
    return <p class="soft">No instance was changed: only the spec was another one.</p>;
  return (
    <>
      <ul class="history-names history-instances">
        {changes.slice(0, count).map(({ address, action }) => {
          const [sign, tone] = STATES[action] ?? ['·', 'changed'];
          return (
            <li key={address}>
              <span class={`history-sign history-${tone}`}>
                <span aria-hidden="true">{sign}</span>
                <span class="aside-text">{action}</span>
              </span>{' '}
              {address}
            </li>
          );
        })}
      </ul>
      {count < changes.length && (
        <div>
          <button type="button" class="button" onClick={() => setCount(count + 800)}>
            Show more of {changes.length.toLocaleString()}
          </button>
        </div>
      )}
    </>
  );
}

export function VariableValues({ variables }: { readonly variables: Version['variables'] }): JSX.Element {
  const entries = Object.entries(variables);
  if (entries.length === 0) return <p class="soft">The spec had no variables.</p>;
  return (
    <div class="table-frame" role="region" aria-label="Variables, a table" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Variable</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <code>{valueText(value)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
