import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { asApiError, isAbort, type ApiError } from '../../api/api-error.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useRouter } from '../../router.tsx';

/** Makes a plan for an older version, and goes to it. Changes nothing itself. */
export function RollbackDialog({
  number,
  onClose,
}: {
  readonly number: number;
  readonly onClose: () => void;
}): JSX.Element {
  const api = useApi();
  const { go } = useRouter();
  const [isPlanning, setIsPlanning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);

  const plan = async (): Promise<void> => {
    if (isPlanning) return;
    setIsPlanning(true);
    setError(null);
    try {
      const answer = await api.post<{ readonly plan: string }>(
        '/rollback',
        { version: number },
        { signal: leaving.current.signal },
      );
      go(`/plan?digest=${answer.plan}`);
    } catch (problem) {
      if (isAbort(problem)) return;
      setError(asApiError(problem));
      setIsPlanning(false);
    }
  };
  return (
    <Dialog
      title={`Roll back to version ${number}`}
      onClose={onClose}
      isLight={!isPlanning}
      onSubmit={() => void plan()}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button button-main" aria-disabled={isPlanning} autofocus>
            {isPlanning ? 'Asking the hosts…' : 'Plan the rollback'}
          </button>
        </>
      }
    >
      <p>
        A plan shows what going back to version {number} would do to each host. Nothing changes before you
        have read it and applied it.
      </p>
      <div class="problem problem-warning">
        <p>
          The files of the working directory stay as they are: the next apply of it undoes the rollback. To
          bring the old files back as well, use <code>slipway rollback {number} --write</code>.
        </p>
      </div>
      {error === null ? null : <Problem error={error} />}
    </Dialog>
  );
}
