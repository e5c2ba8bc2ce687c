import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { pack } from 'tar-stream';
import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import type { Parcel } from '../../host/file-transfer.ts';

/**
 * A file or a directory of the controller, ready to be sent; it is read once for its digest. Throws `DiagnosticsError` when it is
 * not there, not readable, or holds what is neither file, directory nor link.
 */
export async function pushSource(file: string, signal: AbortSignal): Promise<Parcel> {
  try {
    const found = await stat(file);
    if (found.isFile()) {
      const open = (): AsyncIterable<Uint8Array> => createReadStream(file, { highWaterMark: 256 * 1024 });
      return {
        kind: 'file',
        name: path.basename(file),
        mode: octal(found.mode),
        ...(await measure(open, signal)),
        open,
      };
    }
    if (!found.isDirectory()) throw cannotSend(`${file} is neither a file nor a directory`);
    const members = await membersOf(file, 'tree');
    const open = (): AsyncIterable<Uint8Array> => tarOf(members);
    const name = path.basename(path.resolve(file));
    return { kind: 'tree', name, mode: octal(found.mode), ...(await measure(open, signal)), open };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DiagnosticsError || !(error instanceof Error) || !('code' in error)) throw error;
    throw cannotSend(error.code === 'ENOENT' ? `There is no ${file}` : error.message);
  }
}

function cannotSend(why: string): DiagnosticsError {
  return new DiagnosticsError([runError('Nothing was sent', `${why}.`)]);
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

async function measure(
  open: () => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of open()) {
    signal.throwIfAborted();
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

type Member = { readonly name: string; readonly mode: number; readonly mtime: Date } & (
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly file: string; readonly size: number }
  | { readonly type: 'symlink'; readonly linkname: string }
);

/** A directory and all below it, by name; links are sent as links. */
async function membersOf(file: string, name: string): Promise<readonly Member[]> {
  const found = name === 'tree' ? await stat(file) : await lstat(file);
  const common = { name, mode: found.mode & 0o777, mtime: found.mtime };
  if (found.isFile()) return [{ ...common, type: 'file', file, size: found.size }];
  if (found.isSymbolicLink()) return [{ ...common, type: 'symlink', linkname: await readlink(file) }];
  if (!found.isDirectory()) throw cannotSend(`${file} is neither a file, a directory nor a link`);
  const members: Member[] = [{ ...common, type: 'directory' }];
  for (const child of (await readdir(file)).sort())
    members.push(...(await membersOf(path.join(file, child), `${name}/${child}`)));
  return members;
}

/** The members as one tar; the same ones give the same bytes. */
function tarOf(members: readonly Member[]): AsyncIterable<Uint8Array> {
  const archive = pack();
  const fill = async (): Promise<void> => {
    for (const member of members) {
      await new Promise<void>((resolve, reject) => {
        const entry = archive.entry(header(member), (error) => (error ? reject(error) : resolve()));
        if (member.type === 'file') write(member, entry as unknown as Writable).catch(reject);
        else (entry as unknown as Writable | undefined)?.end();
      });
    }
    archive.finalize();
  };
  fill().catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive as unknown as AsyncIterable<Uint8Array>;
}

async function write({ file, size }: Extract<Member, { type: 'file' }>, entry: Writable): Promise<void> {
  let left = size;
  if (size > 0) {
    // What a file has grown by meanwhile is not sent: its header is.
    for await (const chunk of createReadStream(file, { end: size - 1, highWaterMark: 256 * 1024 })) {
      left -= (chunk as Buffer).length;
      if (!entry.write(chunk)) await new Promise<void>((resolve) => entry.once('drain', () => resolve()));
    }
  }
  if (left !== 0) throw cannotSend(`${file} became shorter while it was read`);
  entry.end();
}

function header(member: Member) {
  const { name, mode, mtime } = member;
  switch (member.type) {
    case 'file':
      return { name, mode, mtime, type: member.type, size: member.size } as const;
    case 'symlink':
      return { name, mode, mtime, type: member.type, linkname: member.linkname } as const;
    case 'directory':
      return { name, mode, mtime, type: member.type } as const;
  }
}
