import { InputError } from '../error.ts';

/** A glob as a pattern over a whole path with slashes: `*` and `?` stay in one part, `**` crosses parts. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|\{[^}]*\}|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.startsWith('[') && token.length > 2)
      return token.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    if (token.startsWith('{') && token.length > 2)
      return `(?:${token
        .slice(1, -1)
        .split(',')
        .map((part) => globPattern(part).source.slice(1, -1))
        .join('|')})`;
    return `\\${token}`;
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new InputError('this is no valid pattern', 1);
  }
}
