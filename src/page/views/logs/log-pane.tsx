import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { LogLines } from '../../parts/log-lines.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { addressOf, literalOf, type LogChoice } from './choice.ts';
import { MAX_LINES } from './line-buffer.ts';
import { LogTools } from './log-tools.tsx';
import type { Naming } from './line-events.ts';
import { useLines, type ShownLines } from './use-lines.ts';

export interface LogPaneProps {
  readonly choice: LogChoice;
  readonly title: string;
  /** Names of logs that what is chosen has. */
  readonly logs: readonly string[];
  readonly naming: Naming;
  readonly onChange: (choice: LogChoice) => void;
  /** null: there is more than one log. */
  readonly onDownload: (() => void) | null;
}

const WRAP_KEY = 'slipway.wrap';
/** Narrower windows break long lines, unless somebody said otherwise. */
const NARROW_PX = 640;

/** The lines of what is chosen. */
export function LogPane({ choice, title, logs, naming, onChange, onDownload }: LogPaneProps): JSX.Element {
  const shown = useLines(choice, naming);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [isWrapped, setIsWrapped] = useState(wrapAtFirst);
  /** Number of the line after the last one that was there when the end was left. */
  const left = useRef(0);
  const address = addressOf(choice);
  useEffect(() => setIsAtEnd(true), [address]);
  const end = shown.first + shown.lines.length;
  if (isAtEnd) left.current = end;
  return (
    <section class="logs-main" aria-label="Lines">
      <div class="logs-head">
        <h2 class="mono">{title}</h2>
        <Status shown={shown} choice={choice} />
        <button
          type="button"
          class="button logs-download"
          disabled={onDownload === null}
          title={onDownload === null ? 'Choose one log to save it' : 'The whole log, as a file'}
          onClick={() => onDownload?.()}
        >
          Download
        </button>
      </div>
      <LogTools
        choice={choice}
        logs={logs}
        isWrapped={isWrapped}
        onChange={onChange}
        onWrap={(isOn) => {
          localStorage.setItem(WRAP_KEY, isOn ? 'yes' : 'no');
          setIsWrapped(isOn);
        }}
      />
      {shown.error !== null && shown.status === 'complete' ? <Problem error={shown.error} /> : null}
      <LogLines
        key={address}
        lines={shown.lines}
        first={shown.first}
        follow={isAtEnd}
        onFollowChange={setIsAtEnd}
        label={`Log of ${title}`}
        wrap={isWrapped}
        mark={literalOf(choice.grep)}
        empty={emptyWords(shown, choice)}
      />
      <p class="logs-foot soft">
        {shown.lines.length.toLocaleString()} {shown.lines.length === 1 ? 'line' : 'lines'}
        {isAtEnd || end === left.current ? '' : ` · ${(end - left.current).toLocaleString()} new below`}
        {shown.first === 0
          ? ''
          : ` · ${shown.first.toLocaleString()} older ones were let go of: the last ${MAX_LINES.toLocaleString()} are kept here`}
      </p>
    </section>
  );
}

function wrapAtFirst(): boolean {
  const said = localStorage.getItem(WRAP_KEY);
  return said === null ? window.innerWidth < NARROW_PX : said === 'yes';
}

function Status({ shown, choice }: { readonly shown: ShownLines; readonly choice: LogChoice }): JSX.Element {
  return (
    <span role="status">
      {shown.status === 'live' ? (
        <StateBadge state="running" label="following" isPill />
      ) : shown.status === 'lost' ? (
        <StateBadge
          state="degraded"
          label={`${shown.error?.summary ?? 'Connection lost'}; trying again`}
          isPill
        />
      ) : shown.status === 'waiting' ? (
        <StateBadge state="working" label="reading" isPill />
      ) : shown.error === null && choice.isLive ? (
        <StateBadge state="stopped" label="ended" isPill />
      ) : null}
    </span>
  );
}

function emptyWords({ status, error }: ShownLines, { grep, since, isLive }: LogChoice): string {
  if (error !== null) return '';
  if (status === 'waiting') return 'Asking the hosts…';
  const which = [grep === '' ? '' : 'that match', since === null ? '' : 'of that time']
    .filter((words) => words !== '')
    .join(' ');
  const none = which === '' ? 'No lines yet.' : `No lines ${which}.`;
  return isLive && status === 'live' ? `${none} New ones show here as they come.` : none;
}
