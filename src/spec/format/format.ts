import type { HclParser } from '../hcl/parse.ts';

/** A spec file in its canonical layout, as `terraform fmt` lays it out. Idempotent; text with syntax errors comes back unchanged. */
export function format(_text: string, _parser: HclParser): string {
  throw new Error('not there yet');
}
