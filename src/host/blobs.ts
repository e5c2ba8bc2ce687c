import type { Writable } from 'node:stream';
import { HostError } from './connection.ts';
import type { Connection, ExecResult } from './connection.ts';
import { lockField, LAYOUT_FUNCTION } from './lock-program.ts';
import type { Blob } from './script.ts';

/** Larger ones are sent each by itself, straight into the file. */
const LARGE_BYTES = 8 * 1024 * 1024;

export interface Upload {
  readonly blobs: readonly Blob[];
  readonly lineage: string;
  /** Bytes sent since the last call. */
  readonly onSent: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends blobs to a host, one after the other, with constant memory. Each is verified on the host before it takes its name in
 * the blob folder: by its seal, where it has one and the host an openssl that knows GMAC, else by SHA-256. Rejects with `HostError`: `no-space`, `denied`, a transient one (also for a blob that
 * came in damaged), or `protocol` for content that is not what its digest says.
 */
export async function uploadBlobs(connection: Connection, upload: Upload): Promise<void> {
  const small = upload.blobs.filter((blob) => blob.sizeBytes <= LARGE_BYTES);
  const single = small.length === 1 ? small : [];
  if (small.length > 1)
    await send(connection, upload, 'tar', small, await tarOf(connection.host, small, upload.onSent));
  for (const blob of [...single, ...upload.blobs.filter(({ sizeBytes }) => sizeBytes > LARGE_BYTES)]) {
    await send(connection, upload, blob.digest, [blob], counted(connection.host, blob, upload.onSent));
  }
}

/** Which of these the host lacks, for a host that was not probed. */
export async function lackingBlobs(
  connection: Connection,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const { stateDir, secretsDir, instancesDir } = connection.layout;
  const { stdout } = await connection.exec({
    program: `${LAYOUT_FUNCTION}sw_layout "$1" "$2" "$3"; shift 3
for sw_file do [ -e "$sw_state/blobs/$sw_file" ] || printf '%s\\n' "lacks $sw_file"; done`,
    args: [stateDir, secretsDir, instancesDir, ...digests],
  });
  const lacking = stdout.toString().matchAll(/^lacks ([0-9a-f]{64})$/gm);
  return new Set([...lacking].map((match) => match[1] ?? ''));
}

/** A key is used once: its nonce need not vary. */
const SEAL_NONCE = '00'.repeat(12);

/**
 * Arguments: STATE SECRETS INSTANCES, LINEAGE (whose unfinished uploads are swept), and `tar` or the digest of the one blob on
 * stdin, which KEY and TAG of its seal may follow. Exit codes: 3 cannot write, 4 damaged. Nothing of a failed upload stays.
 * (PIPE: a shell that tells of its killed program where nobody listens any more.) A seal that does not match, or an openssl that says something else, leaves the word to SHA-256.
 */
const RECEIVE_PROGRAM = `
${LAYOUT_FUNCTION}
umask 077
sw_layout "$1" "$2" "$3"
cd "$sw_state/blobs" 2>/dev/null || { mkdir -p "$sw_state/blobs" && cd "$sw_state/blobs"; } || exit 3
sw_in=.in.$4
if [ -e "$sw_in" ]; then rm -rf "$sw_in"; fi
fail() { cd "$sw_state/blobs"; rm -rf "$sw_in"; exit "$1"; }
trap 'fail 4' HUP TERM PIPE
if [ "$5" = tar ]; then
  mkdir "$sw_in" && cd "$sw_in" || fail 3
  tar -xf - || fail 3
  sw_sums=$(sha256sum *) || fail 3
  set -f
  set -- $sw_sums
  while [ "$#" -gt 1 ]; do
    [ "$1" = "$2" ] || fail 4
    shift 2
  done
  set +f
  mv -f -- * .. || fail 3
  cd .. && rmdir "$sw_in"
else
  cat >"$sw_in" || fail 3
  sealed() { openssl mac -cipher AES-128-GCM -macopt "hexkey:$1" -macopt hexiv:${SEAL_NONCE} -in "$sw_in" GMAC 2>/dev/null; }
  if [ "$#" != 7 ] || [ "$(sealed "$6")" != "$7" ]; then
    sw_sum=$(openssl dgst -sha256 -r "$sw_in" 2>/dev/null) || sw_sum=$(sha256sum "$sw_in")
    [ "\${sw_sum%% *}" = "$5" ] || fail 4
  fi
  mv -f "$sw_in" "$5" || fail 3
fi
`;

async function send(
  connection: Connection,
  upload: Upload,
  what: string,
  blobs: readonly Blob[],
  stdin: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { stateDir, secretsDir, instancesDir } = connection.layout;
  const bytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const seal = what === 'tar' ? undefined : blobs[0]?.seal;
  const check = seal === undefined ? [] : [seal.key, seal.tag.toUpperCase()];
  const result = await connection.exec({
    program: RECEIVE_PROGRAM,
    args: [stateDir, secretsDir, instancesDir, lockField(upload.lineage), what, ...check],
    stdin,
    ...(upload.signal === undefined ? {} : { signal: upload.signal }),
  });
  if (result.code !== 0) throw refused(connection, bytes, result);
}

function refused(connection: Connection, bytes: number, { code, stderr }: ExecResult): HostError {
  const { host } = connection;
  const folder = `${connection.layout.stateDir}/blobs`;
  const complaint = stderr.toString().trim().split('\n').at(-1) ?? '';
  if (/no space left|quota exceeded|disk full/i.test(stderr.toString())) {
    return new HostError(
      host,
      'no-space',
      `${host} is full: ${bytes} bytes do not fit into ${folder}`,
      `Free at least ${bytes} bytes on the file system of ${folder} and run again.`,
    );
  }
  if (code === 4) {
    return new HostError(host, 'lost', `an upload to ${host} came in damaged or cut off`, 'Run again.');
  }
  return new HostError(
    host,
    'denied',
    `cannot upload to ${folder} on ${host}: ${complaint === '' ? `exit code ${code}` : complaint}`,
  );
}

/** The content of a blob; the reading of one that is not as long as it says is a fault of ours, not of the host. */
async function* counted(
  host: string,
  blob: Blob,
  onSent: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  let left = blob.sizeBytes;
  for await (const chunk of readable(host, blob)) {
    left -= chunk.length;
    yield chunk;
    onSent(chunk.length);
  }
  if (left !== 0) {
    throw new HostError(
      host,
      'protocol',
      `a file changed while it was sent to ${host}: ${blob.sizeBytes} bytes were announced, ${blob.sizeBytes - left} came`,
      UNSTEADY_REMEDY,
    );
  }
}

const UNSTEADY_REMEDY = 'Do not change files of a definition during a run.';

/** What fails in reading is not the host's fault, and another try would not mend it. */
async function* readable(host: string, blob: Blob): AsyncIterable<Uint8Array> {
  try {
    yield* blob.open();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `what was to be sent to ${host} cannot be read: ${why}`;
    throw cause instanceof HostError
      ? cause
      : new HostError(host, 'protocol', message, UNSTEADY_REMEDY, { cause });
  }
}

/** The blobs as one tar stream; entries are named by their digests. */
async function tarOf(
  host: string,
  blobs: readonly Blob[],
  onSent: (bytes: number) => void,
): Promise<AsyncIterable<Uint8Array>> {
  // Most that is asked of a host sends nothing.
  const { pack } = await import('tar-stream');
  const archive = pack();
  const fill = async (): Promise<void> => {
    for (const blob of blobs) {
      await new Promise<void>((resolve, reject) => {
        const header = { name: blob.digest, size: blob.sizeBytes, mode: 0o600, mtime: new Date(0) };
        const entry = archive.entry(header, (error) => (error ? reject(error) : resolve()));
        const write = async (): Promise<void> => {
          for await (const chunk of readable(host, blob)) {
            // The archive may hold it longer than it is valid.
            if (!entry.write(Uint8Array.from(chunk)))
              await new Promise<void>((drained) => entry.once('drain', () => drained()));
            onSent(chunk.length);
          }
          (entry as unknown as Writable).end();
        };
        write().catch(reject);
      });
    }
    archive.finalize();
  };
  fill().catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive as unknown as AsyncIterable<Uint8Array>;
}
