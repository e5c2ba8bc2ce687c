import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asApiError, isAbort, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import { useLoaded } from '../../api/loaded.ts';
import type { PlanAnswer, PlanOrder } from '../../api/plan-types.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { useIsReader } from '../../cluster/operate.tsx';
import { useRouter } from '../../router.tsx';

export interface PlanDesk {
  /** The plan that the address names; null: none, or it is not here yet. */
  readonly answer: PlanAnswer | null;
  /** What came of the last request. */
  readonly error: ApiError | null;
  /** A plan is being made since then: milliseconds since 1970. */
  readonly makingSince: number | null;
  /** A plan that the address names is asked for. */
  readonly isLoading: boolean;
  /** What the last plan was made for. */
  readonly order: PlanOrder;
  readonly make: (order: PlanOrder) => void;
  readonly cancel: () => void;
}

const EVERYTHING: PlanOrder = { does: 'apply' };

/** The plan of `?digest=`, and the making of another one; `?now` makes one at once. */
export function usePlan(): PlanDesk {
  const api = useApi();
  const { query, setQuery } = useRouter();
  const digest = query.get('digest');
  const [made, setMade] = useState<PlanAnswer | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [makingSince, setMakingSince] = useState<number | null>(null);
  const [asked, setAsked] = useState<PlanOrder | null>(null);
  const making = useRef<AbortController | null>(null);
  const isHere = digest === null || made?.plan === digest;
  const kept = useLoaded(isHere ? null : digest, (signal) =>
    api.get<PlanAnswer>(`/plans/${encodeURIComponent(digest ?? '')}`, { signal }),
  );
  useEffect(() => () => making.current?.abort(), []);

  const cancel = useCallback(() => {
    making.current?.abort();
    making.current = null;
    setMakingSince(null);
  }, []);
  const make = useCallback(
    (order: PlanOrder) => {
      making.current?.abort();
      const own = new AbortController();
      making.current = own;
      setAsked(order);
      setMakingSince(Date.now());
      setProblem(null);
      const { version, ...rest } = order;
      const request =
        version === undefined
          ? api.post<PlanAnswer>('/plan', rest, { signal: own.signal })
          : api.post<PlanAnswer>('/rollback', { version }, { signal: own.signal });
      request
        .then((answer) => {
          if (own.signal.aborted) return;
          setMade(answer);
          setQuery({ digest: answer.plan, now: null }, { replace: digest === answer.plan });
        })
        .catch((error: unknown) => {
          if (!own.signal.aborted && !isAbort(error)) setProblem(asApiError(error));
        })
        .finally(() => {
          if (making.current === own) cancel();
        });
    },
    [api, setQuery, digest],
  );

  const { cluster } = useCluster();
  const isKnown = cluster.data !== null || cluster.error !== null;
  const isReader = useIsReader();
  const isNow = query.has('now') && isKnown;
  useEffect(() => {
    if (!isNow) return;
    setQuery({ now: null });
    if (!isReader) make(EVERYTHING);
  }, [isNow]);

  const answer = digest === null ? null : made?.plan === digest ? made : kept.data;
  return {
    answer,
    error: problem ?? (isHere ? null : kept.error),
    makingSince,
    isLoading: !isHere && kept.data === null && kept.error === null,
    order: asked ?? answer?.order ?? EVERYTHING,
    make,
    cancel,
  };
}
