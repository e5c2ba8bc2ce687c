import { LAYOUT_FUNCTION, LOCK_READING, LOCK_TAKING, LOCK_WRITING } from './lock-program.ts';

/** Begins the one line in which a program of ours answers, so that what a login script prints before is passed over. */
export const ANSWER = '@slipway ';

const ANSWERING = `
sw_answer() { printf '${ANSWER}%s\\n' "$*"; }
`;

/**
 * Follows the output of a run directory on stdout while stdin says what to do:
 *   alive          ends with code 3 when the script's process is gone: its end may be missing in the output (a full disk)
 *   done           the output was fetched: the run directory goes; the program ends
 *   last DIGEST... the same, then these blobs, and, when the record holds nothing any more, all of slipway's own files
 * End of stdin (a lost connection) ends the following and nothing else. Reads line by line with a builtin, so there is no
 * process beside \`tail\`. GNU tail is told how often to look for file systems where it has to (overlayfs); busybox' cannot be.
 */
const FOLLOWING = `
sw_pause='-s 0.05' sw_ifs=$IFS
IFS=:
for sw_file in $PATH; do
  if [ -x "$sw_file/tail" ]; then
    if [ -L "$sw_file/tail" ] || [ "$sw_file/tail" -ef /bin/busybox ]; then sw_pause=; fi
    break
  fi
done
IFS=$sw_ifs
# PID: of the script as far as it is known. OFFSET: of the first byte, from 1.
sw_follow() {
  tail $sw_pause -c +"$2" -f "$sw_run_dir/output" &
  sw_tail=$!
  exec >/dev/null
  while read -r sw_word sw_rest; do
    case $sw_word in
      alive)
        sw_pid=$1
        sw_start_of "$sw_pid"
        { read -r sw_pid sw_start sw_line <"$sw_run_dir/pid"; } 2>/dev/null
        if ! sw_alive "$sw_pid" "$sw_start"; then kill "$sw_tail" 2>/dev/null; exit 3; fi ;;
      done|last) kill "$sw_tail" 2>/dev/null; sw_clean "$sw_word" $sw_rest; exit 0 ;;
    esac
  done
  kill "$sw_tail" 2>/dev/null
}
# Once the output was fetched. Older locks are of no use any more.
sw_clean() {
  sw_word=$1
  shift
  # The end is told before it is written down: what is written into a directory while it is removed would stay.
  sw_pid= sw_tries=0
  { read -r sw_pid sw_start sw_line <"$sw_run_dir/pid"; } 2>/dev/null
  while [ ! -e "$sw_run_dir/exit" ] && [ "$sw_tries" -lt 1020 ] && sw_alive "$sw_pid" "$sw_start"; do
    sw_tries=$((sw_tries + 1))
    if [ "$sw_tries" -gt 1000 ]; then sleep 1; fi
  done
  for sw_file in "$sw_state"/lock.*; do
    case \${sw_file##*.} in *[!0-9]*) continue ;; esac
    if [ "\${sw_file##*.}" -lt "$sw_token" ]; then set -- "$@" "../lock.\${sw_file##*.}"; fi
  done
  cd "$sw_state/blobs" 2>/dev/null && rm -rf "$sw_run_dir" "$sw_tmpfs/$sw_script" "$@"
  cd /
  if [ "$sw_word" = last ]; then sw_vanish; fi
}
# Nothing of ours is left on this host: neither does slipway. Whoever takes the lock in this moment wins.
sw_vanish() {
  [ ! -s "$sw_state/record" ] && sw_is_current "$sw_token" || return 0
  sw_token=$((sw_token + 1))
  set -C
  { sw_write_lock "$sw_token" held - - -; } 2>/dev/null || return 0
  set +C
  for sw_file in "$sw_state"/runs/*; do
    # A run that somebody still has to fetch.
    if [ -e "$sw_file" ]; then sw_write_lock "$sw_token" free - - -; return 0; fi
  done
  rm -rf "$sw_state"
  rmdir "$sw_tmpfs" "$sw_instances" 2>/dev/null
  return 0
}
`;

const ARGUMENTS = `
umask 077
sw_layout "$1" "$2" "$3"
sw_script=$4 sw_lineage=$5 sw_run=$6 sw_owner=$7 sw_token=$8
sw_run_dir=$sw_state/runs/$sw_script
shift 8
`;

/** What a script needs in its state directory: for markers, a few lines of output and of the record. */
const ROOM_BYTES = 16 * 1024;

/**
 * Starts a script and follows its output, in one exec. Arguments: STATE SECRETS INSTANCES NAME LINEAGE RUN OWNER TOKEN (0: the
 * lock has to be taken) EXPECTED BYTES ATTEMPT. Stdin: the script's BYTES bytes, a line \`go\` (a script that was cut off is never
 * started), then the words of following. Lineage, run and owner are encoded as record fields.
 *
 * Answers \`started TOKEN\`, or why not: \`busy\` (a script of our own lineage still runs), \`locked ...\`, \`changed\`, \`fenced\`,
 * \`denied\`, \`full\`. NAME is \`LINEAGE-UNIQUE\`: run directories that a killed controller of our lineage has left are swept (who
 * holds the lock has no script running); those of another lineage may still be fetched.
 */
