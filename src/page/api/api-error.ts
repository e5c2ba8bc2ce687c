import type { Diagnostic, ProblemBody } from './types.ts';

/** What went wrong with a request, as the server says it, or as the page must say itself where the server does not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly summary: string;
  readonly detail: string | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The run in the way, or the one to look at. */
  readonly run: string | null;

  constructor(
    /** 0: there was no answer. */
    readonly status: number,
    { summary, detail, diagnostics = [], run }: ProblemBody,
    options?: ErrorOptions,
  ) {
    super(summary, options);
    this.summary = summary;
    this.detail = detail ?? null;
    this.diagnostics = diagnostics;
    this.run = run ?? null;
  }

  /** The server did not answer at all. */
  get isSilence(): boolean {
    return this.status === 0;
  }
}

/** Any thrown thing, so that it can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError(-1, { summary: 'Something went wrong in the page', detail }, { cause: error });
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Of an answer that is an error; one that is none of ours is told by its status. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: ProblemBody | string } | null;
  const problem = body?.error;
  if (typeof problem === 'object') return new ApiError(response.status, problem);
  return new ApiError(response.status, {
    summary: typeof problem === 'string' ? problem : `The server answered ${response.status}`,
    detail: response.statusText,
  });
}
