import { LOG_LIMIT_BYTES, PROCESS_OF_FUNCTION } from './supervisor-program.ts';

/**
 * What monit calls: `sh run start|stop|rotate FOLDER PID_FILE STOP_TIMEOUT_SECONDS`. `start` returns as soon as the program
 * beside it has lived for a moment; `failed` in FOLDER tells that it has not. Monit itself starts a program again that ended.
 *
 * PID_FILE is one line, of which monit reads the first word: `PID START_TIME SINCE_EPOCH RESTARTS`, as the supervisor's `child`.
 * One that is left by a program that died makes the next start a restart.
 */
export const MONIT_RUN_PROGRAM = `# managed by slipway: what monit calls to start and stop the program beside this file
cd "$2" || exit 1
pid_file=$3
umask 022
${PROCESS_OF_FUNCTION.trim()}
rotate() {
  [ -f log ] || return 0
  [ "$(wc -c <log)" -gt ${LOG_LIMIT_BYTES} ] || return 0
  cp log log.1 && : >log
}
end_group() {
  kill -KILL "-$1" 2>/dev/null
  naps=0
  while group_runs "$1" && [ "$naps" -lt 100 ]; do nap; done
}
case $1 in
rotate) rotate ;;
start)
  if process_of "$pid_file"; then exit 0; fi
  restarts=0
  if { read -r former former_start former_since restarts <"$pid_file"; } 2>/dev/null; then
    restarts=$((\${restarts:-0} + 1))
    # What it had started itself is of its group, whose number nobody else gets as long as one of them lives.
    if ! process_started "$former" && group_runs "$former"; then end_group "$former"; fi
  fi
  rm -f failed
  rotate
  setsid env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LANG="\${LANG:-C}" \\
    sh ./program </dev/null >>log 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  child=$!
  process_started "$child"
  printf '%s %s %s %s\\n' "$child" "\${process_started:-0}" "$(date +%s)" "$restarts" >"$pid_file.new" &&
    mv -f "$pid_file.new" "$pid_file" || exit 1
  naps=0
  while process_of "$pid_file" && [ "$naps" -lt 6 ]; do nap; done
  if ! process_of "$pid_file"; then
    : >failed
    exit 1
  fi
  ;;
stop)
  if process_of "$pid_file"; then
    child=$process naps=0
    kill -TERM "-$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null
    while group_runs "$child" && [ "$naps" -lt $(($4 * 20)) ]; do nap; done
    end_group "$child"
  fi
  rm -f "$pid_file"
  ;;
esac
`;
