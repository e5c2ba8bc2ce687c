import { isCompressed, isRotationOf, type LogFile, type LogInventory } from '../../host/log-inventory.ts';
import { createLineSplitter, type LineSplitter } from '../../host/log-lines.ts';

/** A file that has got another name is looked at for so long after its last line. */
const RETIRE_MS = 60_000;
/** Between a rotation and the next file of that name there may be a moment with neither. */
const MISSING_MS = 10_000;

/** One file that is followed; it is known by its identity, whatever its name becomes. */
export interface TrackedFile {
  identity: string;
  /** The name under which it was found. */
  readonly path: string;
  /** Where the next reading begins. */
  offset: number;
  /** The last bytes before the offset, at most 512: another file, or one that was written anew, has others there. */
  before: Buffer;
  readonly splitter: LineSplitter;
  /** Where following begins is known. */
  isPlaced: boolean;
  grewAtMs: number;
  missingSinceMs: number | null;
}

/** All that is known of one source's files; it outlives connections. */
export interface SourceTracking {
  readonly source: number;
  /** In the order of their beginnings. */
  readonly files: Map<string, TrackedFile>;
  /** What the last look saw, by identity; null before the first one. */
  known: ReadonlySet<string> | null;
}

/** What to do after a look, in this order. */
export type TrackingStep =
  /** Keep it readable, whatever happens to its name. */
  | { readonly do: 'hold'; readonly path: string; readonly identity: string }
  /** A file that was there when following began: its last lines. */
  | { readonly do: 'begin'; readonly file: TrackedFile; readonly at: LogFile }
  /** It has grown. */
  | { readonly do: 'read'; readonly file: TrackedFile; readonly at: LogFile }
  /** It was cut off and is written anew; what it was may have been copied before. */
  | { readonly do: 'start-over'; readonly file: TrackedFile }
  /** It was moved away a while ago, and nobody writes to it any more. */
  | { readonly do: 'retire'; readonly file: TrackedFile; readonly holder: number | null }
  /** It is gone, and may not have been read to its end. */
  | { readonly do: 'give-up'; readonly file: TrackedFile };

export function trackSource(source: number): SourceTracking {
  return { source, files: new Map(), known: null };
}

/**
 * Before the first look of another connection: what was found but not begun is forgotten, and found again.
 */
export function resume(tracking: SourceTracking): void {
  for (const file of [...tracking.files.values()]) {
    if (file.isPlaced) continue;
    tracking.files.delete(file.identity);
    tracking.known = null;
  }
}

/**
 * After a reboot a file system may have another number: a file of the same inode in the same folder is the same one. (Where it
 * is not, what stands before the offset tells.)
 */
