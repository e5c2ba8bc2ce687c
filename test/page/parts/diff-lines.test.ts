import { describe, expect, it } from 'vitest';
import { countLines, numberLines, pairLines } from '../../../src/page/parts/diff-lines.ts';
import { diffLines } from '../../../src/page/views/plan/unified.ts';

const DIFF = `--- a
+++ b
@@ -3,3 +3,4 @@
 same
-old one
-old two
+new one
+new two
+new three
 end
@@ -20,0 +22,1 @@
+added
`;

describe('the lines of a difference', () => {
  const numbered = numberLines(diffLines(DIFF));

  it('bear their numbers before and after', () => {
    expect(numbered.map(({ kind, before, after }) => `${kind} ${before} ${after}`)).toEqual([
      'gap null null',
      'same 3 3',
      'removed 4 null',
      'removed 5 null',
      'added null 4',
      'added null 5',
      'added null 6',
      'same 6 7',
      'gap null null',
      'added null 22',
    ]);
  });

  it('stand side by side', () => {
    expect(pairLines(numbered).map(({ before, after }) => [before?.text, after?.text])).toEqual([
      ['@@ -3,3 +3,4 @@', '@@ -3,3 +3,4 @@'],
      ['same', 'same'],
      ['old one', 'new one'],
      ['old two', 'new two'],
      [undefined, 'new three'],
      ['end', 'end'],
      ['@@ -20,0 +22,1 @@', '@@ -20,0 +22,1 @@'],
      [undefined, 'added'],
    ]);
  });

  it('are counted', () => {
    expect(countLines(numbered)).toEqual({ added: 4, removed: 2 });
  });
});
