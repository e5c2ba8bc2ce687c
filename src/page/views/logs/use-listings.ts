import { useEffect, useRef, useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { asApiError, isAbort } from '../../api/api-error.ts';
import type { Component } from '../../api/types.ts';
import type { LogListing } from './log-types.ts';

/** A component with more instances is not asked as a whole: it would mean as many connections. */
const ASKED_AT_ONCE = 50;

export interface Listings {
  readonly byInstance: ReadonlyMap<string, readonly LogListing[]>;
  readonly isAsking: boolean;
  /** Forgets the sizes and asks again. */
  readonly refresh: () => void;
}

/** Logs of the instances that are open in the tree, or that are `shown`; hosts are asked once, and again when somebody wants it. */
export function useListings(
  components: readonly Component[],
  open: ReadonlySet<string>,
  shown: readonly string[],
): Listings {
  const api = useApi();
  const [byInstance, setByInstance] = useState<ReadonlyMap<string, readonly LogListing[]>>(new Map());
  const [asking, setAsking] = useState(0);
  const [round, setRound] = useState(0);
  const asked = useRef(new Set<string>());
  const alive = useRef(new AbortController());
  useEffect(() => () => alive.current.abort(), []);

  const wanted = components.flatMap(({ name, instances }) => [
    ...(open.has(name) && instances.length <= ASKED_AT_ONCE ? instances : []),
    ...instances.filter((instance) => open.has(instance)),
  ]);
  if (shown.length <= ASKED_AT_ONCE) wanted.push(...shown);
  const key = [...new Set(wanted)].join(' ');
  useEffect(() => {
    const missing = key.split(' ').filter((instance) => instance !== '' && !asked.current.has(instance));
    if (missing.length === 0) return;
    for (const instance of missing) asked.current.add(instance);
    setAsking((count) => count + 1);
    // In pieces, for the sake of the address's length.
    const pieces = Array.from({ length: Math.ceil(missing.length / ASKED_AT_ONCE) }, (_, n) =>
      missing.slice(n * ASKED_AT_ONCE, (n + 1) * ASKED_AT_ONCE),
    );
    const ask = async (select: readonly string[]): Promise<void> => {
      let logs: readonly LogListing[] = [];
      try {
        const answer = await api.get<{ readonly logs: readonly LogListing[] }>('/logs', {
          query: { select },
          signal: alive.current.signal,
        });
        logs = answer.logs;
      } catch (error) {
        if (isAbort(error)) return;
        const problem = asApiError(error).summary;
        logs = select.map((instance) => ({
          instance,
          host: '',
          log: '',
          askedMs: 0,
          content: { from: 'nowhere', problem },
        }));
      }
      setByInstance((before) => {
        const after = new Map(before);
        for (const instance of select)
          after.set(
            instance,
            logs.filter((listing) => listing.instance === instance),
          );
        return after;
      });
    };
    void Promise.all(pieces.map(ask)).finally(() => setAsking((count) => count - 1));
  }, [key, round]);

  return {
    byInstance,
    isAsking: asking > 0,
    refresh() {
      asked.current.clear();
      setRound((number) => number + 1);
    },
  };
}
