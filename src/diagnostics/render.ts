import type { Diagnostic } from './diagnostic.ts';

export interface RenderOptions {
  /** Text of a file by the name a range gives it; undefined when it cannot be read. */
  readSource(file: string): string | undefined;
  readonly color: boolean;
  /** Columns of the terminal; details are wrapped to it. */
  readonly width: number;
}

/** All diagnostics for people: summary, place, the source line with a caret underline, detail. Ends with a newline unless empty. */
export function renderDiagnostics(_diagnostics: readonly Diagnostic[], _options: RenderOptions): string {
  throw new Error('not there yet');
}
