import type { Json } from '../../state/model.ts';

/** Beside the spec's own files. */
export const OVERRIDE_FILE = 'deployment-engine_override.json';

/** Shown in place of a sensitive value; posted back, it means: unchanged. */
export const SENSITIVE_MARKER = '(sensitive)';

/** What was posted: laid over the spec for every command. */
export interface Override {
  /** Hosts of each component; one that is not here gets none. */
  readonly components: ReadonlyMap<string, readonly string[]>;
  /** Values of variables, literal: never evaluated. */
  readonly properties: ReadonlyMap<string, Json>;
}
