import type { JSX } from 'preact';
import type { ApiError } from '../api/api-error.ts';
import type { Diagnostic } from '../api/types.ts';
import { Link } from '../router.tsx';
import { TimeAgo } from './time-ago.tsx';
import { Words } from './words.tsx';

export interface ProblemProps {
  readonly error: ApiError;
  /** What is shown besides is of that time: milliseconds since 1970. */
  readonly dataAtMs?: number | null;
  readonly onRetry?: () => void;
}

/** What happened and what to do. */
export function Problem({ error, dataAtMs = null, onRetry }: ProblemProps): JSX.Element {
  const first = error.diagnostics.find(({ summary }) => summary === error.summary);
  const others = error.diagnostics.filter((diagnostic) => diagnostic !== first);
  return (
    <div class="problem" role="alert">
      <p class="problem-title">
        {error.summary}
        {first === undefined ? null : <PlaceOf diagnostic={first} />}
      </p>
      {error.detail === null ? null : (
        <p>
          <Words text={error.detail} />
        </p>
      )}
      {others.length === 0 ? null : <Diagnostics diagnostics={others} />}
      {error.run === null ? null : (
        <p>
          <Link to={`/runs/${error.run}`}>Run {error.run}</Link>
        </p>
      )}
      {dataAtMs === null ? null : (
        <p class="soft">
          What is shown is from <TimeAgo ms={dataAtMs} />.
        </p>
      )}
      {onRetry === undefined ? null : (
        <div>
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

/** Errors and warnings, each with its place. */
export function Diagnostics({ diagnostics }: { readonly diagnostics: readonly Diagnostic[] }): JSX.Element {
  return (
    <ul class="problem-list">
      {diagnostics.map((diagnostic, at) => (
        <li key={at}>
          <p class="problem-title">
            <span class="state" data-state={diagnostic.severity === 'error' ? 'failed' : 'degraded'}>
              <span class="state-shape" aria-hidden="true" />
              {diagnostic.severity === 'error' ? 'Error' : 'Warning'}
            </span>{' '}
            {diagnostic.summary}
            <PlaceOf diagnostic={diagnostic} />
          </p>
          <p>
            <Words text={diagnostic.detail} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function PlaceOf({ diagnostic: { subject } }: { readonly diagnostic: Diagnostic }): JSX.Element | null {
  switch (subject.at) {
    case 'source':
      return (
        <code>
          {' '}
          {subject.range.file}:{subject.range.start.line}:{subject.range.start.column}
        </code>
      );
    case 'host':
      return <code> {subject.host}</code>;
    case 'run':
    default:
      return null;
  }
}