export const START_PROGRAM = `
${LAYOUT_FUNCTION}${LOCK_READING}${LOCK_WRITING}${LOCK_TAKING}${ANSWERING}${FOLLOWING}${ARGUMENTS}
if [ "$sw_token" = 0 ]; then
  sw_take "$1"
elif ! sw_is_current "$sw_token"; then
  sw_highest
  sw_clocks
  sw_read_lock "$sw_top"
  sw_answer fenced "$sw_l_owner"
  exit 0
fi
set -- "$2" "$3"
mkdir -p "$sw_run_dir" "$sw_tmpfs/$sw_script" "$sw_state/backups" "$sw_state/blobs" || { sw_answer denied; exit 0; }
for sw_file in "$sw_state/runs/\${sw_script%-*}"-* "$sw_tmpfs/\${sw_script%-*}"-*; do
  case $sw_file in
    */"$sw_script"|*'*') ;;
    *) rm -rf "$sw_file" ;;
  esac
done
sw_text=$sw_tmpfs/$sw_script/.script.$2
dd bs="$1" count=1 iflag=fullblock of="$sw_text" 2>/dev/null || { sw_answer full "$sw_tmpfs"; exit 0; }
read -r sw_word
if [ "$sw_word" != go ]; then exit 0; fi
# Without room for what it says and notes, nobody would ever learn how it ended.
if ! { printf '%${ROOM_BYTES}s' '' >"$sw_run_dir/room"; } 2>/dev/null; then
  rm -rf "$sw_run_dir" "$sw_tmpfs/$sw_script"
  sw_answer full "$sw_state"
  exit 0
fi
: >"$sw_run_dir/room"
: >>"$sw_run_dir/output"
if command -v setsid >/dev/null; then sw_detach=setsid; else sw_detach=nohup; fi
$sw_detach sh "$sw_text" "$sw_state" "$sw_tmpfs/$sw_script" "$sw_token" </dev/null >>"$sw_run_dir/output" 2>&1 &
sw_answer started "$sw_token"
sw_follow "$!" 1
`;

/**
 * Goes on following a script. Arguments as START_PROGRAM's up to TOKEN (not looked at), then OFFSET (from 1). An empty NAME: the script
 * that the host's lock names, if it is of our lineage.
 *
 * Answers \`running NAME NONCE TOKEN\`, \`ended ...\` or \`vanished ...\` with the same, followed by the output from the offset
 * on; \`absent\` when it was never started.
 */
export const ATTACH_PROGRAM = `
${LAYOUT_FUNCTION}${LOCK_READING}${LOCK_WRITING}${ANSWERING}${FOLLOWING}${ARGUMENTS}
sw_clocks
if [ "$sw_script" = '' ]; then
  sw_highest
  sw_read_lock "$sw_top"
  if [ "$sw_l_lineage" != "$sw_lineage" ]; then sw_answer absent; exit 0; fi
  sw_script=$sw_l_script
  sw_run_dir=$sw_state/runs/$sw_script
fi
sw_pid= sw_dot=
{ read -r sw_pid sw_start sw_then sw_nonce sw_token sw_dot <"$sw_run_dir/pid"; } 2>/dev/null
if [ "$sw_dot" != . ]; then sw_answer absent; exit 0; fi
sw_status=ended
if [ ! -e "$sw_run_dir/exit" ]; then
  if [ "$sw_then" = "$sw_boot" ] && sw_alive "$sw_pid" "$sw_start"; then
    sw_status=running
  elif [ ! -e "$sw_run_dir/exit" ]; then
    sw_status=vanished
  fi
fi
sw_answer "$sw_status" "$sw_script" "$sw_nonce" "$sw_token"
if [ "$sw_status" = running ]; then sw_follow "$sw_pid" "$1"; exit 0; fi
tail -c +"$1" "$sw_run_dir/output"
printf '%s complete\\n' "$sw_nonce"
exec >/dev/null
while read -r sw_word sw_rest; do
  case $sw_word in done|last) sw_clean "$sw_word" $sw_rest ;; esac
done
`;

/** Keeps the lock of a session that has nothing to run at the moment. Arguments up to TOKEN. */
export const RENEW_PROGRAM = `
${LAYOUT_FUNCTION}${LOCK_READING}${LOCK_WRITING}${ARGUMENTS}
if sw_is_current "$sw_token"; then sw_write_lock "$sw_token" held - - -; fi
`;

/** Gives the lock back, removes the blobs named after TOKEN, and all of slipway's own when nothing is left. TOKEN 0: only the blobs. */
export const RELEASE_PROGRAM = `
${LAYOUT_FUNCTION}${LOCK_READING}${LOCK_WRITING}${FOLLOWING}${ARGUMENTS}
if [ "$#" -gt 0 ] && cd "$sw_state/blobs" 2>/dev/null; then rm -rf "$@"; cd /; fi
if [ "$sw_token" != 0 ] && sw_is_current "$sw_token"; then
  sw_write_lock "$sw_token" free - - -
  sw_vanish
fi
`;
