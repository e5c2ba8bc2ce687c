import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { LINE_COUNTS, SINCE_PRESETS, type LogChoice } from './choice.ts';

export interface LogToolsProps {
  readonly choice: LogChoice;
  /** Names of logs to choose from. */
  readonly logs: readonly string[];
  readonly isWrapped: boolean;
  readonly onChange: (choice: LogChoice) => void;
  readonly onWrap: (isWrapped: boolean) => void;
}

const OWN_TIME = 'own';

/** Which lines, and how they are shown. */
export function LogTools(props: LogToolsProps): JSX.Element {
  const { choice, logs, isWrapped, onChange, onWrap } = props;
  const { log, lines, since, isLive } = choice;
  const [isOwnTime, setIsOwnTime] = useState(false);
  const isPreset = since === null || SINCE_PRESETS.some(([span]) => span === since);
  const showsOwn = isOwnTime || !isPreset;
  return (
    <div class="tools logs-tools">
      {logs.length > 1 && (
        <label class="tool">
          <span>Log</span>
          <select
            class="select"
            value={log ?? ''}
            onChange={({ currentTarget }) => onChange({ ...choice, log: currentTarget.value || null })}
          >
            <option value="">all</option>
            {logs.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="tool">
        <span>Time</span>
        <select
          class="select"
          value={showsOwn ? OWN_TIME : (since ?? '')}
          onChange={({ currentTarget: { value } }) => {
            setIsOwnTime(value === OWN_TIME);
            if (value !== OWN_TIME) onChange({ ...choice, since: value || null });
          }}
        >
          <option value="">any</option>
          {SINCE_PRESETS.map(([span, words]) => (
            <option key={span} value={span}>
              {words}
            </option>
          ))}
          <option value={OWN_TIME}>since…</option>
        </select>
      </label>
      {showsOwn && (
        <input
          class="input"
          type="datetime-local"
          aria-label="Since, in your own time"
          value={isPreset ? '' : (since ?? '')}
          onChange={({ currentTarget: { value } }) => onChange({ ...choice, since: value || null })}
        />
      )}
      {since === null && (
        <label class="tool">
          <span>Lines</span>
          <select
            class="select"
            value={String(lines)}
            onChange={({ currentTarget }) => onChange({ ...choice, lines: Number(currentTarget.value) })}
          >
            {LINE_COUNTS.map((count) => (
              <option key={count} value={String(count)}>
                last {count.toLocaleString()}
              </option>
            ))}
          </select>
        </label>
      )}
      <Search grep={choice.grep} onSearch={(grep) => onChange({ ...choice, grep })} />
      <Toggle label="Follow" isOn={isLive} onChange={() => onChange({ ...choice, isLive: !isLive })} />
      <Toggle label="Wrap" isOn={isWrapped} onChange={() => onWrap(!isWrapped)} />
    </div>
  );
}

/** Searches when Enter is pressed, or the field is left: each search reads the logs anew. */
function Search({
  grep,
  onSearch,
}: {
  readonly grep: string;
  readonly onSearch: (grep: string) => void;
}): JSX.Element {
  const [text, setText] = useState(grep);
  useEffect(() => setText(grep), [grep]);
  return (
    <form
      class="logs-search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text);
      }}
    >
      <input
        class="input"
        type="search"
        aria-label="Only lines that match this regular expression"
        placeholder="Search: words or an expression"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => {
          if (text !== grep) onSearch(text);
        }}
        // The cross that empties the field.
        onSearch={({ currentTarget }: JSX.TargetedEvent<HTMLInputElement>) => {
          if (currentTarget.value === '') onSearch('');
        }}
      />
    </form>
  );
}

function Toggle({
  label,
  isOn,
  onChange,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: () => void;
}): JSX.Element {
  return (
    <label class="toggle">
      <input type="checkbox" checked={isOn} onChange={onChange} />
      {label}
    </label>
  );
}
