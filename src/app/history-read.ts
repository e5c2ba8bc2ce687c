import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import {
  listOf,
  numeric,
  optional,
  orNull,
  recordOf,
  shape,
  text,
  whole,
  type Decoder,
} from '../state/decode.ts';
import type { Json, State } from '../state/model.ts';

/** A numbered version of a cluster's spec: `.slipway/history/N.json`, kept by every run that succeeded. */
export interface HistoryVersion {
  readonly version: number;
  readonly run: string;
  /** `apply`, `destroy`, `rollback to 3` */
  readonly operation: string;
  /** `user@machine` */
  readonly author: string;
  /** ISO 8601 */
  readonly time: string;
  readonly cluster: string | null;
  readonly specVersion: string | null;
  /** Number of this deployment among the successful ones; null: it was none (a destroy, or nothing to do). */
  readonly deployment?: number | null;
  /** `--target` and `--exclude` of a run that did only a part. */
  readonly targets?: readonly string[];
  readonly excludes?: readonly string[];
  readonly changes: readonly { readonly address: string; readonly action: string }[];
  /** Values; of a sensitive one the marker `(sensitive)`. */
  readonly variables: Readonly<Record<string, Json>>;
  /** Variables of which something was taken out of the values of others. */
  readonly redacted?: readonly string[];
  /** Names of variables whose values are not kept. */
  readonly sensitive?: readonly string[];
  readonly files: readonly VersionFile[];
}

export interface VersionFile {
  /** Relative to the working directory, with `/`: `main.hcl`, `components/nats/component.hcl`. */
  readonly path: string;
  /** SHA-256 of what was kept: of a redacted file, not of the original. */
  readonly digest: string;
  readonly bytes?: number;
  /** Variables of which literals were taken out. */
  readonly redacted?: readonly string[];
}

const anything: Decoder<Json> = (value) => value as Json;
const decodeVersion: Decoder<HistoryVersion> = shape<HistoryVersion>({
  version: whole,
  run: text,
  operation: text,
  author: text,
  time: text,
  cluster: orNull(text),
  specVersion: orNull(text),
  deployment: optional(orNull(whole)),
  targets: optional(listOf(text)),
  excludes: optional(listOf(text)),
  changes: listOf(shape<HistoryVersion['changes'][number]>({ address: text, action: text })),
  variables: recordOf(anything),
  redacted: optional(listOf(text)),
  sensitive: optional(listOf(text)),
  files: listOf(
    shape<VersionFile>({
      path: text,
      digest: text,
      bytes: optional(numeric),
      redacted: optional(listOf(text)),
    }),
  ),
});

/** Numbers of the versions that are kept, ascending; none where there is no history. */
export async function versionNumbers(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => /^([1-9]\d*)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Every version, the oldest first. Throws `DiagnosticsError` naming those that are damaged. */
export async function readHistory(directory: string): Promise<readonly HistoryVersion[]> {
  const numbers = await versionNumbers(directory);
  return Promise.all(numbers.map((number) => readOne(directory, number)));
}

/** One version. Throws `DiagnosticsError` when there is none of that number. */
export async function readVersion(directory: string, number: number): Promise<HistoryVersion> {
  const numbers = await versionNumbers(directory);
  if (numbers.includes(number)) return readOne(directory, number);
  const [first, last] = [numbers[0], numbers.at(-1)];
  const detail =
    first === undefined
      ? 'The history is empty: every apply that succeeds adds a version.'
      : `There ${numbers.length === 1 ? `is ${first}` : `are ${first} to ${last}`}: see \`slipway history\`.`;
  throw new DiagnosticsError([runError(`There is no version ${number}`, detail)]);
}

async function readOne(directory: string, number: number): Promise<HistoryVersion> {
  const file = path.join(directory, `${number}.json`);
  try {
    return decodeVersion(JSON.parse(await readFile(file, 'utf8')), '');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DiagnosticsError([
      runError(
        `Version ${number} of the history is damaged`,
        `${file}: ${why}. Take the file away to go on without it.`,
      ),
    ]);
  }
}

/** The kept content of a file of a version; null: it was too large to be kept, or it is gone. */
export async function keptContent(directory: string, file: VersionFile): Promise<Buffer | null> {
  return readFile(keptPath(directory, file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

export function keptPath(directory: string, { digest }: Pick<VersionFile, 'digest'>): string {
  return path.join(directory, 'files', digest);
}

/** Files of the spec itself lie at the top of the working directory; all others belong to definitions. */
export function isSpecFile(file: VersionFile): boolean {
  return !file.path.includes('/');
}

/**
 * How many deployments of this cluster have succeeded. State and history both know: one of them may have been lost or put back
 * to an older one, so the larger number counts.
 */
export async function deploymentsSoFar(
  state: Pick<State, 'deployments'> | null,
  directory: string,
): Promise<number> {
  const numbers = await versionNumbers(directory);
  const known = state?.deployments ?? 0;
  // The newest version that was a deployment knows their number.
  for (const number of numbers.toReversed()) {
    const version = await readOne(directory, number).catch(() => null);
    if (typeof version?.deployment === 'number') return Math.max(known, version.deployment);
  }
  return known;
}
