import type { Key } from 'ink';

/** A key as the views know it: a name, or the character itself. */
export type Press = string;

/** What was typed, key by key: a paste comes as one piece. */
export function pressesOf(input: string, key: Key): readonly Press[] {
  if (key.ctrl) return [`ctrl-${input}`];
  for (const name of NAMED) if (key[name]) return [PRESS_OF[name]];
  return [...input].flatMap((character) => {
    if (character === '\r' || character === '\n') return ['enter'];
    return character < ' ' ? [] : [character];
  });
}

const NAMED = [
  'upArrow',
  'downArrow',
  'leftArrow',
  'rightArrow',
  'pageUp',
  'pageDown',
  'home',
  'end',
  'return',
  'escape',
  'backspace',
  'delete',
  'tab',
] as const;

const PRESS_OF: Readonly<Record<(typeof NAMED)[number], Press>> = {
  upArrow: 'up',
  downArrow: 'down',
  leftArrow: 'left',
  rightArrow: 'right',
  pageUp: 'pageup',
  pageDown: 'pagedown',
  home: 'home',
  end: 'end',
  return: 'enter',
  escape: 'escape',
  backspace: 'backspace',
  // Terminals send for backspace what Ink calls delete.
  delete: 'backspace',
  tab: 'tab',
};
