import { ApiError, asApiError, errorOf, isAbort } from './api-error.ts';
import { createEventReader, type ServerEvent } from './event-stream.ts';

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

export interface RequestOptions {
  readonly query?: Query | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The server. Paths are below `/api/v1`, except those that begin with `/deployment-engine/`. All reject with `ApiError`, or with an
 * `AbortError` by their signal.
 */
export interface Api {
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  delete<T>(path: string, options?: RequestOptions): Promise<T>;
  text(path: string, options?: RequestOptions): Promise<string>;
  /** The answer itself, for those who need its headers or its bytes. */
  open(path: string, options?: RequestOptions): Promise<Response>;
  /**
   * Server-sent events until the server ends the stream for good (`end`, or 204) or the signal says so; resolves then. A stream that
   * breaks off is taken up again after its last numbered event, at growing intervals. A browser keeps six connections to one
   * server: close what nobody watches.
   */
  events(path: string, handlers: EventHandlers, options?: RequestOptions): Promise<void>;
  /** Lets the browser save an answer as a file. */
  download(path: string, fileName: string, options?: RequestOptions): Promise<void>;
}

export interface EventHandlers {
  /** Events that came together, so that a view is drawn once for all of them. */
  onEvents(events: readonly ServerEvent[]): void;
  /** The stream stands; also after a break. */
  onOpen?(): void;
  /** It broke off, and is tried again. */
  onBreak?(error: ApiError): void;
}

/** Where the token is kept, and how another one is asked for. */
export interface Tokens {
  get(): string | null;
  /** Resolves when there is a new one; `refused` is what came of the one that was sent. */
  renew(sent: string | null, refused: ApiError): Promise<void>;
}

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];

export function createApi(tokens: Tokens): Api {
  const send = async (
    method: string,
    path: string,
    { query, signal }: RequestOptions,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> => {
    for (;;) {
      const token = tokens.get();
      const response = await fetch(urlOf(path, query), {
        method,
        headers: {
          ...headers,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal ?? null,
        cache: 'no-store',
      }).catch((error: unknown) => {
        if (isAbort(error)) throw error;
        throw new ApiError(
          0,
          { summary: 'The server does not answer', detail: 'It has ended, or the network is down.' },
          { cause: error },
        );
      });
      if (response.ok) return response;
      const error = await errorOf(response);
      if (error.status !== 401) throw error;
      await tokens.renew(token, error);
      signal?.throwIfAborted();
    }
  };

  return {
    get: async (path, options = {}) => (await send('GET', path, options)).json(),
    post: async (path, body = {}, options = {}) => {
      const response = await send('POST', path, options, body);
      const text = await response.text();
      return text === '' ? null : JSON.parse(text);
    },
    delete: async (path, options = {}) => (await send('DELETE', path, options)).json(),
    open: (path, options = {}) => send('GET', path, options),
    text: async (path, options = {}) => (await send('GET', path, options)).text(),

    async events(path, { onEvents, onOpen, onBreak }, options = {}) {
      const { signal } = options;
      let last: string | null = null;
      const isOver = (): boolean => signal?.aborted === true;
      for (let attempt = 0; !isOver(); attempt++) {
        try {
          const resume: Record<string, string> = last === null ? {} : { 'last-event-id': last };
          const response = await send('GET', path, options, undefined, resume);
          if (response.status === 204 || response.body === null) return;
          onOpen?.();
          const read = createEventReader();
          const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            attempt = 0;
            const events = read(value);
            for (const { id } of events) if (id !== '') last = id;
            if (events.length > 0) onEvents(events);
            if (last === 'end') return;
          }
          // Without an `end` it was cut off, or there is nothing to resume by.
          onBreak?.(new ApiError(0, { summary: 'The stream broke off' }));
        } catch (error) {
          if (isOver()) return;
          const problem = asApiError(error);
          // What the server refuses it will refuse again.
          if (problem.status >= 400 && problem.status < 500) throw problem;
          onBreak?.(problem.status === -1 ? new ApiError(0, { summary: 'The stream broke off' }) : problem);
        }
        await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 1_000, signal);
      }
    },

    async download(path, fileName, options = {}) {
      if (tokens.get() === null) return save(urlOf(path, options.query), fileName);
      const blob = await (await send('GET', path, options)).blob();
      const url = URL.createObjectURL(blob);
      save(url, fileName);
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  };
}

function urlOf(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value])
      parameters.append(name, String(one));
  }
  const base = path.startsWith('/deployment-engine/') ? path : `/api/v1${path}`;
  return parameters.size === 0 ? base : `${base}?${parameters.toString()}`;
}

function save(url: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
