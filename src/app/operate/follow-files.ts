import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFile, LogInventory } from '../../host/log-inventory.ts';
import type { LogServer } from '../../host/log-server.ts';
import { unreachable } from '../../diagnostics/unreachable.ts';
import { startOfLast, startSince } from './locate-lines.ts';
import {
  copiesOf,
  reconcile,
  renumberDevices,
  resume,
  type SourceTracking,
  type TrackedFile,
  type TrackingStep,
} from './track-files.ts';

/** As much as is remembered of what stands before an offset: one block, as readings bring it. */
const BEFORE_BYTES = 512;
/** Files that a host keeps open for us; what is beyond is followed by its name. */
const MAX_HELD = 64;

export interface FollowFilesOptions {
  readonly patternOf: (source: number) => string;
  /** Lines that are shown of files that are there already. */
  readonly lines: number;
  /** Those since then instead; by the host's clock. */
  readonly sinceMs: number | null;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly clock: () => number;
  readonly onLine: (source: number, file: string, line: Buffer) => void | Promise<void>;
  readonly onNotice: (text: string) => void | Promise<void>;
}

/**
 * Follows files of one host (`trackings` are its sources, numbered from 0) until the signal, or until the server rejects. They tell where it stands: with another server
 * it goes on there, without losing or repeating a line, whatever rotation did in between.
 */
export async function followFiles(
  server: LogServer,
  trackings: readonly SourceTracking[],
  options: FollowFilesOptions,
): Promise<void> {
  const { signal, intervalMs, clock } = options;
  for (const tracking of trackings) {
    resume(tracking);
    await server.add(options.patternOf(tracking.source));
  }
  const asked = new Set<string>();
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const inventory = await server.look();
    let isHolding = false;
    for (const tracking of trackings) {
      if (isFirst) renumberDevices(tracking, inventory);
      for (const step of reconcile(tracking, inventory, asked, clock())) {
        isHolding ||= step.do === 'hold';
        await carryOut(step, { server, tracking, inventory, asked, options });
      }
    }
    // What is held now can be read at once.
    if (!isHolding) await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Work {
  readonly server: LogServer;
  readonly tracking: SourceTracking;
  readonly inventory: LogInventory;
  readonly asked: Set<string>;
  readonly options: FollowFilesOptions;
}

async function carryOut(step: TrackingStep, work: Work): Promise<void> {
  const { server, asked, options } = work;
  switch (step.do) {
    case 'hold':
      if (asked.size < MAX_HELD && !asked.has(step.identity)) await server.hold(step.path);
      asked.add(step.identity);
      return;
    case 'begin':
      step.file.offset = await beginning(step.at, work);
      step.file.isPlaced = true;
      return readOn(step.file, step.at, work);
    case 'read':
      return readOn(step.file, step.at, work);
    case 'start-over':
      return startOver(step.file, work);
    case 'retire':
      await giveLast(step.file, work);
      if (step.holder !== null) await server.drop(step.holder);
      return;
    case 'give-up':
      await giveLast(step.file, work);
      await options.onNotice(`${step.file.path} was moved away or removed; its last lines may be missing`);
      return;
    default:
      return unreachable(step);
  }
}

async function beginning(at: LogFile, { server, options }: Work): Promise<number> {
  const since = options.sinceMs === null ? null : await startSince(server, at, options.sinceMs);
  return since ?? startOfLast(server, at, options.lines);
}

/** Passes on what a file has from its offset on, up to the size that was seen. */
async function readOn(file: TrackedFile, at: LogFile, work: Work): Promise<void> {
  const rewritten = (await readUpTo(file, at.path, at.sizeBytes, work)) === 'rewritten';
  if (rewritten) await startOver(file, work);
}

async function readUpTo(
  file: TrackedFile,
  path: string,
  to: number,
  { server, tracking, options }: Work,
): Promise<'read' | 'rewritten'> {
  while (file.offset < to) {
    const { before, bytes } = await server.read(path, file.offset, to);
    // It has become shorter since it was looked at: the next look tells.
    if (bytes.length === 0) return 'read';
    const compared = Math.min(before.length, file.before.length);
    if (
      !file.before.subarray(-compared || file.before.length).equals(before.subarray(before.length - compared))
    )
      return 'rewritten';
    const lines = file.splitter.feed(bytes);
    file.before = Buffer.from(
      Buffer.concat([file.before, bytes.subarray(-BEFORE_BYTES)]).subarray(-BEFORE_BYTES),
    );
    file.offset += bytes.length;
    file.grewAtMs = options.clock();
    for (const line of lines) await options.onLine(tracking.source, file.path, line);
  }
  return 'read';
}

/** The file begins anew; what of the old one was not read stands in the copy that was made before, if there is one. */
async function startOver(file: TrackedFile, work: Work): Promise<void> {
  for (const copy of copiesOf(file, work.inventory)) {
    const { offset } = file;
    await readUpTo(file, copy.path, copy.sizeBytes, work);
    if (file.offset > offset) break;
  }
  await giveLast(file, work);
  file.offset = 0;
  file.before = Buffer.alloc(0);
}

/** A line that never got its end. */
async function giveLast(file: TrackedFile, { tracking, options }: Work): Promise<void> {
  const line = file.splitter.flush();
  if (line !== null) await options.onLine(tracking.source, file.path, line);
}
