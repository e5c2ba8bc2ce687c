import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { bytesText } from '../../parts/amounts.ts';
import { LogLines } from '../../parts/log-lines.tsx';
import { Problem } from '../../parts/problem.tsx';
import { isOver, type RunModel } from './model.ts';
import { useRunLog } from './run-log.ts';

export interface LogPaneProps {
  readonly model: RunModel;
  /** An instance, or `local`. */
  readonly name: string;
  readonly onChoose: (name: string) => void;
}

/** The log of an instance, or of the server itself, as the run writes it. */
export function LogPane({ model, name, onChoose }: LogPaneProps): JSX.Element {
  const api = useApi();
  const over = isOver(model);
  const log = useRunLog(model.run, name, !over);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(false);
  useEffect(() => setFollow(true), [name]);
  const isLocal = name === 'local';
  const label = `Lines of ${isLocal ? 'the run' : name}`;
  const path = `/runs/${encodeURIComponent(model.run)}/logs/${encodeURIComponent(name)}`;
  return (
    <section class="card run-log-card" aria-labelledby="run-log">
      <div class="card-head">
        <h2 id="run-log" class="grow">
          {isLocal ? (
            'Log of the run'
          ) : (
            <>
              Log of <span class="mono">{name}</span>
            </>
          )}
        </h2>
        {isLocal ? null : (
          <button type="button" class="button button-quiet" onClick={() => onChoose('local')}>
            The run's own
          </button>
        )}
        <button type="button" class="button button-quiet" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          Wrap
        </button>
        <button
          type="button"
          class="button button-quiet"
          onClick={() => void api.download(path, `${model.run}-${name}.log`).catch(() => undefined)}
        >
          Download
        </button>
      </div>
      {log.error !== null && log.lines.length === 0 ? (
        log.error.status === 404 ? (
          <p class="card-body soft">The run did not come to work on it: there is no log.</p>
        ) : (
          <div class="card-body">
            <Problem error={log.error} />
          </div>
        )
      ) : (
        <>
          {log.skipped === 0 && log.first === 0 ? null : (
            <p class="run-before soft">
              {log.skipped > 0
                ? `The ${bytesText(log.skipped)} before this are in the download.`
                : 'Older lines are in the download.'}
            </p>
          )}
          <div class="run-log">
            <LogLines
              lines={log.lines}
              first={log.first}
              follow={follow}
              onFollowChange={setFollow}
              label={label}
              wrap={wrap}
              empty={
                log.state === 'asking' ? 'Asking for it…' : over ? 'It is empty.' : 'Nothing was written yet.'
              }
            />
          </div>
        </>
      )}
    </section>
  );
}
