import type { Value } from '../../value.ts';
import { InputError } from '../error.ts';
import { isList } from '../marks.ts';
import { asText, kindOf } from '../primitives.ts';
import { define, integer, list, text } from './definition.ts';
import type { EagerFunction } from './definition.ts';
import { formatText } from './format.ts';

/** The user-perceived characters of a text. */
export function graphemes(value: string): string[] {
  if (/^[\x20-\x7f]*$/.test(value)) return value.split('');
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(value)].map((s) => s.segment);
}

function trim(value: string, cut: string, start: boolean, end: boolean): string {
  const characters = new Set(cut);
  const all = [...value];
  let from = 0;
  let to = all.length;
  if (start) while (from < to && characters.has(all[from]!)) from++;
  if (end) while (to > from && characters.has(all[to - 1]!)) to--;
  return all.slice(from, to).join('');
}

function substring(value: string, offset: number, length: number): string {
  const all = graphemes(value);
  const from = offset < 0 ? Math.max(0, all.length + offset) : offset;
  if (length < -1) throw new InputError('a length is needed, or -1 for all the rest', 2);
  return all.slice(from, length === -1 ? undefined : from + length).join('');
}

/** `formatlist`: lists go in step, everything else is repeated. */
function formatList(args: readonly Value[]): Value {
  const lists = args.slice(1).filter(isList);
  const length = lists[0]?.length ?? 1;
  if (lists.some((l) => l.length !== length)) throw new InputError('all lists must have the same length');
  const rows: string[] = [];
  for (let i = 0; i < length; i++) {
    rows.push(
      formatText(
        text(args, 0),
        args.slice(1).map((arg) => (isList(arg) ? arg[i]! : arg)),
      ),
    );
  }
  return rows;
}

function join(args: readonly Value[]): string {
  return args
    .slice(1)
    .flatMap((_, i) => list(args, i + 1))
    .map((item) => asText(item) ?? refuse(item))
    .join(text(args, 0));
}

function refuse(item: Value): never {
  throw new InputError(`a list of strings is needed, and one element is ${kindOf(item)}`, 1);
}

export const stringFunctions: readonly EagerFunction[] = [
  define('chomp(string)', 'Removes newlines at the end.', (a) => text(a, 0).replace(/[\r\n]+$/, '')),
  define('endswith(string, suffix)', 'Whether a string ends with another.', (a) =>
    text(a, 0).endsWith(text(a, 1)),
  ),
  define(
    'format(format, values...)',
    'Fills %s, %d, %v, %q, %f, %05.2f and the like in a string.',
    (a) => formatText(text(a, 0), a.slice(1)),
    { nullable: true },
  ),
  define(
    'formatlist(format, values...)',
    'As format, once for each element of the lists given.',
    formatList,
    { nullable: true },
  ),
  define('indent(spaces, string)', 'Indents all lines but the first.', (a) =>
    text(a, 1).replaceAll('\n', `\n${' '.repeat(spaces(integer(a, 0)))}`),
  ),
  define('join(separator, lists...)', 'One string of all elements with a separator between them.', join),
  define('lower(string)', 'In lower case.', (a) => text(a, 0).toLowerCase()),
  define('split(separator, string)', 'The pieces of a string between separators.', (a) =>
    split(text(a, 0), text(a, 1)),
  ),
  define('startswith(string, prefix)', 'Whether a string starts with another.', (a) =>
    text(a, 0).startsWith(text(a, 1)),
  ),
  define('strcontains(string, part)', 'Whether a string contains another.', (a) =>
    text(a, 0).includes(text(a, 1)),
  ),
  define('strrev(string)', 'The characters in reverse order.', (a) =>
    graphemes(text(a, 0)).reverse().join(''),
  ),
  define(
    'substr(string, offset, length)',
    'A part of a string, by characters; a negative offset counts from the end, length -1 takes the rest.',
    (a) => substring(text(a, 0), integer(a, 1), integer(a, 2)),
  ),
  define('title(string)', 'The first letter of each word in upper case.', (a) =>
    text(a, 0).replace(/(^|\s)(\S)/g, (_, before: string, letter: string) => before + letter.toUpperCase()),
  ),
  define('trim(string, characters)', 'Removes these characters from both ends.', (a) =>
    trim(text(a, 0), text(a, 1), true, true),
  ),
  define('trimprefix(string, prefix)', 'Removes a prefix where it is there.', (a) =>
    withoutPrefix(text(a, 0), text(a, 1)),
  ),
  define('trimspace(string)', 'Removes white space from both ends.', (a) => text(a, 0).trim()),
  define('trimsuffix(string, suffix)', 'Removes a suffix where it is there.', (a) =>
    withoutSuffix(text(a, 0), text(a, 1)),
  ),
  define('upper(string)', 'In upper case.', (a) => text(a, 0).toUpperCase()),
];

function spaces(count: number): number {
  if (count < 0 || count > 1000) throw new InputError('a number from 0 to 1000 is needed', 0);
  return count;
}

function split(separator: string, value: string): string[] {
  return separator === '' ? graphemes(value) : value.split(separator);
}

function withoutPrefix(value: string, prefix: string): string {
  return value.startsWith(prefix) ? value.slice(prefix.length) : value;
}

function withoutSuffix(value: string, suffix: string): string {
  return suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value;
}
