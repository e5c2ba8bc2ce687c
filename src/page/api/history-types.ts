/** What `GET /history` and the routes below it answer. */
export interface History {
  readonly deployments: number;
  /** The oldest first. */
  readonly versions: readonly VersionSummary[];
}

export interface VersionSummary {
  readonly version: number;
  readonly run: string;
  /** `apply`, `destroy`, `rollback to 3` */
  readonly operation: string;
  readonly author: string;
  /** ISO 8601 */
  readonly time: string;
  readonly cluster: string | null;
  readonly specVersion: string | null;
  /** null: it was no deployment. */
  readonly deployment: number | null;
  readonly changes: number;
  /** Instances by what was done to them. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Version {
  readonly version: number;
  readonly run: string;
  readonly operation: string;
  readonly author: string;
  readonly time: string;
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly specDigest?: string;
  readonly deployment?: number | null;
  readonly targets?: readonly string[];
  readonly excludes?: readonly string[];
  readonly changes: readonly { readonly address: string; readonly action: string }[];
  /** `(sensitive)` in place of a sensitive one. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly sensitive?: readonly string[];
  readonly files: readonly VersionFile[];
}

export interface VersionFile {
  readonly path: string;
  readonly digest: string;
  readonly bytes?: number;
  /** Variables of which literals were taken out. */
  readonly redacted?: readonly string[];
  /** Of the spec's own files; null: no text, or too large. */
  readonly text?: string | null;
}

export interface VersionDiff {
  readonly from: string;
  readonly to: string;
  readonly files: readonly FileDiff[];
  readonly variables: readonly VariableDiff[];
}

export interface FileDiff {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** A unified diff; null where it is no text. */
  readonly diff: string | null;
}

export interface VariableDiff {
  readonly name: string;
  readonly before?: unknown;
  readonly after?: unknown;
}
