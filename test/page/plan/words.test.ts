import { describe, expect, it } from 'vitest';
import { addedLines, diffLines } from '../../../src/page/views/plan/unified.ts';
import {
  shownAttributes,
  wordFate,
  wordsOf,
  wordSummary,
  wordValue,
} from '../../../src/page/views/plan/words.ts';
import { resource } from './plan-parts.ts';

describe('the words of a plan', () => {
  it.each([
    [null, '(none)'],
    ['', '""'],
    [true, 'true'],
    [4222, '4222'],
    ['a'.repeat(64), 'sha256:aaaaaaaaaaaa'],
    ['two\nlines\r\n', 'two\nlines'],
    ['one\rother', 'one^Mother'],
    // Text that would turn itself round.
    ['\u202egnp.exe', '<U+202E>gnp.exe'],
  ])('show the value %j as %s', (value, text) => {
    expect(wordValue(value)).toBe(text);
  });

  it('say what becomes of what goes', () => {
    const kept = { fate: 'kept', why: 'on_remove', entries: 3, bytes: 2048 } as const;
    expect(wordFate(kept, 'directory')).toBe('kept (on_remove = "keep"), 3 entries, 2.0 KiB');
    expect(wordFate({ fate: 'deleted' }, 'service')).toBe('stopped and deleted');
    expect(wordFate({ fate: 'gone' }, 'script')).toBe('has nothing to undo');
    expect(wordsOf(resource('directory.data', { action: 'remove', fate: kept }))).toMatchObject({
      word: 'keep',
    });
  });

  it('count what a plan does', () => {
    const none = { install: 0, update: 0, remove: 0, unchanged: 5, restarts: 0 };
    expect(wordSummary(none)).toBe('nothing to do');
    expect(wordSummary({ ...none, install: 2, remove: 1, restarts: 1 })).toBe(
      '2 to install, 1 to remove, 1 restart',
    );
  });

  it('leave the digests of a text to its differences, and never leave out what is sensitive', () => {
    const content = { name: 'content', before: 'a', after: 'b', sensitive: false };
    const mode = { name: 'mode', before: '0644', after: '0600', sensitive: false };
    const secret = { name: 'password', before: null, after: null, sensitive: true };
    const attributes = [content, mode, secret];
    const names = (diff: string | null): readonly string[] =>
      shownAttributes(resource('file.config', { attributes, diff })).map(({ name }) => name);
    expect(names('@@')).toEqual(['mode', 'password']);
    expect(names(null)).toEqual(['content', 'mode', 'password']);
  });
});

describe('the lines of a difference', () => {
  it('are those of its hunks', () => {
    const diff = [
      '--- /etc/nats.conf',
      '+++ /etc/nats.conf',
      '@@ -1,2 +1,2 @@',
      ' same',
      '-- old',
      '++ new',
      '\\ No newline at end of file',
      '',
    ].join('\n');
    expect(diffLines(diff)).toEqual([
      { kind: 'gap', text: '@@ -1,2 +1,2 @@' },
      { kind: 'same', text: 'same' },
      { kind: 'removed', text: '- old' },
      { kind: 'added', text: '+ new' },
      { kind: 'gap', text: 'No newline at end of file' },
    ]);
  });

  it('are all added where a file is new', () => {
    expect(addedLines('a\n\nb\n').map(({ text }) => text)).toEqual(['a', '', 'b']);
    expect(addedLines('')).toEqual([]);
  });
});
