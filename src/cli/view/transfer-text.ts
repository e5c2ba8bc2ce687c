import type { TransferOutcome } from '../../app/operate/transfer.ts';
import { count, wordBytes, wordDuration } from '../../terminal/amounts.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paint } from '../../terminal/style.ts';

export interface TransferView {
  /** More bytes went over. */
  onBytes(bytes: number): void;
  onEnd(outcome: TransferOutcome): void;
  finish(outcomes: readonly TransferOutcome[]): void;
}

export interface TransferViewOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
  readonly clock: () => number;
  readonly nameOf: (host: string) => string | null;
  /** A path as it is shown. */
  readonly shown: (path: string) => string;
  readonly hosts: readonly string[];
  /** Bytes to go over in all; null: not known. */
  readonly totalBytes: number | null;
}

/** How often the line of progress is written anew. */
const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** A line per host once it has ended; on a terminal a line of progress below. */
export function textTransferView(options: TransferViewOptions): TransferView {
  const { stdout, stderr, color, nameOf, shown, hosts } = options;
  const progress = progressLine(options);
  return {
    onBytes: progress.add,
    onEnd(outcome) {
      progress.clear();
      const { host, elapsedMs, value, failure } = outcome;
      const name = nameOf(host);
      const place = paint(host, 'strong', color) + (name === null ? '' : ` (${name})`);
      if (failure !== null) {
        const why = [failure.message, failure.remedy]
          .filter((text) => text !== '')
          .map((text) => sanitize(text));
        stderr.write(`${place}: ${paint('failed', 'bad', color)}: ${why.join('\n  ')}\n`);
        return;
      }
      const path = sanitize(shown(value.path));
      stdout.write(`${place}: ${path}, ${wordBytes(value.bytes)} in ${wordDuration(elapsedMs)}\n`);
      for (const note of value.notes) stderr.write(paint(`  ${sanitize(note)}\n`, 'warn', color));
    },
    finish(outcomes) {
      progress.clear();
      const failed = outcomes.filter((outcome) => outcome.failure !== null);
      const digests = new Set(outcomes.flatMap(({ value }) => (value === null ? [] : [value.sha256])));
      const [digest] = digests;
      if (digests.size === 1 && digest !== undefined)
        stdout.write(paint(`Verified by SHA-256: ${digest}\n`, 'faint', color));
      else if (digests.size > 1) stdout.write(paint('Verified by SHA-256.\n', 'faint', color));
      if (failed.length > 0 && hosts.length > 1)
        stderr.write(paint(`${failed.length} of ${count(hosts.length, 'host')} failed.\n`, 'bad', color));
    },
  };
}

/** A line of JSON for each host. */
export function jsonTransferView({ stdout, nameOf }: TransferViewOptions): TransferView {
  return {
    onBytes: () => undefined,
    onEnd({ host, elapsedMs, value, failure }) {
      const { path = null, bytes = null, sha256 = null, notes = [] } = value ?? {};
      const result = { host, name: nameOf(host), path, bytes, sha256, notes, elapsedMs, problem: failure };
      stdout.write(`${JSON.stringify(result)}\n`);
    },
    finish: () => undefined,
  };
}

function progressLine({ stderr, clock, totalBytes }: TransferViewOptions) {
  if (stderr.isTTY !== true) return { add: () => undefined, clear: () => undefined };
  const startMs = clock();
  let bytes = 0;
  let shownMs = startMs;
  let isShown = false;
  return {
    add(more: number) {
      bytes += more;
      const nowMs = clock();
      if (nowMs - shownMs < EVERY_MS) return;
      shownMs = nowMs;
      isShown = true;
      const share = totalBytes === null ? '' : `${Math.floor((100 * bytes) / Math.max(1, totalBytes))} %, `;
      const perSecond = wordBytes((1000 * bytes) / Math.max(1, nowMs - startMs));
      stderr.write(`${CLEAR_LINE}${share}${wordBytes(bytes)}, ${perSecond}/s`);
    },
    clear() {
      if (isShown) stderr.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
