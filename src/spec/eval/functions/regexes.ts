import type { Value } from '../../value.ts';
import { InputError } from '../error.ts';
import { emptyObject } from '../marks.ts';
import { define, text } from './definition.ts';
import type { EagerFunction } from './definition.ts';

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** A pattern in RE2's syntax, which Terraform uses, as far as it differs from JavaScript's. */
function pattern(source: string, argument: number): RegExp {
  let flags = 'g';
  const bare = source
    .replace(/^\(\?([imsU]+)\)/, (_, letters: string) => {
      flags += letters.replace('U', '');
      return '';
    })
    .replaceAll('(?P<', '(?<')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX_CLASSES[name] ?? whole)
    .replaceAll('\\A', '(?<![\\s\\S])')
    .replaceAll('\\z', '(?![\\s\\S])');
  for (const mode of [`${flags}u`, flags]) {
    try {
      return new RegExp(bare, mode);
    } catch {
      // Without "u" JavaScript allows more escapes, as RE2 does.
    }
  }
  throw new InputError('this is no valid regular expression', argument);
}

/** Named groups as an object, numbered groups as a list, no groups as the matching text. */
function captured(match: RegExpMatchArray): Value {
  if (match.groups) {
    const object = emptyObject();
    for (const [name, value] of Object.entries(match.groups)) object[name] = value ?? null;
    return object;
  }
  return match.length === 1 ? match[0] : match.slice(1).map((value) => value ?? null);
}

function first(source: string, value: string): Value {
  for (const match of value.matchAll(pattern(source, 0))) return captured(match);
  throw new InputError('the pattern does not match; use can() or try() where that may be', 1);
}

/** A pattern between slashes is a regular expression; in the replacement `$1` and `${name}` are its groups. */
function replace(value: string, part: string, by: string): string {
  if (part.length < 2 || !part.startsWith('/') || !part.endsWith('/'))
    return value.replaceAll(part, () => by);
  return value.replace(pattern(part.slice(1, -1), 1), (...match: unknown[]) => {
    const groups = typeof match.at(-1) === 'object' ? (match.at(-1) as Record<string, string>) : {};
    return by.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
      if (whole === '$$') return '$';
      const name = braced ?? plain ?? '';
      return (/^\d+$/.test(name) ? (match[Number(name)] as string | undefined) : groups[name]) ?? '';
    });
  });
}

export const regexFunctions: readonly EagerFunction[] = [
  define(
    'regex(pattern, string)',
    'What a pattern matches first: a string, a list of its groups, or an object of its named groups. No match is an error.',
    (a) => first(text(a, 0), text(a, 1)),
  ),
  define('regexall(pattern, string)', 'All matches of a pattern, as regex gives one.', (a) =>
    [...text(a, 1).matchAll(pattern(text(a, 0), 0))].map(captured),
  ),
  define(
    'replace(string, part, replacement)',
    'Replaces all occurrences; a part between slashes is a regular expression.',
    (a) => replace(text(a, 0), text(a, 1), text(a, 2)),
  ),
];
