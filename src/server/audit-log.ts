import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AuditLine } from './use-cases.ts';

/** Refusals of strangers that are kept in a minute: nobody fills our disk by being refused. */
const STRANGERS_A_MINUTE = 60;

export interface AuditLog {
  add(line: AuditLine): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

/**
 * `audit.log` in `.slipway`, a line of JSON for each changing request. The file is opened anew for each: whoever rotates it need tell nobody. A line
 * that cannot be written is told to `onProblem`, once in a row, and stops nothing.
 */
export function openAuditLog(file: string, onProblem: (message: string) => void): AuditLog {
  let last: Promise<void> = Promise.resolve();
  let failing = false;
  let minute = 0;
  let strangers = 0;
  const isKept = ({ who, time }: AuditLine): boolean => {
    if (who !== null) return true;
    const now = Math.floor(Date.parse(time) / 60_000);
    if (now !== minute) [minute, strangers] = [now, 0];
    return ++strangers <= STRANGERS_A_MINUTE;
  };
  const write = async (text: string): Promise<void> => {
    try {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await appendFile(file, text, { mode: 0o600 });
      failing = false;
    } catch (error) {
      if (!failing) onProblem(`the audit log is not complete: ${String(error)}`);
      failing = true;
    }
  };
  return {
    add(line) {
      if (isKept(line)) last = last.then(() => write(`${JSON.stringify(line)}\n`));
    },
    flush: () => last,
  };
}
