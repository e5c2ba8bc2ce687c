import { FACTS_SECTION } from './facts-program.ts';
import { frameName } from './frame-name.ts';
import { LAYOUT_FUNCTION, LOCK_READING } from './lock-program.ts';
import { HARDWARE_SECTION } from './hardware-program.ts';
import { monitSection } from './monit-program.ts';
import { probeKey, SMALL_FILE_BYTES } from './observation.ts';
import type { ProbeRequest } from './observation.ts';
import type { HostLayout } from './layout.ts';
import { requirementSections } from './requirement-program.ts';
import { sh, quote } from './sh.ts';
import { TREE_DIGEST_FUNCTION } from './tree-digest.ts';
import { usageBegin, usageEnd } from './usage-program.ts';

/** What a connection runs a probe with: the program comes on stdin, for it names the user's paths and may be long. */
export const PROBE_BOOTSTRAP = 'exec sh -s';

/** Longest text that is sent for a diff; one byte more tells that there is more. */
export const MAX_CONTENT_BYTES = 64 * 1024;
export const MAX_COMMAND_BYTES = 4096;
/** Paths per `stat`: far below what a command line may hold. */
const PATHS_PER_COMMAND = 500;

/** Properties of units, in the order of their parsing. */
export const UNIT_PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'FragmentPath',
  'MainPID',
  'NRestarts',
  'ActiveEnterTimestamp',
  'NeedDaemonReload',
  'Result',
  'ExecMainStatus',
  'StateChangeTimestamp',
] as const;

/** Equal requests merged, in the order of first mention; what one of equal ones asks for is asked. */
export function mergeRequests(requests: readonly ProbeRequest[]): readonly ProbeRequest[] {
  const merged = new Map<string, ProbeRequest>();
  for (const request of requests) {
    const key = probeKey(request);
    const known = merged.get(key);
    if (known?.probe === 'path' && request.probe === 'path') {
      merged.set(key, { ...known, ...request, digest: richerDigest(known.digest, request.digest) });
    } else if (known === undefined) merged.set(key, request);
  }
  return [...merged.values()];
}

/** Whether the answer to `asked`, of the same key, says all that `request` wants to know. */
export function tellsAll(asked: ProbeRequest, request: ProbeRequest): boolean {
  if (asked.probe !== 'path' || request.probe !== 'path') return true;
  const sameContent = request.contentUnless === undefined || request.contentUnless === asked.contentUnless;
  return sameContent && richerDigest(asked.digest, request.digest) === (asked.digest ?? false);
}

type Digest = Extract<ProbeRequest, { probe: 'path' }>['digest'];

function richerDigest(one: Digest, other: Digest): NonNullable<Digest> {
  if (one === true || other === true) return true;
  return one === 'small' || other === 'small' ? 'small' : false;
}

type Of<P extends ProbeRequest['probe']> = Extract<ProbeRequest, { probe: P }>;

/**
 * The sh program that answers all requests at once; it changes nothing. Its output is parted into frames by lines that
 * begin with the nonce (32 hex digits), so no content can be taken for a frame. `requests` must be merged.
 *
 * Processes it starts, whatever the number of requests: `stat` and `df`; `cat` where there is a record; one each of `sha256sum`,
 * `dpkg-query`, `systemctl`, `grep` where something asks for it; `find` for the digests of small files; for the usage two or
 * four `grep` and a `sleep`; for monit what `monitSection` says. All else is done by builtins.
 */
export function probeProgram(layout: HostLayout, requests: readonly ProbeRequest[], nonce: string): string {
  const of = <P extends ProbeRequest['probe']>(probe: P): readonly Of<P>[] =>
    requests.filter((request): request is Of<P> => request.probe === probe);
  const sections = [
    `sw_nonce=${nonce}`,
    PRELUDE,
    sh('sw_layout', layout.stateDir, layout.secretsDir, layout.instancesDir),
    layout.confined ? 'sw_confined=yes' : 'sw_confined=no',
    usageBegin(of('usage'), of('load').length > 0),
    FACTS_SECTION,
    OWN_SECTION,
    statSection(of('path'), nonce),
    sumSection(of('path')),
    smallSumSection(of('path')),
    packageSection(of('package')),
    accountSection(of('user'), of('group')),
    unitSection(of('unit')),
    ...of('supervised').map((request) =>
      sh('sw_supervised', frameName(probeKey(request)), `${request.dir}/.slipway/${request.name}`),
    ),
    monitSection(of('monit')),
    of('port').length === 0 ? '' : PORT_SECTION,
    ...requirementSections(requests),
    of('tree').length === 0 ? '' : TREE_FUNCTION,
    ...of('tree').map(({ path }) => sh('sw_tree', frameName(path), path)),
    of('tree-digest').length === 0 ? '' : TREE_DIGEST_FUNCTION,
    ...of('tree-digest').map(
      ({ path }) => `sw_frame tree-digest ${quote(frameName(path))}; tree_digest ${quote(path)}`,
    ),
    of('command').length === 0 ? '' : COMMAND_FUNCTION,
    ...of('command').map(({ key, program, timeoutSeconds }) =>
      sh('sw_command', frameName(key), timeoutSeconds, program),
    ),
    of('hardware').length === 0 ? '' : HARDWARE_SECTION,
    usageEnd(of('usage'), of('load').length > 0),
    'sw_frame end',
  ];
  return `sw_probe() {\n${sections.filter((section) => section !== '').join('\n')}\n}\nsw_probe </dev/null\n`;
}

