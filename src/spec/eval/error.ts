import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

/** An expression could not be evaluated; says where and why. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  constructor(readonly diagnostic: Diagnostic) {
    super(`${diagnostic.summary}: ${diagnostic.detail}`);
  }
}

/** A value that an operation or function cannot work with; the caller knows where it stands and adds the place. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    message: string,
    /** Which argument, from 0, where it is one. */
    readonly argument?: number,
  ) {
    super(message);
  }
}
