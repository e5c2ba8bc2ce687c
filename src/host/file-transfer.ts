import { HostError } from './connection.ts';
import type { Connection, ExecResult, ExecStream } from './connection.ts';

/** What is put on a host: a file's bytes, or a tar whose one top directory is `tree`. */
export interface Parcel {
  readonly kind: 'file' | 'tree';
  /** Its name where the target turns out to be a directory to put it into. */
  readonly name: string;
  /** Of a file that is new there: `0644`. */
  readonly mode: string;
  /** Of the whole stream. */
  readonly sizeBytes: number;
  /** Of the whole stream, in hex. */
  readonly sha256: string;
  /** The stream anew. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface PutOptions {
  /** Absolute; an existing directory, or what ends with a slash: into it. */
  readonly path: string;
  /** null: that of the parcel, or of the file it replaces. */
  readonly mode: string | null;
  /** As for chown; null: root (whoever we are there), or the owner of the file it replaces. */
  readonly owner: string | null;
  /** A tree may replace what is there. */
  readonly replace: boolean;
  readonly signal: AbortSignal;
  /** Bytes sent since the last call. */
  readonly onSent: (bytes: number) => void;
}

const SUM_FUNCTION = 'sw_sum() { openssl dgst -sha256 -r 2>/dev/null || sha256sum; }';

/**
 * Arguments: PATH NAME file|tree SHA256 SIZE MODE OWNER REPLACE USUAL-MODE; the parcel on stdin. It is received beside its place,
 * verified, and takes its place by one rename. Prints the path on the last line. Exit codes: 10 something about the
 * path, 11 cannot write, 12 no room, 13 damaged.
 */
const PUT_PROGRAM = `
${SUM_FUNCTION}
umask 077
set -f
fail() { printf '%s\\n' "$2" >&2; exit "$1"; }
target=$1 name=$2 kind=$3 sum=$4 size=$5 mode=$6 owner=$7 replace=$8 usual=$9
case $target in
  */) target=\${target%/}; [ -d "$target/" ] || fail 10 "there is no directory $target" ;;
esac
if [ -d "$target/" ]; then target=$target/$name; fi
if [ "$kind" = file ] && [ -L "$target" ]; then target=$(readlink -f -- "$target") || fail 10 "the link $1 leads nowhere"; fi
parent=\${target%/*}
[ -d "$parent/" ] || fail 10 "there is no directory $parent"
if [ -d "$target" ] && [ "$kind" = file ]; then fail 10 "$target is a directory"; fi
if [ -e "$target" ] || [ -L "$target" ]; then
  if [ "$kind" = file ]; then
    [ -f "$target" ] || fail 10 "$target is no regular file"
    [ -n "$mode" ] || mode=$(stat -c %a -- "$target")
    [ -n "$owner" ] || owner=$(stat -c %u:%g -- "$target")
  else
    [ -n "$replace" ] || fail 10 "$target is there already"
  fi
fi
set -- $(df -Pk -- "$parent/" 2>/dev/null | tail -n 1)
if [ "$4" -ge 0 ] 2>/dev/null && [ "$4" -le "$((size / 1024))" ]; then
  fail 12 "$4 KiB are free on the file system of $parent/"
fi
work=$(mktemp -d "$parent/.slipway-push.XXXXXX") || fail 11 "cannot write into $parent/"
leave() {
  # What was moved away goes back unless something has taken its place.
  if [ -e "$work/old" ] || [ -L "$work/old" ]; then
    [ -e "$target" ] || [ -L "$target" ] || mv -- "$work/old" "$target" || return
  fi
  rm -rf "$work"
}
trap leave EXIT
# PIPE: nobody may be left to hear of a failure.
trap 'exit 13' HUP INT TERM PIPE
if [ -n "$owner" ]; then
  : >"$work/owner"
  chown -- "$owner" "$work/owner" || fail 11 "cannot give anything to $owner"
fi
if [ "$kind" = file ]; then
  cat >"$work/new" || fail 11 "cannot write $target"
  found=$(sw_sum <"$work/new")
else
  mkfifo "$work/fifo" || fail 11 "cannot write into $parent/"
  sw_sum <"$work/fifo" >"$work/sum" &
  tee "$work/fifo" | { tar -xpof - -C "$work"; code=$?; cat >/dev/null; exit "$code"; } || fail 11 "cannot unpack into $parent/"
  wait
  found=$(cat "$work/sum")
  mv "$work/tree" "$work/new" || fail 13 "it came in cut off"
fi
[ "\${found%% *}" = "$sum" ] || fail 13 "it has another digest than it should have"
if [ -n "$owner" ]; then chown -R -h -- "$owner" "$work/new" || fail 11 "cannot give it to $owner"; fi
if [ "$kind" = file ]; then chmod "\${mode:-$usual}" "$work/new" || fail 11 "cannot set its mode"; fi
if [ "$kind" = tree ] && { [ -e "$target" ] || [ -L "$target" ]; }; then
  mv -- "$target" "$work/old" || fail 11 "cannot move $target away"
fi
mv -f -- "$work/new" "$target" || fail 11 "cannot write $target"
printf '%s\\n' "$target"
`;