const PRELUDE = `
LC_ALL=C
export LC_ALL
sw_nl='
'
case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin ;; esac
${LAYOUT_FUNCTION}${LOCK_READING}
sw_frame() { printf '\\n%s %s\\n' "$sw_nonce" "$*"; }
sw_supervised() {
  sw_pid=- sw_child=- sw_since=0 sw_restarts=0 sw_digest=- sw_running=no sw_supervising=no sw_code=-
  { read -r sw_pid sw_start sw_line <"$2/pid"; } 2>/dev/null
  { read -r sw_child sw_child_start sw_since sw_restarts sw_line <"$2/child"; } 2>/dev/null
  { read -r sw_digest sw_line <"$2/digest"; } 2>/dev/null
  { read -r sw_code sw_line <"$2/ended"; } 2>/dev/null
  if sw_alive "$sw_pid" "$sw_start"; then
    sw_supervising=yes
    if sw_alive "$sw_child" "$sw_child_start"; then sw_running=yes; fi
  fi
  sw_frame supervised "$1" "$sw_running" "$sw_child" "$sw_since" "$sw_restarts" "$sw_digest" "$sw_supervising" "$sw_code"
}
`;

/** The record, the lock and the blobs. */
const OWN_SECTION = `
sw_clocks
if [ -s "$sw_state/record" ]; then sw_frame record; cat "$sw_state/record"; fi
sw_highest
if [ "$sw_top" -gt 0 ]; then
  sw_read_lock "$sw_top"
  sw_frame lock "$sw_top" "$sw_l_state" "$sw_l_lineage" "$sw_l_run" "$sw_l_owner" "$sw_l_left" "$sw_l_live"
fi
sw_frame blobs
for sw_file in "$sw_state"/blobs/*; do
  sw_file=\${sw_file##*/}
  if [ "\${#sw_file}" = 64 ]; then printf '%s\\n' "$sw_file"; fi
done
`;

/**
 * One `stat` for all; each of its records begins with a mark of its own (not the nonce: it stands in the process list).
 * The times of `/proc/self/.` are the present: the host's clock for free.
 */
function statSection(paths: readonly Of<'path'>[], nonce: string): string {
  const format = `${statMark(nonce)}\t%f\t%a\t%s\t%U\t%G\t%u\t%g\t%Y\t%N`;
  const commands = chunks(['/proc/self/.', ...paths.map(({ path }) => path)]).map(
    (chunk) => `QUOTING_STYLE=literal ${sh('stat', '-c', format, ...chunk)} 2>/dev/null`,
  );
  return `sw_frame stat\n${commands.join('\n')}`;
}

/** Begins each record of `stat`. */
export function statMark(nonce: string): string {
  return `=${nonce.slice(0, 8)}=`;
}

function sumSection(paths: readonly Of<'path'>[]): string {
  const wanted = paths.filter(({ digest, contentUnless }) => digest === true || contentUnless !== undefined);
  if (wanted.length === 0) return '';
  const parts = chunks(wanted.map(({ path }) => path)).map(
    (chunk) => `set --
for sw_file in ${sh(...chunk)}; do
  if [ -f "$sw_file" ] && [ ! -L "$sw_file" ]; then set -- "$@" "$sw_file"; fi
done
if [ "$#" -gt 0 ]; then sw_sums=$sw_sums$(sha256sum "$@" 2>/dev/null)$sw_nl; fi`,
  );
  const contents = wanted.flatMap(({ path, contentUnless }) =>
    contentUnless === undefined ? [] : [sh('sw_content', frameName(path), contentUnless, path)],
  );
  const content = `sw_content() {
  case $sw_sums in *"$sw_nl$2  $3$sw_nl"*) return 0 ;; esac
  if [ ! -f "$3" ] || [ -L "$3" ]; then return 0; fi
  sw_frame content "$1"
  head -c ${MAX_CONTENT_BYTES + 1} "$3" 2>/dev/null
}`;
  return [
    'sw_sums=$sw_nl',
    ...parts,
    'sw_frame sums',
    `printf '%s' "$sw_sums"`,
    ...(contents.length === 0 ? [] : [content, ...contents]),
  ].join('\n');
}

