/** The command line itself is wrong; shown without a stack, with exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