/**
 * Puts a file or a tree in its place on a host, whole or not at all. Resolves to its path there. Rejects with `HostError`:
 * `denied`, `no-space`, or a transient one.
 */
export async function putParcel(
  connection: Connection,
  parcel: Parcel,
  options: PutOptions,
): Promise<string> {
  const { path, mode, owner, replace, signal } = options;
  const { kind, name, sha256, sizeBytes } = parcel;
  const words = [
    path,
    name,
    kind,
    sha256,
    sizeBytes,
    mode ?? '',
    owner ?? '',
    replace ? '1' : '',
    parcel.mode,
  ];
  const result = await connection.exec({
    program: PUT_PROGRAM,
    args: words.map(String),
    stdin: counted(parcel, options.onSent),
    signal,
  });
  if (result.code !== 0) throw notPut(connection.host, parcel, result);
  return result.stdout.toString().replace(/\n$/, '');
}

async function* counted({ open }: Parcel, onSent: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of open()) {
    yield chunk;
    onSent(chunk.length);
  }
}

function notPut(host: string, { kind, sizeBytes }: Parcel, { code, stderr }: ExecResult): HostError {
  const said = stderr.toString();
  const lines = said.split('\n').filter((line) => line !== '');
  const why = lines.at(-1) ?? `exit code ${code}`;
  if (code === 12 || /no space left|quota exceeded|disk full/i.test(said)) {
    const room = code === 12 ? `: ${why}` : '';
    return new HostError(
      host,
      'no-space',
      `there is no room for ${sizeBytes} bytes${room}`,
      'Nothing was changed.',
    );
  }
  switch (code) {
    case 10: {
      const taken = kind === 'tree' && why.endsWith('is there already');
      return new HostError(host, 'denied', why, taken ? '--force puts the new one in its place.' : '');
    }
    case 13:
      return new HostError(
        host,
        'lost',
        `it came in damaged: ${why}`,
        'Did a file change meanwhile? Try again.',
      );
    default:
      return new HostError(host, 'denied', lines.slice(-2).reverse().join('; ') || why);
  }
}

/**
 * Argument: PATH. Prints `file MODE SIZE` or `tree 0 0` on a line, then the file's bytes or a tar of what is in the directory;
 * on stderr, beside what tar says, the exit code of the reading and the digest of all that came after that line. Writes
 * nothing on the host: hence the detour over /dev/fd.
 */