/** `find` knows sizes, which no builtin does; it keeps the order of what it is given. */
function smallSumSection(paths: readonly Of<'path'>[]): string {
  const wanted = paths.filter(
    ({ digest, contentUnless }) => digest === 'small' && contentUnless === undefined,
  );
  if (wanted.length === 0) return '';
  const size = `-${SMALL_FILE_BYTES + 1}c`;
  const commands = chunks(wanted.map(({ path }) => path)).map(
    (chunk) => `${sh('find', ...chunk)} -prune -type f -size ${size} -exec sha256sum {} + 2>/dev/null`,
  );
  return `sw_frame small-sums\n${commands.join('\n')}`;
}

function packageSection(packages: readonly Of<'package'>[]): string {
  if (packages.length === 0) return '';
  const names = sh(...packages.map(({ name }) => name));
  return `if command -v dpkg-query >/dev/null; then
  sw_found=$(dpkg-query -W -f='\${Package}\\t\${db:Status-Status}\\t\${Version}\\n' ${names} 2>/dev/null)
  sw_frame packages
  printf '%s\\n' "$sw_found"
  set --
  for sw_file in ${names}; do
    case $sw_nl$sw_found in *"$sw_nl\${sw_file%%:*}\${sw_tab}installed$sw_tab"*) ;; *) set -- "$@" "$sw_file" ;; esac
  done
  if [ "$#" -gt 0 ]; then sw_frame candidates; apt-cache policy "$@" 2>/dev/null; fi
fi`;
}

/** Local accounts by builtins; those of a directory service by getent, only when one was not found. */
function accountSection(users: readonly Of<'user'>[], groups: readonly Of<'group'>[]): string {
  if (users.length + groups.length === 0) return '';
  const list = (names: readonly string[]): string => quote(` ${names.join(' ')} `);
  return `sw_users=${list(users.map(({ name }) => name))} sw_groups=${list(groups.map(({ name }) => name))} sw_gids=' '
sw_frame users
while IFS=: read -r sw_name sw_x sw_uid sw_gid sw_rest; do
  case $sw_users in *" $sw_name "*) sw_gids="$sw_gids$sw_gid "; printf '%s\\n' "$sw_name:$sw_uid:$sw_gid:$sw_rest" ;; esac
done </etc/passwd
sw_frame groups
while IFS=: read -r sw_name sw_x sw_gid sw_members; do
  sw_wanted=no
  case $sw_groups in *" $sw_name "*) sw_wanted=yes ;; esac
  case $sw_gids in *" $sw_gid "*) sw_wanted=yes ;; esac
  if [ "$sw_wanted" = no ] && [ -n "$sw_members" ]; then
    for sw_user in $sw_users; do case ,$sw_members, in *",$sw_user,"*) sw_wanted=yes ;; esac; done
  fi
  if [ "$sw_wanted" = yes ]; then printf '%s\\n' "$sw_name:$sw_gid:$sw_members"; fi
done </etc/group`;
}

function unitSection(units: readonly Of<'unit'>[]): string {
  if (units.length === 0) return '';
  const names = sh(...units.map(({ name }) => name));
  return `if [ "$sw_init" = systemd ]; then
  sw_frame units
  TZ=UTC systemctl show -p Id,${UNIT_PROPERTIES.join(',')} -- ${names} 2>&1
fi`;
}

/** Listening sockets (state 0A); filtered on the host, where there may be thousands of others. */
const PORT_SECTION = `sw_frame ports
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null`;

const TREE_FUNCTION = `sw_tree() {
  sw_frame tree "$1"
  if [ -d "$2" ]; then
    find "$2" -exec stat -c '=%f %s' {} + 2>/dev/null | awk '/^=/ { n++; if (substr($1, 2, 1) == "8") s += $2 } END { printf "%d %.0f\\n", n - 1, s }'
  fi
}`;

/**
 * The program's output goes on through `head`, and is read to its end so that nothing breaks its pipe; its exit code
 * comes by a way of its own.
 */
const COMMAND_FUNCTION = `sw_command() {
  sw_frame command "$1"
  {
    sw_code=$({
      {
        if command -v timeout >/dev/null; then
          timeout "$2" sh -c "$3" </dev/null 2>&1 3>&- 4>&-
        else
          sh -c "$3" </dev/null 2>&1 3>&- 4>&-
        fi
        printf '%s' "$?" >&3
      } | { head -c ${MAX_COMMAND_BYTES}; cat >/dev/null; } >&4
    } 3>&1)
  } 4>&1
  sw_frame code "$1" "$sw_code"
}`;

function chunks(words: readonly string[]): readonly (readonly string[])[] {
  const result: string[][] = [];
  for (let i = 0; i < words.length; i += PATHS_PER_COMMAND)
    result.push(words.slice(i, i + PATHS_PER_COMMAND));
  return result;
}
