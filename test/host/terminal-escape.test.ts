import { describe, expect, it } from 'vitest';
import { escapeReader } from '../../src/host/terminal-escape.ts';

/** What is sent when these pieces are typed; `!` where the person leaves. */
function sent(...pieces: string[]): string {
  const read = escapeReader();
  let text = '';
  for (const piece of pieces) {
    const { send, leave } = read(Buffer.from(piece));
    text += send.toString();
    if (leave) return `${text}!`;
  }
  return text;
}

describe('the escape of a session', () => {
  it.each([
    ['leaves at the start', ['~.'], '!'],
    ['leaves after a line, typed key by key', ['l', 's', '\r', '~', '.', 'x'], 'ls\r!'],
    ['drops what was typed after it', ['\n~.rm\n'], '\n!'],
    ['is none within a line', ['a~.\r'], 'a~.\r'],
    ['sends one tilde for two', ['~~.\r'], '~.\r'],
    ['sends a tilde that is no escape', ['~/bin\r~x'], '~/bin\r~x'],
    ['carries every byte', ['ü\u0003\u0000'], 'ü\u0003\u0000'],
  ])('%s', (_, typed, result) => expect(sent(...typed)).toBe(result));
});
