import type { Diagnostic, SourceRange } from './diagnostic.ts';
import { excerpt } from './excerpt.ts';

export interface RenderOptions {
  /** Text of a file by the name a range gives it; undefined when it cannot be read. */
  readSource(file: string): string | undefined;
  readonly color: boolean;
  /** Columns of the terminal; details are wrapped to it. */
  readonly width: number;
}

const RED = '31';
const YELLOW = '33';
const BLUE = '34';

/** All diagnostics for people: summary, place, the source line with a caret underline, detail. Ends with a newline unless empty. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  // One file may be named by many diagnostics; it is read and split once.
  const files = new Map<string, readonly string[] | undefined>();
  const linesOf = (file: string) => {
    if (!files.has(file)) files.set(file, options.readSource(file)?.split(/\r?\n/));
    return files.get(file);
  };
  return diagnostics.map((diagnostic) => `${render(diagnostic, linesOf, options)}\n`).join('\n');
}

function render(
  { severity, summary, detail, subject }: Diagnostic,
  linesOf: (file: string) => readonly string[] | undefined,
  { color, width }: RenderOptions,
): string {
  const paint = (text: string, code: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const tone = severity === 'error' ? RED : YELLOW;
  const lines = [
    `${paint(severity === 'error' ? 'Error' : 'Warning', `1;${tone}`)}: ${paint(printable(summary), '1')}`,
  ];
  switch (subject.at) {
    case 'source':
      lines.push(`  ${paint('-->', BLUE)} ${place(subject.range)}`);
      if (subject.hidden) break;
      lines.push(
        ...sourceLines(
          subject.range,
          linesOf,
          width,
          (text) => paint(text, tone),
          (text) => paint(text, BLUE),
        ),
      );
      break;
    case 'host':
      lines.push(`  ${paint('-->', BLUE)} host ${subject.host}`);
      break;
    case 'run':
      break;
  }
  lines.push(...wrap(printable(detail), Math.max(20, width - 2)).map((line) => `  ${line}`));
  return lines.join('\n');
}

function place({ file, start }: SourceRange): string {
  return `${file}:${start.line}:${start.column}`;
}

function sourceLines(
  range: SourceRange,
  linesOf: (file: string) => readonly string[] | undefined,
  width: number,
  marked: (text: string) => string,
  framed: (text: string) => string,
): string[] {
  const line = linesOf(range.file)?.[range.start.line - 1];
  if (line === undefined) return [];
  const number = String(range.start.line);
  const margin = ' '.repeat(number.length);
  const { text, before, length } = excerpt(line, range, Math.max(20, width - number.length - 5));
  return [
    `  ${margin} ${framed('|')}`,
    `  ${framed(number)} ${framed('|')} ${text}`,
    `  ${margin} ${framed('|')} ${' '.repeat(before)}${marked('^'.repeat(length))}`,
  ];
}

/** Control characters of a user's file or of a host's output must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}