const TAKE_PROGRAM = `
${SUM_FUNCTION}
fail() { printf '%s\\n' "$1" >&2; exit 10; }
path=$1
if [ -d "$path" ]; then
  cd "$path" || exit 11
  sw_take() { tar -cf - .; }
  echo 'tree 0 0'
elif [ -f "$path" ]; then
  [ -r "$path" ] || { echo "$path may not be read" >&2; exit 11; }
  sw_take() { cat -- "$path"; }
  printf 'file %s\\n' "$(stat -L -c '%a %s' -- "$path")"
else
  { [ -e "$path" ] || [ -L "$path" ]; } || fail "there is no $path"
  fail "$path is neither a file nor a directory"
fi
{ { sw_take; echo "slipway-code $?" >&2; } | tee /dev/fd/3 | sw_sum | sed 's/^/slipway-sum /' >&2; } 3>&1 | cat
`;

/** What comes from a host. */
export interface Delivery {
  readonly kind: 'file' | 'tree';
  /** Permissions of a file. */
  readonly mode: number;
  /** Of a file, when it was looked at; 0 for a tree. */
  readonly sizeBytes: number;
  /** The file's bytes, or a tar. */
  readonly content: AsyncIterable<Buffer>;
  /** To be called once the content was read: rejects unless it is whole and has this digest. Gives what tar complained about. */
  verify(sha256: string): Promise<readonly string[]>;
  close(): void;
}

/** Begins to fetch a file or a directory. Rejects with `HostError`: `denied`, or a transient one. */
export async function takeFrom(connection: Connection, path: string, signal: AbortSignal): Promise<Delivery> {
  const { host } = connection;
  const stream = await connection.open({ program: TAKE_PROGRAM, args: [path], signal });
  stream.stdin.on('error', () => undefined).end();
  let said = '';
  stream.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 64 * 1024) said += text;
    else said = said.slice(-32 * 1024) + text;
  });
  const nextChunk = chunksOf(stream);
  const complaints = (): readonly string[] =>
    said.split('\n').filter((line) => line !== '' && !/^slipway-(?:code|sum) /.test(line));
  const failed = (code: number | null): HostError => {
    const why = complaints().slice(-2).join('; ') || `exit code ${code}`;
    return new HostError(host, 'denied', why);
  };
  let head: Buffer = Buffer.alloc(0);
  while (!head.includes(0x0a)) {
    const next = await nextChunk();
    if (next.done === true) throw failed((await stream.exit).code);
    head = Buffer.concat([head, next.value]);
  }
  const end = head.indexOf(0x0a);
  const [kind = '', mode = '', size = ''] = head.toString('latin1', 0, end).split(' ');
  if (kind !== 'file' && kind !== 'tree') throw new HostError(host, 'protocol', `${host} says "${kind}"`);
  async function* content(): AsyncIterable<Buffer> {
    if (head.length > end + 1) yield head.subarray(end + 1);
    for (;;) {
      const next = await nextChunk();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return {
    kind,
    mode: Number.parseInt(mode, 8) & 0o777,
    sizeBytes: Number(size),
    content: content(),
    async verify(sha256) {
      const { code } = await stream.exit;
      const read = /^slipway-code (\d+)$/m.exec(said)?.[1];
      const sum = /^slipway-sum ([0-9a-f]{64})/m.exec(said)?.[1];
      // GNU tar's 1: a file changed while it was read, which is a complaint.
      if (read !== '0' && !(kind === 'tree' && read === '1'))
        throw failed(read === undefined ? code : Number(read));
      if (sum !== sha256) throw new HostError(host, 'lost', 'it came in damaged or cut off', 'Try again.');
      return complaints();
    },
    close: () => stream.close(),
  };
}

/**
 * Chunk by chunk what a program prints. A connection that breaks ends no stream: its loss is told by the exit alone. (A race
 * of every chunk with the exit would keep all chunks in memory until that.)
 */
function chunksOf({ stdout, exit }: ExecStream): () => Promise<IteratorResult<Buffer>> {
  const chunks = (stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let lost: { readonly error: unknown } | null = null;
  let tell: (error: unknown) => void = () => undefined;
  exit.catch((error: unknown) => {
    lost = { error };
    tell(error);
  });
  return () =>
    new Promise((resolve, reject) => {
      tell = reject;
      if (lost === null) chunks.next().then(resolve, reject);
      else reject(lost.error as Error);
    });
}
