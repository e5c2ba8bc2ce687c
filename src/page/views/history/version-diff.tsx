import type { JSX } from 'preact';
import { useApi } from '../../api/api-context.ts';
import type { FileDiff, VersionDiff as Differences, VersionSummary } from '../../api/history-types.ts';
import { useLoaded } from '../../api/loaded.ts';
import { Diff } from '../../parts/diff.tsx';
import { countLines } from '../../parts/diff-lines.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Fold } from '../../parts/fold.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useRouter } from '../../router.tsx';
import { diffLines } from '../plan/unified.ts';
import { comparisonOf, variableRow, versionBefore } from './model.ts';

/** Beyond so many files, each is opened by hand. */
const OPEN_FILES = 5;

/** How a version differs from the one before, any other, or the working directory. */
export function VersionDiff({
  number,
  versions,
}: {
  readonly number: number;
  readonly versions: readonly VersionSummary[];
}): JSX.Element {
  const api = useApi();
  const { query, setQuery } = useRouter();
  const before = versionBefore(number, versions);
  const other = query.get('with') ?? (before === null ? 'now' : 'before');
  const isSide = query.get('side') === 'true';
  const comparison = comparisonOf(number, other, versions);
  const { data, error, isLoading, refresh } = useLoaded(
    comparison === null ? null : `${comparison.from} ${comparison.to}`,
    (signal) => api.get<Differences>(`/history/${comparison?.from}/diff/${comparison?.to}`, { signal }),
  );
  return (
    <>
      <div class="tools">
        <label class="tool history-tool">
          <span>Compared with</span>
          <select
            class="select"
            value={other}
            onChange={({ currentTarget: { value } }) => setQuery({ with: value === 'before' ? null : value })}
          >
            {before === null ? null : <option value="before">the one before ({before})</option>}
            <option value="now">the working directory now</option>
            {versions
              .filter(({ version }) => version !== number)
              .toReversed()
              .map(({ version, operation }) => (
                <option key={version} value={String(version)}>
                  version {version} ({operation})
                </option>
              ))}
          </select>
        </label>
        <label class="toggle">
          <input
            type="checkbox"
            checked={isSide}
            onChange={() => setQuery({ side: isSide ? null : 'true' })}
          />
          Side by side
        </label>
      </div>
      {error === null ? null : <Problem error={error} onRetry={refresh} />}
      {data !== null ? (
        <AllDifferences differences={data} isSide={isSide} />
      ) : isLoading || (error === null && comparison !== null) ? (
        <Waiting>Comparing</Waiting>
      ) : comparison === null ? (
        <p class="soft">There is nothing to compare it with.</p>
      ) : null}
    </>
  );
}

function AllDifferences({
  differences: { from, to, files, variables },
  isSide,
}: {
  readonly differences: Differences;
  readonly isSide: boolean;
}): JSX.Element {
  const names = `from ${nameOf(from)} to ${nameOf(to)}`;
  if (files.length === 0 && variables.length === 0)
    return (
      <Empty title="No differences">
        <p>Nothing changes {names}.</p>
      </Empty>
    );
  return (
    <>
      <p class="soft">What changes {names}:</p>
      {variables.length === 0 ? null : (
        <div class="table-frame" role="region" aria-label="Changed variables, a table" tabIndex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Variable</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              {variables.map(variableRow).map(({ name, before, after }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{before === null ? <span class="soft">none</span> : <code>{before}</code>}</td>
                  <td>{after === null ? <span class="soft">none</span> : <code>{after}</code>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {files.map((file, at) => (
        <File key={file.path} file={file} isSide={isSide} isOpen={at < OPEN_FILES} />
      ))}
    </>
  );
}

function File({
  file: { path, change, diff },
  isSide,
  isOpen,
}: {
  readonly file: FileDiff;
  readonly isSide: boolean;
  readonly isOpen: boolean;
}): JSX.Element {
  const lines = diff === null ? [] : diffLines(diff);
  const { added, removed } = countLines(lines);
  return (
    <Fold
      isOpenAtFirst={isOpen}
      label={
        <span class="history-fold">
          <code>{path}</code>
          <span class="soft">{change}</span>
          {added === 0 ? null : <span class="history-added">+{added}</span>}
          {removed === 0 ? null : <span class="history-removed">−{removed}</span>}
        </span>
      }
    >
      {() =>
        diff === null ? (
          <p class="soft">It is no text, too large, or not kept.</p>
        ) : (
          <Diff lines={lines} label={path} view={isSide ? 'side' : 'unified'} />
        )
      }
    </Fold>
  );
}

function nameOf(label: string): string {
  return label === 'now' ? 'the working directory' : label;
}
