import { decodeRecordField } from './record-codec.ts';
import type { ScriptEvent, ScriptOutcome } from './script.ts';

/** Longest line that is passed on; the rest of a longer one is counted, not kept. */
export const MAX_LINE_BYTES = 64 * 1024;
/** A marker carries a message of a step at most. */
const MAX_MARKER_BYTES = 1024 * 1024;
const LAST_LINES = 20;
const NEWLINE = 10;

/**
 * Turns a script's output, as it comes in, into events and an outcome. Memory is bounded whatever the script prints: it may
 * be binary, or ten megabytes on one line. Survives the connection: feed it what comes after `offset`.
 */
export class ScriptOutput {
  /** Bytes taken in so far. */
  offset = 0;
  /** The last step that started. */
  step: string | null = null;
  /** A marker was seen: a step has begun, or the script has ended. */
  begun = false;
  /** All that a script has left is here, though it may have died before its end marker. */
  complete = false;
  #nonce: Buffer;
  #onEvent: (event: ScriptEvent) => void;
  /** The end of what came, when it may be the first bytes of a nonce. */
  #carry: Buffer = Buffer.alloc(0);
  /** Bytes of a marker whose newline has not come yet. */
  #marker: Buffer[] | null = null;
  #markerBytes = 0;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #cutBytes = 0;
  #lastLines: string[] = [];
  #message = '';
  #fencedBy: string | null = null;
  #code: number | null = null;

  constructor(nonce: string, onEvent: (event: ScriptEvent) => void) {
    this.#nonce = Buffer.from(nonce);
    this.#onEvent = onEvent;
  }

  /** Whether the end marker has come. */
  get ended(): boolean {
    return this.#code !== null;
  }

  feed(chunk: Buffer): void {
    this.offset += chunk.length;
    let rest = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = Buffer.alloc(0);
    while (rest.length > 0) {
      if (this.#marker !== null) {
        const end = rest.indexOf(NEWLINE);
        const part = end < 0 ? rest : rest.subarray(0, end);
        // None of ours is longer: whoever sends more wants to fill our memory.
        if (this.#markerBytes < MAX_MARKER_BYTES) this.#marker.push(Buffer.from(part));
        this.#markerBytes += part.length;
        if (end < 0) return;
        const marker = Buffer.concat(this.#marker).toString();
        this.#marker = null;
        rest = rest.subarray(end + 1);
        this.#mark(marker.slice(1));
        continue;
      }
      const at = rest.indexOf(this.#nonce);
      if (at < 0) {
        const kept = possibleStart(rest, this.#nonce);
        this.#text(rest.subarray(0, rest.length - kept));
        this.#carry = Buffer.from(rest.subarray(rest.length - kept));
        return;
      }
      this.#text(rest.subarray(0, at));
      if (this.#lineBytes > 0) this.#endLine();
      this.#marker = [];
      this.#markerBytes = 0;
      rest = rest.subarray(at + this.#nonce.length);
    }
  }

  /** What was printed since the last step began, at most 20 lines. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** How the script ended; `ended` must be true. */
  outcome(): ScriptOutcome {
    if (this.#fencedBy !== null) return { outcome: 'fenced', holder: this.#fencedBy };
    if (this.#code === 0) return { outcome: 'succeeded' };
    return {
      outcome: 'failed',
      step: this.step ?? '',
      code: this.#code ?? -1,
      message: this.#message,
      lastLines: [...this.#lastLines],
    };
  }

  /** The outcome of a script that did not live to write its end marker. */
  vanished(): ScriptOutcome {
    if (this.#lineBytes > 0) this.#endLine();
    return { outcome: 'vanished', step: this.step, lastLines: [...this.#lastLines] };
  }

  #mark(marker: string): void {
    this.begun = true;
    const space = marker.indexOf(' ');
    const word = space < 0 ? marker : marker.slice(0, space);
    const rest = space < 0 ? '' : marker.slice(space + 1);
    switch (word) {
      case 'step':
        this.step = decodeRecordField(rest);
        this.#lastLines = [];
        this.#message = '';
        this.#onEvent({ type: 'step-started', step: this.step });
        return;
      case 'done':
        if (this.step !== null) this.#onEvent({ type: 'step-finished', step: this.step });
        return;
      case 'die':
        this.#message = rest.slice(0, MAX_LINE_BYTES);
        return;
      case 'fenced':
        this.#fencedBy = decodeRecordField(rest);
        return;
      case 'complete':
        this.complete = true;
        return;
      case 'end':
        this.#code = Number.parseInt(rest, 10);
        return;
    }
  }

  #text(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      const end = bytes.indexOf(NEWLINE, from);
      this.#extend(bytes.subarray(from, end < 0 ? bytes.length : end));
      if (end < 0) return;
      this.#endLine();
      from = end + 1;
    }
  }

  #extend(part: Buffer): void {
    const room = Math.max(0, MAX_LINE_BYTES - this.#lineBytes);
    // A copy: the chunk it is a part of need not live as long as the line.
    if (room > 0 && part.length > 0) this.#line.push(Buffer.from(part.subarray(0, room)));
    this.#lineBytes += part.length;
    this.#cutBytes += Math.max(0, part.length - room);
  }

  #endLine(): void {
    let line = Buffer.concat(this.#line).toString();
    if (this.#cutBytes > 0) {
      const note = ` [${this.#cutBytes} more bytes on this line]`;
      line = line.slice(0, MAX_LINE_BYTES - note.length) + note;
    }
    this.#line = [];
    this.#lineBytes = 0;
    this.#cutBytes = 0;
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    this.#onEvent({ type: 'output', step: this.step, line });
  }
}

/** Length of the longest end of `bytes` that is a beginning of `nonce`. */
function possibleStart(bytes: Buffer, nonce: Buffer): number {
  for (let length = Math.min(nonce.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(nonce.subarray(0, length))) return length;
  }
  return 0;
}
