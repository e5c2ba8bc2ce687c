import type { SourcePosition, SourceRange } from '../diagnostics/diagnostic.ts';

/** Where names and entries stand in a JSON document, by path: `components`, `components.nats`, `components.nats[1]`. */
export interface JsonPlaces {
  readonly ranges: ReadonlyMap<string, SourceRange>;
  /** Names that an object has twice, at the second place: JSON lets the last one win. */
  readonly repeated: readonly { readonly path: string; readonly range: SourceRange }[];
}

interface Level {
  readonly path: string;
  /** Of the next entry of a list; null in an object. */
  index: number | null;
  /** A name in an object comes next. */
  wantsName: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
/** Deeper names are not told: what stands there is the value of a variable. */
const DEPTH = 3;

/** The places in a text that is valid JSON. */
export function jsonPlaces(text: string, file: string): JsonPlaces {
  const ranges = new Map<string, SourceRange>();
  const repeated: { path: string; range: SourceRange }[] = [];
  const positionAt = advancing(text);
  const levels: Level[] = [];
  let path = '';

  const note = (name: string, at: number, token: string): void => {
    if (levels.length > DEPTH) return;
    const range = { file, start: positionAt(at), end: positionAt(at + token.length) };
    if (ranges.has(name)) repeated.push({ path: name, range });
    ranges.set(name, range);
  };
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    const level = levels.at(-1);
    if (level?.wantsName === true && token.startsWith('"')) {
      path = joined(level.path, JSON.parse(token) as string);
      level.wantsName = false;
      note(path, match.index, token);
      continue;
    }
    if (token === '}' || token === ']') {
      levels.pop();
      continue;
    }
    if (token === ':') continue;
    if (token === ',') {
      if (level !== undefined) level.wantsName = level.index === null;
      continue;
    }
    if (level !== undefined && level.index !== null) {
      path = `${level.path}[${level.index++}]`;
      note(path, match.index, token);
    }
    if (token === '{') levels.push({ path, index: null, wantsName: true });
    else if (token === '[') levels.push({ path, index: 0, wantsName: false });
  }
  return { ranges, repeated };
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The place of an offset. Asked for in ascending order: what lies before is counted once. */
function advancing(text: string): (offset: number) => SourcePosition {
  let [from, line, column, byte] = [0, 1, 1, 0];
  return (offset) => {
    const passed = text.slice(from, offset);
    const lines = passed.split('\n');
    const last = [...(lines.at(-1) ?? '')].length;
    line += lines.length - 1;
    column = lines.length > 1 ? last + 1 : column + last;
    byte += Buffer.byteLength(passed);
    from = offset;
    return { line, column, byte };
  };
}