export function renumberDevices(tracking: SourceTracking, inventory: LogInventory): void {
  const present = new Set([...inventory.files.values(), ...inventory.held.values()].map((at) => at.identity));
  const devices = new Map<string, string>();
  for (const file of tracking.files.values()) {
    if (present.has(file.identity)) continue;
    const [device = '', inode = ''] = file.identity.split(':');
    const folder = folderOf(file.path);
    const other = [...inventory.files.values()].find(
      (at) => at.identity.endsWith(`:${inode}`) && folderOf(at.path) === folder,
    );
    if (other !== undefined) devices.set(device, other.identity.split(':')[0] ?? device);
  }
  if (devices.size === 0) return;
  const renumbered = (identity: string): string => {
    const [device = '', inode = ''] = identity.split(':');
    return `${devices.get(device) ?? device}:${inode}`;
  };
  const files = [...tracking.files.values()];
  tracking.files.clear();
  for (const file of files) {
    file.identity = renumbered(file.identity);
    tracking.files.set(file.identity, file);
  }
  tracking.known = tracking.known === null ? null : new Set([...tracking.known].map(renumbered));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/**
 * Compares what is followed with what a look saw: names move from file to file with rotation, identities do not. `asked` are the
 * identities that are held, or could not be. Changes `tracking`; the steps are for whoever reads.
 */
export function reconcile(
  tracking: SourceTracking,
  inventory: LogInventory,
  asked: ReadonlySet<string>,
  nowMs: number,
): readonly TrackingStep[] {
  const matches = (inventory.matches.get(tracking.source) ?? []).filter(({ path }) => !isCompressed(path));
  const bases = [...new Set([...matches, ...tracking.files.values()].map(({ path }) => path))];
  const atRest = [...tracking.files.values()].map((file) => ({ file, moved: isMoved(file, inventory) }));
  const steps: TrackingStep[] = [];
  const begun: TrackedFile[] = [];
  const waiting = new Set<string>();

  const news = newFiles(tracking, matches, bases, inventory);
  for (const { at, base } of news) {
    const originals = base === null ? [] : atRest.filter(({ file }) => file.path === base);
    // One that stands where it stood, or was emptied: what is new beside it was copied from it.
    if (originals.some(({ file, moved }) => !moved || isCutOff(file, inventory))) continue;
    if (base === null && !asked.has(at.identity) && !inventory.held.has(at.identity)) {
      steps.push({ do: 'hold', path: at.path, identity: at.identity });
      waiting.add(at.identity);
    } else if (base === null || (originals.length > 0 && tracking.known !== null)) {
      begun.push(track(tracking, at, tracking.known !== null, nowMs));
    }
  }

  for (const { file, moved } of atRest) {
    const at = readableAt(file, inventory);
    const { identity } = file;
    // Of an earlier connection: what held it is gone.
    if (at !== null && !asked.has(identity) && !inventory.held.has(identity))
      steps.push({ do: 'hold', path: at.path, identity });
    steps.push(...stepsOf(file, moved, inventory, nowMs));
  }
  for (const file of begun) {
    const at = readableAt(file, inventory);
    if (at === null) continue;
    // Without a first look of ours before it, it may be old.
    steps.push({ do: tracking.known === null ? 'begin' : 'read', file, at });
  }
  for (const step of steps) {
    if (step.do === 'retire' || step.do === 'give-up') tracking.files.delete(step.file.identity);
  }
  if (tracking.known !== null || waiting.size === 0) {
    const seen = [...inventory.files.values()].map(({ identity }) => identity);
    tracking.known = new Set(seen.filter((identity) => !waiting.has(identity)));
  }
  return steps;
}

/** What is there for the first time: earlier generations first, the older before the younger. `base`: whose generation it is; null: a log of its own. */
function newFiles(
  tracking: SourceTracking,
  matches: readonly LogFile[],
  bases: readonly string[],
  inventory: LogInventory,
): readonly { readonly at: LogFile; readonly base: string | null }[] {
  const seen = new Set<string>();
  const found: { at: LogFile; base: string | null }[] = [];
  const consider = (at: LogFile, mustBeRotated: boolean): void => {
    if (tracking.known?.has(at.identity) === true || tracking.files.has(at.identity)) return;
    if (seen.has(at.identity)) return;
    const base = bases.find((path) => isRotationOf(path, at.path)) ?? null;
    if (mustBeRotated && base === null) return;
    seen.add(at.identity);
    found.push({ at, base });
  };
  for (const at of inventory.files.values()) if (!isCompressed(at.path)) consider(at, true);
  for (const at of matches) consider(at, false);
  const age = ({ at, base }: { at: LogFile; base: string | null }): number =>
    base === null ? Infinity : at.modifiedSeconds;
  return found.sort((a, b) => {
    const [first, second] = [age(a), age(b)];
    if (first !== second) return first - second;
    return first === Infinity ? 0 : compareNames(b.at.path, a.at.path);
  });
}

/** `app.log.10` comes after `app.log.9`. */
function compareNames(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function track(tracking: SourceTracking, at: LogFile, isPlaced: boolean, nowMs: number): TrackedFile {
  const file: TrackedFile = {
    identity: at.identity,
    path: at.path,
    offset: 0,
    before: Buffer.alloc(0),
    splitter: createLineSplitter(),
    isPlaced,
    grewAtMs: nowMs,
    missingSinceMs: null,
  };
  tracking.files.set(at.identity, file);
  return file;
}

function stepsOf(
  file: TrackedFile,
  moved: boolean,
  inventory: LogInventory,
  nowMs: number,
): readonly TrackingStep[] {
  const at = readableAt(file, inventory);
  if (at === null) {
    file.missingSinceMs ??= nowMs;
    return nowMs - file.missingSinceMs < MISSING_MS ? [] : [{ do: 'give-up', file }];
  }
  file.missingSinceMs = null;
  if (at.sizeBytes < file.offset) return [{ do: 'start-over', file }];
  if (at.sizeBytes > file.offset) return [{ do: 'read', file, at }];
  if (!moved || nowMs - file.grewAtMs < RETIRE_MS) return [];
  return [{ do: 'retire', file, holder: inventory.held.get(file.identity)?.holder ?? null }];
}

/** Its name is another file's now, or nobody's. */
function isMoved(file: TrackedFile, inventory: LogInventory): boolean {
  return inventory.files.get(file.path)?.identity !== file.identity;
}

function isCutOff(file: TrackedFile, inventory: LogInventory): boolean {
  return (readableAt(file, inventory)?.sizeBytes ?? file.offset) < file.offset;
}

/** Where to read it: by what holds it, for names change between a look and a reading. */
function readableAt(file: TrackedFile, inventory: LogInventory): LogFile | null {
  const held = inventory.held.get(file.identity);
  if (held !== undefined) return held;
  const named = inventory.files.get(file.path);
  if (named?.identity === file.identity) return named;
  for (const at of inventory.files.values()) if (at.identity === file.identity) return at;
  return null;
}

/** What may be a copy of a file as it was before it was cut off, the latest first; whether it is one, its bytes tell. */
export function copiesOf(file: TrackedFile, inventory: LogInventory): readonly LogFile[] {
  return [...inventory.files.values()]
    .filter((at) => at.identity !== file.identity && at.sizeBytes >= file.offset)
    .filter((at) => isRotationOf(file.path, at.path) && !isCompressed(at.path))
    .sort((a, b) => b.modifiedSeconds - a.modifiedSeconds);
}
