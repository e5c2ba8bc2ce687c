import { isUtf8 } from 'node:buffer';
import type { PathObservation, ProbeRequest } from './observation.ts';
import { MAX_CONTENT_BYTES, statMark } from './probe-program.ts';

/** What a probe printed about paths; latin1, one character per byte. */
export interface PathOutput {
  readonly stat: string;
  readonly sums: string;
  /** Of files of which a digest was asked for if they are small. */
  readonly smallSums?: string;
  readonly content: (path: string) => Buffer | null;
  readonly nonce: string;
}

export interface PathsFound {
  readonly found: ReadonlyMap<string, PathObservation>;
  /** null: `stat` gave nothing to read. */
  readonly clockSeconds: number | null;
}

/**
 * Both `stat` and `sha256sum` leave out what is not there, and keep the order of what is: their lines are matched with the
 * paths in that order, so that no name, however odd, can be taken for another one.
 */
export function parsePaths(requests: readonly ProbeRequest[], output: PathOutput): PathsFound {
  const asked = [...new Set(requests.flatMap((request) => (request.probe === 'path' ? [request.path] : [])))];
  const digests = new Map([...parseSums(asked, output.smallSums ?? ''), ...parseSums(asked, output.sums)]);
  const found = new Map<string, PathObservation>();
  let clockSeconds: number | null = null;
  let next = 0;
  for (const line of output.stat.split(`${statMark(output.nonce)}\t`).slice(1)) {
    const fields = line.replace(/\n$/, '').split('\t');
    const [mode = '', permissions = '', size = '', user = '', group = '', uid = '', gid = '', changed = ''] =
      fields;
    const name = fields.slice(8).join('\t');
    if (clockSeconds === null) {
      clockSeconds = Number(changed);
      continue;
    }
    const type = fileType(Number.parseInt(mode, 16));
    const index = asked.findIndex((path, i) => i >= next && isNamed(bytesOf(path), name, type));
    const path = asked[index];
    if (path === undefined) continue;
    next = index + 1;
    found.set(path, {
      type,
      mode: permissions.padStart(4, '0'),
      owner: user === 'UNKNOWN' ? uid : user,
      group: group === 'UNKNOWN' ? gid : group,
      sizeBytes: Number(size),
      target: type === 'link' ? linkTarget(bytesOf(path), name) : null,
      digest: digests.get(path) ?? null,
      content: textOf(output.content(path)),
    });
  }
  return { found, clockSeconds };
}

function bytesOf(path: string): string {
  return Buffer.from(path).toString('latin1');
}

function fileType(mode: number): PathObservation['type'] {
  switch (mode & 0xf000) {
    case 0x8000:
      return 'file';
    case 0x4000:
      return 'directory';
    case 0xa000:
      return 'link';
    default:
      return 'other';
  }
}

/** `%N`: GNU prints `NAME -> TARGET` as asked, busybox and old GNU with quotes round both. */
function isNamed(path: string, name: string, type: PathObservation['type']): boolean {
  if (type !== 'link') return name === path || name === `'${path}'`;
  return name.startsWith(`${path} -> `) || name.startsWith(`'${path}' -> '`);
}

function linkTarget(path: string, name: string): string {
  const plain = `${path} -> `;
  const target = name.startsWith(plain) ? name.slice(plain.length) : name.slice(plain.length + 3, -1);
  return Buffer.from(target, 'latin1').toString();
}

function parseSums(asked: readonly string[], text: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  let next = 0;
  let at = 0;
  while (at < text.length) {
    if (text[at] === '\n') {
      at++;
      continue;
    }
    const head = /^\\?([0-9a-f]{64}) [ *]/.exec(text.slice(at, at + 68));
    if (head === null) break;
    const from = at + head[0].length;
    const index = asked.findIndex((path, i) => {
      if (i < next) return false;
      const bytes = bytesOf(path);
      return text.startsWith(`${bytes}\n`, from) || text.startsWith(`${escaped(bytes)}\n`, from);
    });
    const path = asked[index];
    if (path === undefined) {
      // A line of something that was not asked for: on to the next one.
      at = text.indexOf('\n', from);
      if (at < 0) break;
      continue;
    }
    const bytes = bytesOf(path);
    digests.set(path, head[1] ?? '');
    at = from + (text.startsWith(`${bytes}\n`, from) ? bytes.length : escaped(bytes).length);
    next = index + 1;
  }
  return digests;
}

/** As GNU sha256sum writes odd names, after a backslash at the beginning of the line. */
function escaped(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** Text that is short enough to show; null for binary, or for more than that. */
function textOf(content: Buffer | null): string | null {
  if (content === null || content.length > MAX_CONTENT_BYTES) return null;
  return isUtf8(content) && !content.includes(0) ? content.toString() : null;
}
