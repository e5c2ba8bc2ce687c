import { sh } from './sh.ts';
import { frameName } from './frame-name.ts';

/** Where the pid of a program lies that monit runs for us: gone after a reboot, so that its number never names a stranger. */
export function monitPidFile(name: string): string {
  return `/run/slipway-${name}.pid`;
}

/**
 * Shell functions that find the monit of a host and ask it; for probes and for steps alike (`set -eu` or not).
 *
 *   monit_find         sets monit_pid, monit_pidfile, monit_rc (the control file in use) and monit_bin; fails when it does not run
 *   monit_folders      the first folder whose files monit_rc includes: sets monit_folder, and monit_before and monit_after,
 *                      what stands around a file's name there; all empty when there is none
 *   monit_ask          sets monit_answer to all that \`monit status\` tells, or to its complaint, and fails then
 *   monit_service NAME of the answer: sets monit_listed, monit_watched, monit_pending (yes or no) and monit_process (a pid, or '')
 *
 * The command is the same as long as there is monit 5; its words were "running" and "monitored" first, "OK" and "Monitored" later.
 */
export const MONIT_ASKING = `
monit_find() {
  monit_pid= monit_pidfile= monit_rc= monit_bin=monit
  for monit_file in /run/monit.pid /var/run/monit.pid; do
    monit_pid= monit_name=
    { read -r monit_pid monit_line <"$monit_file"; } 2>/dev/null || :
    case $monit_pid in '' | *[!0-9]*) monit_pid=; continue ;; esac
    { read -r monit_name <"/proc/$monit_pid/comm"; } 2>/dev/null || :
    case $monit_name in *monit*) monit_pidfile=$monit_file; break ;; esac
    monit_pid=
  done
  if [ -n "$monit_pid" ]; then
    monit_take=no
    monit_words=$(tr '\\0' '\\n' <"/proc/$monit_pid/cmdline" 2>/dev/null) || :
    while IFS= read -r monit_line; do
      if [ "$monit_take" = yes ]; then monit_rc=$monit_line monit_take=no; continue; fi
      case $monit_line in
        -c | -[IvB]c | --conf) monit_take=yes ;;
        -c*) monit_rc=\${monit_line#-c} ;;
        --conf=*) monit_rc=\${monit_line#*=} ;;
      esac
    done <<WORDS
$monit_words
WORDS
  fi
  case $monit_rc in /*) ;; *) monit_rc= ;; esac
  for monit_file in "\${HOME:-/root}/.monitrc" /etc/monitrc /etc/monit/monitrc /usr/local/etc/monitrc /var/vcap/bosh/etc/monitrc; do
    if [ -z "$monit_rc" ] && [ -f "$monit_file" ]; then monit_rc=$monit_file; fi
  done
  if ! command -v monit >/dev/null 2>&1; then
    if [ -x /var/vcap/bosh/bin/monit ]; then monit_bin=/var/vcap/bosh/bin/monit; else monit_bin=/proc/$monit_pid/exe; fi
  fi
  [ -n "$monit_pid" ] || [ -S /run/monit.sock ] || [ -S /var/run/monit.sock ]
}
monit_folders() {
  monit_folder= monit_before= monit_after=
  [ -n "$monit_rc" ] || return 0
  monit_words=$(grep -i '^[[:space:]]*include[[:space:]]' "$monit_rc" 2>/dev/null) || :
  while read -r monit_name monit_line monit_rest; do
    monit_line=\${monit_line#[\\"\\']}
    monit_line=\${monit_line%[\\"\\']}
    monit_name=\${monit_line##*/}
    monit_line=\${monit_line%/*}
    case $monit_line in /*[*?[]*) continue ;; /*) ;; *) continue ;; esac
    case $monit_name in *'*'*'*'* | *[?[]*) continue ;; *'*'*) ;; *) continue ;; esac
    [ -d "$monit_line" ] || continue
    monit_folder=$monit_line monit_before=\${monit_name%%'*'*} monit_after=\${monit_name#*'*'}
    break
  done <<WORDS
$monit_words
WORDS
}
monit_do() {
  if command -v timeout >/dev/null; then
    timeout 20 "$monit_bin" -c "$monit_rc" "$@" </dev/null 2>&1
  else
    "$monit_bin" -c "$monit_rc" "$@" </dev/null 2>&1
  fi
}
monit_ask() {
  monit_code=0
  monit_answer=$(monit_do status) || monit_code=$?
  [ "$monit_code" = 0 ]
}
monit_service() {
  monit_listed=no monit_watched=no monit_pending=no monit_process= monit_this=no
  while read -r monit_name monit_line monit_rest; do
    case $monit_name$monit_line in
      "Process'$1'") monit_this=yes monit_listed=yes; continue ;;
      '' | *"'") monit_this=no ;;
    esac
    [ "$monit_this" = yes ] || continue
    case $monit_name in
      status) case $monit_rest in *pending*) monit_pending=yes ;; esac ;;
      monitoring) case $monit_line$monit_rest in status[Nn]ot*) ;; status*) monit_watched=yes ;; esac ;;
      pid) monit_process=$monit_line ;;
    esac
  done <<ANSWER
$monit_answer
ANSWER
}
`;

/** A service that the probe asks monit about; `own`: slipway wrote its control file. */
export interface MonitQuestion {
  readonly name: string;
  readonly own: boolean;
}

/**
 * The part of a probe that asks monit: two processes and one \`cat\` for each of our services, however many there are. Needs
 * sw_frame, sw_alive, sw_start_of, sw_init.
 */
export function monitSection(questions: readonly MonitQuestion[]): string {
  if (questions.length === 0) return '';
  const own = questions.filter((question) => question.own);
  const controls = own.map(({ name }) => sh('sw_monit_control', frameName(name), `slipway-${name}`));
  const processes = own.map(({ name }) => sh('sw_monit_process', frameName(name), monitPidFile(name)));
  return `${MONIT_ASKING}
sw_monit_control() {
  sw_file=$monit_folder/$monit_before$2$monit_after
  if [ -n "$monit_folder" ] && [ -f "$sw_file" ]; then sw_frame monit-control "$1"; cat "$sw_file"; fi
}
sw_monit_process() {
  sw_pid=- sw_start=- sw_since=0 sw_restarts=0 sw_running=no
  { read -r sw_pid sw_start sw_since sw_restarts sw_line <"$2"; } 2>/dev/null
  if sw_alive "$sw_pid" "$sw_start"; then sw_running=yes; fi
  sw_frame monit-process "$1" "$sw_running" "$sw_pid" "$sw_since" "$sw_restarts"
}
if [ "$sw_init" = monit ]; then
  monit_find
  monit_folders
  monit_ask
  sw_frame monit
  printf '%s\\n' "$monit_rc" "$monit_folder" "$monit_code" "$monit_answer"
  sw_frame monit-alive
  while read -r sw_name sw_pid sw_line; do
    if [ "$sw_name" = pid ] && [ -d "/proc/$sw_pid" ]; then sw_start_of "$sw_pid"; printf '%s %s\\n' "$sw_pid" "$sw_start"; fi
  done <<ANSWER
$monit_answer
ANSWER
  ${controls.join('\n  ')}
fi
${processes.join('\n')}`;
}

/** The line that switches on what slipway asks monit through. */
export const MONIT_HTTPD_LINE = 'set httpd port 2812 and use address 127.0.0.1 allow localhost';

/** The line that makes monit read a folder of control files. */
export const MONIT_INCLUDE_LINE = 'include /etc/monit/conf.d/*';
