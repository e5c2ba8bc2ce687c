import type { FileDiff, VariableDiff } from '../../app/history-diff.ts';
import type { VersionFile } from '../../app/history-read.ts';
import type { DiffAnswer, HistoryAnswer, VersionAnswer, VersionSummary } from './answers.ts';
import {
  anything,
  list,
  number,
  object,
  oneOf,
  optional,
  orNull,
  ref,
  table,
  text,
  whole,
  type JsonSchema,
} from './schema.ts';

const about = {
  version: whole('Counts from 1.'),
  run: text(),
  operation: text(),
  author: text('`user@machine`'),
  time: text('ISO 8601'),
  cluster: orNull(text()),
  specVersion: orNull(text()),
};

/** Versions of the spec that were applied. */
export const HISTORY_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  History: object<HistoryAnswer>({
    deployments: whole('Deployments that succeeded, in all.'),
    versions: list(ref('VersionSummary'), 'The oldest first.'),
  }),
  VersionSummary: object<VersionSummary>({
    ...about,
    deployment: orNull(whole(), 'Its number among the deployments; null: it was none.'),
    changes: whole('Instances that were changed.'),
    counts: table(whole(), 'The same by what was done: `install`, `update`, `remove`.'),
  }),
  Version: object<VersionAnswer>({
    ...about,
    specDigest: optional(text()),
    deployment: optional(orNull(whole())),
    targets: optional(list(text())),
    excludes: optional(list(text())),
    changes: list(object<VersionAnswer['changes'][number]>({ address: text(), action: text() })),
    variables: table(anything, 'Values; `(sensitive)` in place of a sensitive one.'),
    redacted: optional(list(text(), 'Variables of which something was taken out of the values of others.')),
    sensitive: optional(list(text(), 'Variables whose values are not kept.')),
    files: list(
      object<VersionFile & { readonly text?: string | null }>({
        path: text(),
        digest: text('SHA-256'),
        bytes: optional(number()),
        redacted: optional(list(text(), 'Variables of which literals were taken out.')),
        text: optional(orNull(text(), "Of the spec's own files.")),
      }),
    ),
  }),
  Diff: object<DiffAnswer>({
    from: text(),
    to: text(),
    files: list(
      object<FileDiff>({
        path: text(),
        change: oneOf(['added', 'removed', 'changed']),
        diff: orNull(text(), 'A unified diff; null where it is no text.'),
      }),
    ),
    variables: list(
      object<VariableDiff>({ name: text(), before: optional(anything), after: optional(anything) }),
    ),
  }),
};
