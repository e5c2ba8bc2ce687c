import { createWriteStream } from 'node:fs';
import { chmod, link, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

/**
 * Unpacks a tar from a host into a directory that is there and empty. Nothing it says can get out of that directory: names with `..` are
 * refused, links are made only after everything was written, and those that lead out are left out. Resolves to what was left
 * out, in sentences. Throws `UnsafeArchive`.
 */
export async function unpackTree(
  content: AsyncIterable<Uint8Array>,
  directory: string,
): Promise<readonly string[]> {
  const archive = extract();
  const source = Readable.from(content);
  source.on('error', (error) => archive.destroy(error));
  source.pipe(archive as unknown as Writable);
  const left = { links: [] as string[], others: [] as string[] };
  const links: { readonly at: string; readonly to: string }[] = [];
  const modes: { readonly at: string; readonly mode: number }[] = [];
  for await (const entry of archive) {
    const { name, type, linkname, mode = 0o644 } = entry.header;
    const relative = insideName(name);
    const at = path.join(directory, relative);
    switch (type) {
      case 'directory':
        await mkdir(at, { recursive: true, mode: 0o700 });
        modes.push({ at, mode: mode & 0o777 });
        break;
      case 'file':
      case 'contiguous-file':
        await mkdir(path.dirname(at), { recursive: true });
        await pipeline(
          entry as unknown as Readable,
          createWriteStream(at, { flags: 'wx', mode: mode & 0o777 }),
        );
        await chmod(at, mode & 0o777);
        break;
      case 'link':
        // Of files that were written before; not one of them is a link.
        await mkdir(path.dirname(at), { recursive: true });
        await link(path.join(directory, insideName(linkname ?? '')), at);
        break;
      case 'symlink':
        if (leadsOut(relative, linkname ?? '')) left.links.push(relative);
        else links.push({ at: relative, to: linkname ?? '' });
        break;
      default:
        left.others.push(relative);
    }
    entry.resume();
  }
  const names = new Set(links.map(({ at }) => at));
  for (const { at, to } of links) {
    if (hasParentIn(at, names)) throw new UnsafeArchive(`a member lies below the link ${JSON.stringify(at)}`);
    const place = path.join(directory, at);
    await mkdir(path.dirname(place), { recursive: true });
    await symlink(to, place);
  }
  for (const { at, mode } of modes.reverse()) await chmod(at, mode);
  return [
    ...notes('link that leads out of it', 'links that lead out of it', left.links),
    ...notes('device, socket or pipe', 'devices, sockets and pipes', left.others),
  ];
}

/** The archive names a place outside of the directory it is unpacked into. */
export class UnsafeArchive extends Error {
  override readonly name = 'UnsafeArchive';
}

function insideName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..') || name.includes('\0'))
    throw new UnsafeArchive(`a member is called ${JSON.stringify(name)}`);
  return parts.join('/') || '.';
}

/**
 * `..` may only stand at the beginning: after a name, which may be that of a link, one could not tell where it leads without
 * following it. So no chain of links leads out either.
 */
function leadsOut(at: string, to: string): boolean {
  const parts = to.split('/').filter((part) => part !== '' && part !== '.');
  const ups = parts.findIndex((part) => part !== '..');
  const up = ups < 0 ? parts.length : ups;
  const depth = at.split('/').length - 1;
  return to === '' || to.startsWith('/') || up > depth || parts.slice(up).includes('..');
}

function hasParentIn(at: string, names: ReadonlySet<string>): boolean {
  const parts = at.split('/');
  return parts.some((_, n) => n > 0 && names.has(parts.slice(0, n).join('/')));
}

function notes(one: string, several: string, names: readonly string[]): readonly string[] {
  const [first] = names;
  if (first === undefined) return [];
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return [`left out ${names.length} ${names.length === 1 ? one : several}: ${first}${more}`];
}
