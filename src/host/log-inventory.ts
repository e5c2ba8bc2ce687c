/** What one look at the sources of a host saw. */
export interface LogInventory {
  /** Regular files that match a source's pattern, by the source's number, in the order of their names. */
  readonly matches: ReadonlyMap<number, readonly LogFile[]>;
  /** Those, and what lies beside them under the names of rotation, by path. */
  readonly files: ReadonlyMap<string, LogFile>;
  /** What is held open, by identity; `path` reads it whatever became of its name. */
  readonly held: ReadonlyMap<string, LogFile & { readonly holder: number }>;
}

export interface LogFile {
  readonly path: string;
  /** `DEV:INODE`: what stays when a file is renamed. */
  readonly identity: string;
  readonly sizeBytes: number;
  /** Seconds since 1970 by the host's clock. */
  readonly modifiedSeconds: number;
}

const STAT_LINE = /^(\d+:\d+) (\d+) (-?\d+) ([0-9a-f]+) (.*)$/s;
const HELD = /^\/proc\/(\d+)\/fd\/0$/;

/** Reads what `look` of LOG_PROGRAM prints. */
export function parseInventory(text: string): LogInventory {
  const files = new Map<string, LogFile>();
  const held = new Map<string, LogFile & { readonly holder: number }>();
  const owned: { readonly source: number; readonly path: string }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('=')) {
      const at = line.indexOf(' ');
      owned.push({ source: Number(line.slice(1, at)), path: line.slice(at + 1) });
      continue;
    }
    const match = STAT_LINE.exec(line);
    // Type 8: a regular file.
    if (match === null || !(match[4] ?? '').startsWith('8')) continue;
    const [, identity = '', size, modified, , path = ''] = match;
    const file = { path, identity, sizeBytes: Number(size), modifiedSeconds: Number(modified) };
    const holder = HELD.exec(path)?.[1];
    if (holder === undefined) files.set(path, file);
    else held.set(identity, { ...file, holder: Number(holder) });
  }
  const matches = new Map<number, LogFile[]>();
  for (const { source, path } of owned) {
    const file = files.get(path);
    if (file === undefined) continue;
    const list = matches.get(source);
    if (list === undefined) matches.set(source, [file]);
    else list.push(file);
  }
  return { matches, files, held };
}

/** Is `path` a name that rotation gives to a file called `base`: `app.log.1`, `app.log-20260102`, `app-20260102.log`, `app.log.1.gz`? */
export function isRotationOf(base: string, path: string): boolean {
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  if (path === base || !path.startsWith(folder)) return false;
  const name = base.slice(folder.length);
  const other = path.slice(folder.length).replace(COMPRESSED, '');
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  if (other.startsWith(name)) return /^(?:[-._]\d[-._0-9TZ]*|\.old)$/.test(other.slice(name.length));
  if (!other.startsWith(stem) || !other.endsWith(ending)) return false;
  // `worker-2.log` is no rotation of `worker.log`: a date is wanted.
  return /^[-._]\d{4}[-._]?\d\d[-._]?\d\d[-._0-9TZ]*$/.test(
    other.slice(stem.length, other.length - ending.length),
  );
}

const COMPRESSED = /\.(?:gz|xz|bz2|zst|lz4|Z|zip)$/;

/** Nothing that could be read as lines. */
export function isCompressed(path: string): boolean {
  return COMPRESSED.test(path);
}
