import { StringDecoder } from 'node:string_decoder';

/** A line that does not end is handed on in pieces of so many characters. */
const LONGEST = 64 * 1024;

/** Takes bytes as they come and hands on whole lines, without their ends. */
export interface LineReader {
  push(chunk: Buffer): void;
  /** Hands on what has no end of line. */
  end(): void;
}

export function lineReader(onLine: (line: string) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    while (rest.length > LONGEST) {
      onLine(rest.slice(0, LONGEST));
      rest = rest.slice(LONGEST);
    }
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
