import path from 'node:path';
import type { DownloadEvent } from '../../app/operate/download-logs.ts';
import { count, wordBytes, wordDuration } from '../../terminal/amounts.ts';
import { visible } from '../../terminal/sanitize.ts';
import { paint } from '../../terminal/style.ts';
import { truncate } from '../../terminal/width.ts';
import { aboutHost } from './logs-text.ts';

export interface DownloadViewOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
  readonly width: number;
  /** Absolute. */
  readonly directory: string;
  /** The same as the user sees it. */
  readonly shown: string;
  readonly clock: () => number;
}

const REDRAW_MS = 100;

/** A line per file that was fetched; below them, on a terminal, one that tells how far it is. */
export function createDownloadView(options: DownloadViewOptions): {
  onEvent(event: DownloadEvent): void;
  finish(isInterrupted: boolean): void;
} {
  const { stdout, stderr, color, width, directory, shown, clock } = options;
  const startMs = clock();
  const hosts = new Set<string>();
  const total = { files: 0, bytes: 0 };
  const done = { files: 0, bytes: 0, resumed: 0 };
  let failures = 0;
  /** What came, with what is still under way. */
  let received = 0;
  let drawnMs = 0;
  let isDrawn = false;

  const erase = (): void => {
    if (isDrawn) stderr.write('\r\u001b[2K');
    isDrawn = false;
  };
  const draw = (): void => {
    const now = clock();
    if (stderr.isTTY !== true || now - drawnMs < REDRAW_MS) return;
    drawnMs = now;
    const perSecond = (received / Math.max(1, now - startMs)) * 1000;
    const text = `${done.files} of ${count(total.files, 'file')}, ${wordBytes(received)} of ${wordBytes(Math.max(total.bytes, received))}, ${wordBytes(Math.round(perSecond))}/s`;
    stderr.write(`\r\u001b[2K${truncate(text, width - 1)}`);
    isDrawn = true;
  };
  const say = (stream: NodeJS.WriteStream, text: string): void => {
    erase();
    stream.write(`${text}\n`);
  };

  return {
    onEvent(event) {
      switch (event.type) {
        case 'found':
          hosts.add(event.host);
          total.files += event.files;
          total.bytes += event.bytes;
          return draw();
        case 'progress':
          received += event.bytes;
          return draw();
        case 'fetched': {
          done.files++;
          done.bytes += event.bytes;
          done.resumed += event.resumedBytes;
          const resumed =
            event.resumedBytes > 0
              ? paint(`, ${wordBytes(event.resumedBytes)} were there`, 'faint', color)
              : '';
          const file = visible(path.relative(directory, event.file));
          say(stdout, `${wordBytes(event.bytes).padStart(10)}  ${file}${resumed}`);
          return draw();
        }
        case 'retry':
          return say(stderr, paint(`-- ${aboutHost(event.host, event.text)}`, 'warn', color));
        case 'failed': {
          failures++;
          const text = event.what === null ? event.text : `${event.what}: ${event.text}`;
          return say(stderr, `${paint('Error:', 'bad', color)} ${aboutHost(event.host, text)}`);
        }
      }
    },
    finish(isInterrupted) {
      erase();
      const size = `${count(done.files, 'file')} (${wordBytes(done.bytes)})`;
      const time = wordDuration(clock() - startMs);
      stdout.write(`\n${isInterrupted ? 'Interrupted: ' : ''}${size} in ${shown}, verified, in ${time}.\n`);
      if (isInterrupted) stdout.write('The same command goes on where it stopped.\n');
      else if (failures > 0)
        stdout.write(`${count(failures, 'failure')}: the same command fetches what is missing.\n`);
    },
  };
}
