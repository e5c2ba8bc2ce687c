import { isUtf8 } from 'node:buffer';
import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { lastPosition } from './parse.ts';

/** An error at the first byte that is no UTF-8: taken as text it would be another one. Undefined: all is text. */
export function notUtf8(content: Buffer, file: string): Diagnostic | undefined {
  if (isUtf8(content)) return undefined;
  const taken = Buffer.from(content.toString());
  const wrong = content.findIndex((byte, i) => byte !== taken[i]);
  const at = lastPosition(content.subarray(0, wrong).toString(), file);
  return errorAt(at, 'Not in UTF-8', 'The file is in another encoding. Save it as UTF-8.');
}

/** The text of a file; one that is not in UTF-8 is reported. */
export function textOf(content: Buffer, file: string, report: (diagnostic: Diagnostic) => void): string {
  const problem = notUtf8(content, file);
  if (problem) report(problem);
  return content.toString();
}

/** The text behind the mark that some editors put at the front of a file. */
export function withoutByteOrderMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}
