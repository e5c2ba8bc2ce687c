import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Principal } from './guard/principal.ts';

/** A request that cannot be answered as asked. What it says is shown to who asked: no secret, no stack. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    /** One line, no full stop. */
    readonly summary: string,
    /** What was expected, and what to do. */
    readonly detail?: string,
    readonly more: {
      readonly diagnostics?: readonly Diagnostic[];
      /** The run in the way, or the one to look at. */
      readonly run?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Who was refused, where that is known: for the audit log, no answer tells it. */
      readonly principal?: Principal;
    } = {},
  ) {
    super(summary);
  }
}

/** The body of every answer that tells of an error. */
export interface ErrorBody {
  readonly error: {
    readonly summary: string;
    readonly detail?: string;
    readonly diagnostics?: readonly Diagnostic[];
    readonly run?: string;
  };
}
