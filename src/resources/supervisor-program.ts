import { quote } from '../host/sh.ts';
import { shellCommandLine } from './command-line.ts';

/** Above this the log is moved to `log.1`. */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Shell function `process_of FILE`: does the process that a `pid` or `child` file names still run? Sets `$process` and
 * `$process_more` (the words after the start time) and `$process_group`. Builtins only.
 */
export const PROCESS_OF_FUNCTION = `
process_of() {
  process= process_more=
  { read -r process process_start process_more <"$1"; } 2>/dev/null || { process=; return 1; }
  process_started "$process" && [ "$process_started" = "$process_start" ] || { process=; return 1; }
}
process_started() {
  process_started=
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  { read -r process_stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${process_stat##*) }
  case $1 in Z | X) return 1 ;; esac
  process_started=\${20} process_group=$3
}
group_runs() {
  kill -0 "-$1" 2>/dev/null || return 1
  process_started "$1" && return 0
  group=$1
  for group_stat in /proc/[0-9]*/stat; do
    { read -r process_stat <"$group_stat"; } 2>/dev/null || continue
    set -- \${process_stat##*) }
    [ "$3" != "$group" ] || case $1 in Z | X) ;; *) return 0 ;; esac
  done
  return 1
}
naps=0
nap() {
  if sleep 0.05 2>/dev/null; then naps=$((naps + 1)); else sleep 1; naps=$((naps + 20)); fi
}
`;

/**
 * The supervisor: `setsid sh run FOLDER STOP_TIMEOUT_SECONDS`. Restarts `program` when it ends with anything but 0, after
 * 1, 2, 4 ... 30 seconds (1 again once it has lived for a minute). TERM ends both.
 */
export const SUPERVISOR_PROGRAM = `# managed by slipway: keeps the program beside this file running
cd "$1" || exit 1
stop_naps=$(($2 * 20))
umask 022
${PROCESS_OF_FUNCTION.trim()}
put() {
  printf '%s\\n' "$2" >"$1.new" && mv -f "$1.new" "$1"
}
rotate() {
  [ -f log ] || return 0
  [ "$(wc -c <log)" -gt ${LOG_LIMIT_BYTES} ] || return 0
  cp log log.1 && : >log
}
finish() {
  # Between a start and the knowledge of its number nothing can be stopped: a moment later, then.
  if [ "$starting" = 1 ]; then pending=1; return 0; fi
  trap '' TERM INT HUP
  if [ -n "$child" ]; then
    kill -TERM "-$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null
    naps=0
    while group_runs "$child" && [ "$naps" -lt "$stop_naps" ]; do nap; done
    kill -KILL "-$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  leave
}
leave() {
  trap '' TERM INT HUP
  kill -TERM 0
  wait 2>/dev/null
  rm -f child ticker pid
  exit 0
}
child= restarts=0 delay=1 starting=0 pending=0
trap finish TERM INT HUP
process_started $$
put pid "$$ $process_started"
(
  trap - TERM INT HUP
  while sleep 60 && kill -0 $$ 2>/dev/null; do rotate; done
) &
process_started $! && put ticker "$! $process_started"
while :; do
  rotate
  starting=1
  setsid env -i PATH="$PATH" HOME="\${HOME:-/}" USER="\${USER:-}" LOGNAME="\${LOGNAME:-}" LANG="\${LANG:-C}" \\
    sh ./program </dev/null >>log 2>&1 &
  child=$!
  starting=0
  since=$(date +%s)
  process_started "$child"
  [ "$pending" = 0 ] || finish
  put child "$child \${process_started:-0} $since $restarts"
  wait "$child" 2>/dev/null
  code=$?
  ended=$child
  child=
  kill -KILL "-$ended" 2>/dev/null
  rm -f child
  put ended "$code"
  if [ "$code" = 0 ]; then
    echo "slipway: the program has ended" >>log
    leave
  fi
  [ $(($(date +%s) - since)) -lt 60 ] || delay=1
  echo "slipway: the program ended with exit code $code, it is started again in $delay s" >>log
  sleep "$delay" &
  wait $!
  delay=$((delay * 2))
  [ "$delay" -le 30 ] || delay=30
  restarts=$((restarts + 1))
done
`;

/** What the supervisor executes. */
export interface Program {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string | null;
  readonly user: string | null;
  readonly group: string | null;
}

/** The text of `program`: becomes the service's own process, with an environment that holds nothing of the run that started it. */
export function renderProgram(program: Program): string {
  const lines = ['# managed by slipway', 'set -f'];
  if (program.user !== null) lines.push(...enterUser(program.user));
  for (const name of Object.keys(program.environment).sort())
    lines.push(`export ${name}=${quote(program.environment[name] ?? '')}`);
  lines.push(`cd ${quote(program.workingDirectory ?? '/')} || exit 1`);
  lines.push(`set -- ${shellCommandLine(program.words)}`);
  lines.push(...(program.user === null && program.group === null ? ['exec "$@"'] : switchUser(program)));
  return lines.join('\n') + '\n';
}

/** HOME, USER and the like as systemd sets them; dies when there is no such user. */
function enterUser(user: string): readonly string[] {
  return [
    `USER=${quote(user)} LOGNAME=${quote(user)} HOME= GID=`,
    'while IFS=: read -r name _ _ gid _ home _; do',
    '  [ "$name" != "$USER" ] || HOME=$home GID=$gid',
    'done </etc/passwd',
    '[ -n "$GID" ] || { echo "slipway: there is no user $USER"; exit 1; }',
    'export USER LOGNAME HOME',
  ];
}

/** By whatever the host has that keeps the process's number, so that the supervisor knows whom to stop. */
function switchUser(program: Program): readonly string[] {
  const user = program.user ?? 'root';
  const group = program.group;
  const groupWord = group === null ? '"$GID"' : quote(group);
  const daemonUser = quote(group === null ? user : `${user}:${group}`);
  return [
    'if setpriv --reuid 0 --regid 0 --clear-groups true 2>/dev/null; then',
    `  exec setpriv --reuid ${quote(user)} --regid ${groupWord} --init-groups -- "$@"`,
    'fi',
    'if command -v start-stop-daemon >/dev/null; then',
    '  path=$(command -v "$1") || { echo "slipway: there is no program $1"; exit 127; }',
    '  shift',
    `  exec start-stop-daemon -S -q -p /nonexistent/pid -c ${daemonUser} -a "$path" -- "$@"`,
    'fi',
    group === null
      ? `exec su -s /bin/sh ${quote(user)} -c 'exec "$@"' -- sh "$@"`
      : 'echo "slipway: neither setpriv nor start-stop-daemon is there to switch the group"; exit 1',
  ];
}
