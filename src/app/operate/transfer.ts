import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HostError, type Connection } from '../../host/connection.ts';
import {
  putParcel,
  takeFrom,
  type Delivery,
  type Parcel,
  type PutOptions,
} from '../../host/file-transfer.ts';
import { onEachHost, type EachHostOptions, type HostOutcome } from './each-host.ts';
import type { OpenCluster } from './open-cluster.ts';
import { unpackTree, UnsafeArchive } from './unpack-tree.ts';

export interface TransferOptions extends EachHostOptions {
  /** Bytes that went over since the last call, to or from all hosts together. */
  readonly onBytes: (bytes: number) => void;
  readonly onEnd: (outcome: TransferOutcome) => void;
}

export type TransferOutcome = HostOutcome<Transferred>;

export interface Transferred {
  /** Where it is now: on the host, or here. */
  readonly path: string;
  readonly bytes: number;
  /** Of a file its digest; of a directory that of the tar in which it travelled. */
  readonly sha256: string;
  /** What did not come along, in sentences. */
  readonly notes: readonly string[];
}

/** Puts a file or directory on each of these hosts, whole or not at all. */
export function pushToHosts(
  cluster: OpenCluster,
  hosts: readonly string[],
  parcel: Parcel,
  target: Pick<PutOptions, 'path' | 'mode' | 'owner' | 'replace'>,
  options: TransferOptions,
): Promise<readonly TransferOutcome[]> {
  const { signal, onBytes, onEnd } = options;
  const push = async (connection: Connection): Promise<Transferred> => {
    const placed = await putParcel(connection, parcel, { ...target, signal, onSent: onBytes });
    return { path: placed, bytes: parcel.sizeBytes, sha256: parcel.sha256, notes: [] };
  };
  return onEachHost(cluster, hosts, options, push, onEnd);
}

export interface PullTarget {
  /** Absolute, on the hosts. */
  readonly remote: string;
  /** Absolute, here: a name, or a directory into which it goes. */
  readonly local: string;
  /** `local` was written with a slash at its end: a directory, made where it is not there. */
  readonly into: boolean;
  /** A directory may replace what is there. */
  readonly replace: boolean;
}

/** Fetches a file or directory from each of these hosts; from several: into `LOCAL/HOST/NAME`. */
export function pullFromHosts(
  cluster: OpenCluster,
  hosts: readonly string[],
  target: PullTarget,
  options: TransferOptions,
): Promise<readonly TransferOutcome[]> {
  const name = path.posix.basename(target.remote);
  const pull = async (connection: Connection): Promise<Transferred> => {
    const { host } = connection;
    const delivery = await takeFrom(connection, target.remote, options.signal);
    try {
      const place = hosts.length > 1 ? path.join(target.local, host, name) : await singlePlace(target, name);
      if (hosts.length > 1 || target.into) await mkdir(path.dirname(place), { recursive: true });
      return await receive(host, delivery, place, target.replace, options.onBytes);
    } catch (error) {
      throw hereFailed(host, error);
    } finally {
      delivery.close();
    }
  };
  return onEachHost(cluster, hosts, options, pull, options.onEnd);
}

async function singlePlace({ local, into }: PullTarget, name: string): Promise<string> {
  if (into) return path.join(local, name);
  const isDirectory = await stat(local).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isDirectory ? path.join(local, name) : local;
}

/** Receives beside its place, verifies, and renames. */
async function receive(
  host: string,
  delivery: Delivery,
  place: string,
  replace: boolean,
  onBytes: (bytes: number) => void,
): Promise<Transferred> {
  await mayStandAt(host, delivery.kind, place, replace);
  const work = await mkdtemp(path.join(path.dirname(place), '.slipway-pull.'));
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    async function* counted(): AsyncIterable<Buffer> {
      for await (const chunk of delivery.content) {
        hash.update(chunk);
        bytes += chunk.length;
        onBytes(chunk.length);
        yield chunk;
      }
    }
    const fresh = path.join(work, 'new');
    let notes: readonly string[] = [];
    if (delivery.kind === 'file') {
      await pipeline(Readable.from(counted()), createWriteStream(fresh, { flags: 'wx', mode: 0o600 }));
      await chmod(fresh, delivery.mode);
    } else {
      await mkdir(fresh);
      notes = await unpackTree(counted(), fresh);
    }
    const sha256 = hash.digest('hex');
    const complaints = await delivery.verify(sha256);
    if (delivery.kind === 'tree' && replace) await takePlace(fresh, place, path.join(work, 'old'));
    else await rename(fresh, place);
    return { path: place, bytes, sha256, notes: [...notes, ...complaints] };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts it where something may stand, which goes aside, and goes back when that fails. */
export async function takePlace(fresh: string, place: string, aside: string): Promise<void> {
  await rename(place, aside).catch(ignoreAbsent);
  try {
    await rename(fresh, place);
  } catch (error) {
    await rename(aside, place).catch(ignoreAbsent);
    throw error;
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function mayStandAt(
  host: string,
  kind: Delivery['kind'],
  place: string,
  replace: boolean,
): Promise<void> {
  const found = await lstat(place).catch(() => null);
  if (found === null || (kind === 'tree' && replace)) return;
  if (kind === 'tree')
    throw new HostError(
      host,
      'denied',
      `${place} is there already`,
      '--force puts the new one in its place.',
    );
  if (found.isDirectory()) throw new HostError(host, 'denied', `${place} is a directory`);
}

/** What fails on this side is told with its host, as the rest is. */
function hereFailed(host: string, error: unknown): unknown {
  if (error instanceof UnsafeArchive)
    return new HostError(
      host,
      'protocol',
      `the archive from the host is not safe to unpack: ${error.message}`,
    );
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof HostError || typeof code !== 'string') return error;
  const kind = code === 'ENOSPC' ? 'no-space' : 'denied';
  return new HostError(host, kind, `cannot write here: ${message}`, '', { cause: error });
}
