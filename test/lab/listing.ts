import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The command to run on a host; fields separated by tabs, entries by NUL. `-xdev` leaves out what is no disk: /proc /sys /dev /run /tmp. */
export const listingCommand = String.raw`find / -xdev -printf '%p\t%y\t%m\t%u:%g\t%s\t%l\0'`;

const kinds: Readonly<Record<string, string>> = {
  f: 'file',
  d: 'directory',
  l: 'link',
  p: 'fifo',
  s: 'socket',
  c: 'char',
  b: 'block',
};

const notOnDisk = /^\/(proc|sys|dev|run|tmp)$/;
/** Who logged in when: written by the host itself at every login. */
const loginRecords = /^\/var\/log\/(wtmp|btmp|lastlog|faillog)$/;

/**
 * Turns the output of the listing command into one line per file, sorted by path: `path type mode owner:group size sha256`.
 * Directories and links have `-` for what means nothing for them; links end in `-> target`.
 * Only files in the host's own layer are read: all others are those of the base, whose sums are known.
 */
export async function describeFiles(found: string, upper: string, checksums: string): Promise<string[]> {
  const baseSums = await readChecksums(checksums);
  const lines: string[] = [];
  for (const entry of found.split('\0')) {
    const [file = '', type = '', mode = '', owner, size, target] = entry.split('\t');
    if (file === '' || notOnDisk.test(file) || loginRecords.test(file)) continue;
    const start = `${file} ${kinds[type] ?? type}`;
    if (type === 'l') lines.push(`${start} - ${owner} - -> ${target}`);
    else if (type !== 'f') lines.push(`${start} ${mode.padStart(4, '0')} ${owner} - -`);
    else
      lines.push(`${start} ${mode.padStart(4, '0')} ${owner} ${size} ${await sumOf(file, upper, baseSums)}`);
  }
  return lines.sort();
}

/** What differs between two listings; a changed file shows in both parts. */
export function compareListings(
  before: readonly string[],
  after: readonly string[],
): { gone: string[]; added: string[] } {
  const [earlier, later] = [new Set(before), new Set(after)];
  return {
    gone: before.filter((line) => !later.has(line)),
    added: after.filter((line) => !earlier.has(line)),
  };
}

async function sumOf(file: string, upper: string, baseSums: ReadonlyMap<string, string>): Promise<string> {
  const own = path.join(upper, file);
  const stat = await lstat(own).catch(() => undefined);
  if (!stat?.isFile()) return baseSums.get(file) ?? 'unreadable';
  const hash = createHash('sha256');
  // A file that vanishes meanwhile is no reason to fail: the comparison will show it.
  const read = await pipeline(createReadStream(own), hash).then(
    () => true,
    () => false,
  );
  return read ? hash.digest('hex') : 'vanished';
}

async function readChecksums(file: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (const line of (await readFile(file, 'utf8')).split('\0')) sums.set(line.slice(67), line.slice(0, 64));
  return sums;
}
