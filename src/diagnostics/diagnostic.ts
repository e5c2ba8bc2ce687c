/** A place in a user's file. Lines and columns count from 1 (columns in graphemes), bytes from 0. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly byte: number;
}

/** A stretch of a user's file; `end` is exclusive. `file` is relative to the working directory where possible. */
export interface SourceRange {
  readonly file: string;
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

/** Where a diagnostic applies: a place in a file, a host, or neither (a flag, the whole run). */
export type DiagnosticSubject =
  /** `hidden`: the line itself must not be shown, for it may hold a secret. */
  | { readonly at: 'source'; readonly range: SourceRange; readonly hidden?: true }
  /** `unreached`: it could not be worked with at all. */
  | { readonly at: 'host'; readonly host: string; readonly unreached?: true }
  | { readonly at: 'run' };

/**
 * Something a user must know about their input or their hosts. Diagnostics are collected, never thrown one by one:
 * all errors of a run are shown together.
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** One line, no full stop: "Unknown attribute". */
  readonly summary: string;
  /** What was expected and what to do, in one or two sentences. Never contains a secret. */
  readonly detail: string;
  readonly subject: DiagnosticSubject;
}

/** Thrown where work cannot go on because of the user's input; carries every diagnostic collected so far. */
export class DiagnosticsError extends Error {
  override readonly name = 'DiagnosticsError';
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.summary}: ${d.detail}`).join('\n'));
  }
}

/** An error that concerns a place in a file. */
export function errorAt(range: SourceRange, summary: string, detail: string): Diagnostic {
  return { severity: 'error', summary, detail, subject: { at: 'source', range } };
}

/** An error that concerns one host. */
export function errorOnHost(host: string, summary: string, detail: string): Diagnostic {
  return { severity: 'error', summary, detail, subject: { at: 'host', host } };
}

/** An error that concerns the run as a whole. */
export function runError(summary: string, detail: string): Diagnostic {
  return { severity: 'error', summary, detail, subject: { at: 'run' } };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}

/** What to name where there is room for one: warnings may stand before an error. */
export function firstError(diagnostics: readonly Diagnostic[]): Diagnostic | undefined {
  return diagnostics.find(({ severity }) => severity === 'error') ?? diagnostics[0];
}

/** Throws a `DiagnosticsError` with all of them when at least one is an error. */
export function throwOnErrors(diagnostics: readonly Diagnostic[]): void {
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
}
