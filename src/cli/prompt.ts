import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Terminal } from './command.ts';

/** Asks a question at the terminal; a secret answer is not echoed. */
export async function ask(
  terminal: Pick<Terminal, 'stdin' | 'stdout'>,
  question: string,
  options: { secret: boolean },
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: terminal.stdin,
    output: options.secret ? silent : terminal.stdout,
    terminal: true,
  });
  try {
    if (options.secret) terminal.stdout.write(question);
    const answer = await reader.question(options.secret ? '' : question);
    if (options.secret) terminal.stdout.write('\n');
    return answer;
  } finally {
    reader.close();
  }
}
