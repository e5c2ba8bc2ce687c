import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

/** An expression could not be evaluated; says where and why. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  constructor(readonly diagnostic: Diagnostic) {
    super(`${diagnostic.summary}: ${diagnostic.detail}`);
  }
}
