import { MONIT_ASKING, MONIT_HTTPD_LINE, MONIT_INCLUDE_LINE } from '../host/monit-program.ts';
import { quote } from '../host/sh.ts';
import { MONIT_RUN_PROGRAM } from './monit-program.ts';
import { PROCESS_OF_FUNCTION } from './supervisor-program.ts';

/** Note on a unit: where its control file lies. */
const CONTROL_NOTE = 'control';

/** How long monit may take to read its files anew: it may be waiting for another service just then. */
const RELOAD_SECONDS = 90;
/** How long monit may take until it gets to a start; one at a time is its way. */
const START_SECONDS = 120;
/** What a stop may take beyond the time that the program itself is given. */
export const MONIT_STOP_GRACE_SECONDS = 60;

/**
 * Shell functions for steps of services under monit. Monit only notes what it is asked for and does it in its next round,
 * and refuses while it is at something else: so everything is asked for again until it is so.
 */
export const MONIT_FUNCTIONS = `${PROCESS_OF_FUNCTION.trim()}
${MONIT_ASKING.trim()}
# NAME: monit can be asked, or the step ends.
monit_open() {
  monit_find || die "monit, which is to run $1, does not run on this host"
  monit_ask || die "monit does not answer (\${monit_answer:-no word}): add the line '${MONIT_HTTPD_LINE}' to $monit_rc and run 'monit reload'"
  monit_service "$1"
}
# NAME: asks again.
monit_look() {
  monit_watched= monit_listed= monit_pending= monit_process=
  monit_ask || return 1
  monit_service "$1"
}
# NAME: makes monit read its files anew; then it knows NAME, unless that is ''. One that it cannot read would end it.
monit_reload() {
  monit_said=$(monit_do -t) || die "monit has something against its control files: $monit_said"
  monit_mark=$(stat -c '%i %y' "$monit_pidfile" 2>/dev/null) || :
  monit_said=$(monit_do reload) || die "monit does not reload: $monit_said"
  naps=0
  # It writes its pid file anew when it has read all.
  while [ "$naps" -lt ${RELOAD_SECONDS * 20} ]; do
    monit_now=$(stat -c '%i %y' "$monit_pidfile" 2>/dev/null) || :
    [ "$monit_now" = "$monit_mark" ] || break
    nap
  done
  monit_limit=$((naps + 600))
  until monit_look "\${1:-/}" && { [ -z "$1" ] || [ "$monit_listed" = yes ]; }; do
    [ "$naps" -lt "$monit_limit" ] || die "monit does not know \${1:-anything} after a reload: \${monit_answer:-no word}"
    nap
  done
}
# NAME: sets monit_control to the place of its control file.
monit_place() {
  monit_folders
  [ -n "$monit_folder" ] || die "monit reads no folder of control files: add the line '${MONIT_INCLUDE_LINE}' to $monit_rc, make that folder, and run 'monit reload'"
  monit_control=$monit_folder/\${monit_before}slipway-$1$monit_after
}
# start|nostart: sets monit_boot to the line that says so.
monit_words() {
  monit_boot=$("$monit_bin" -V 2>/dev/null) || :
  monit_boot=\${monit_boot#*version }
  case \${monit_boot%%[!0-9.]*} in
    [0-4].* | 5.[0-9] | 5.[0-9].* | 5.1[0-7] | 5.1[0-7].*)
      if [ "$1" = start ]; then monit_boot='mode active'; else monit_boot='mode manual'; fi ;;
    *) monit_boot="onreboot $1" ;;
  esac
}
# NAME TEXT start|nostart: the control file becomes TEXT and the line on booting, if monit has nothing against it.
monit_put() {
  monit_words "$3"
  monit_new=$monit_folder/.slipway-$1.new monit_old=$monit_folder/.slipway-$1.old
  ( umask 022 && printf '%s  %s\\n' "$2" "$monit_boot" >"$monit_new" )
  if [ -f "$monit_control" ] && cmp -s "$monit_new" "$monit_control"; then
    rm -f "$monit_new"
    return 0
  fi
  rm -f "$monit_old"
  if [ -f "$monit_control" ]; then cp -p "$monit_control" "$monit_old"; fi
  mv -f "$monit_new" "$monit_control"
  if ! monit_said=$(monit_do -t); then
    if [ -f "$monit_old" ]; then mv -f "$monit_old" "$monit_control"; else rm -f "$monit_control"; fi
    say "$monit_said"
    die "monit refuses the control file of $1"
  fi
  rm -f "$monit_old"
  monit_reload "$1"
}
# NAME KEY TEXT start|nostart EXPECTED: EXPECTED is the digest that the plan saw, '' for none, '*' for whatever is there.
monit_write() {
  monit_place "$1"
  if [ -e "$monit_control" ]; then
    case $5 in
      '*') ;;
      '') die "$monit_control appeared since the plan was made" ;;
      *)
        monit_sum=$(sha256sum <"$monit_control")
        if [ "\${monit_sum%% *}" != "$5" ]; then
          monit_words "$4"
          monit_wanted=$(printf '%s  %s\\n' "$3" "$monit_boot" | sha256sum)
          [ "\${monit_sum%% *}" = "\${monit_wanted%% *}" ] || die "$monit_control was changed since the plan was made"
        fi ;;
    esac
  fi
  case $monit_control in *[!A-Za-z0-9_./@+-]*) ;; *) note "$2" ${CONTROL_NOTE} "$monit_control" ;; esac
  monit_put "$1" "$3" "$4"
}
# NAME start|nostart: only what happens at boot.
monit_at_boot() {
  monit_find || return 0
  monit_place "$1"
  [ -f "$monit_control" ] || return 0
  monit_text=$(grep -v '^  \\(onreboot\\|mode\\) [a-z]*$' "$monit_control") || :
  monit_put "$1" "$monit_text
" "$2"
}
# FOLDER PROGRAM: what is executed.
monit_files() {
  [ -d "$1" ] || mkdir -m 0755 "$1"
  ( umask 077 && printf '%s' "$2" >"$1/program" )
  printf '%s' "$MONIT_RUN" >"$1/run"
  : >>"$1/log"
}
# NAME FOLDER PID_FILE: fails when it does not come up or falls at once.
monit_start() {
  monit_open "$1"
  [ "$monit_listed" = yes ] || monit_reload "$1"
  # Monit takes a stranger who has the number by now for the program.
  monit_process=
  if ! process_of "$3" && { read -r monit_process monit_rest <"$3"; } 2>/dev/null && [ -d "/proc/$monit_process" ]; then
    rm -f "$3"
  fi
  rm -f "$2/failed"
  naps=0 monit_again=0 monit_said=
  until process_of "$3"; do
    [ ! -e "$2/failed" ] || monit_fell "$1" "$2"
    if [ "$naps" -ge "$monit_again" ]; then
      monit_said=$(monit_do start "$1") || :
      monit_again=$((naps + 40))
    fi
    [ "$naps" -lt ${START_SECONDS * 20} ] || die "monit did not start $1 within ${START_SECONDS} s. $monit_said"
    nap
  done
  naps=0
  while process_of "$3" && [ "$naps" -lt 8 ]; do nap; done
  if [ -e "$2/failed" ] || ! process_of "$3"; then monit_fell "$1" "$2"; fi
  # One that ran already may not have been looked after.
  naps=0 monit_again=0
  until monit_look "$1" && [ "$monit_watched" = yes ]; do
    if [ "$naps" -ge "$monit_again" ]; then
      monit_said=$(monit_do start "$1") || :
      monit_again=$((naps + 40))
    fi
    [ "$naps" -lt 600 ] || die "monit does not look after $1. $monit_said"
    nap
    nap
  done
}
monit_fell() {
  tail -n 20 "$2/log"
  die "$1 ended right after its start"
}
# NAME FOLDER PID_FILE SECONDS: nothing of it runs when it returns, so its ports are free.
monit_stop() {
  monit_limit=$((($4 + ${MONIT_STOP_GRACE_SECONDS}) * 20))
  if monit_find && monit_look "$1" && [ "$monit_listed" = yes ]; then
    naps=0 monit_again=0
    while [ "$monit_watched" != no ] || [ "$monit_pending" = yes ] || process_of "$3"; do
      if [ "$naps" -ge "$monit_again" ]; then
        monit_said=$(monit_do stop "$1") || :
        monit_again=$((naps + 60))
      fi
      [ "$naps" -lt "$monit_limit" ] || break
      nap
      nap
      monit_look "$1" || :
    done
  fi
  if [ -f "$2/run" ]; then sh "$2/run" stop "$2" "$3" "$4"; fi
}
# NAME KEY FOLDER PID_FILE SECONDS: stops it and takes its files off.
monit_remove() {
  monit_stop "$1" "$3" "$4" "$5"
  monit_control=
  if ! monit_find; then monit_pid=; fi
  monit_folders
  if [ -n "$monit_folder" ]; then
    rm -f "$monit_folder/.slipway-$1.new" "$monit_folder/.slipway-$1.old"
    monit_control=$monit_folder/\${monit_before}slipway-$1$monit_after
  fi
  note_of "$2" ${CONTROL_NOTE}
  monit_gone=no
  for monit_file in "$monit_control" "$_note"; do
    if [ -n "$monit_file" ] && [ -f "$monit_file" ]; then rm -f "$monit_file"; monit_gone=yes; fi
  done
  if [ "$monit_gone" = yes ] && [ -n "$monit_pid" ]; then
    if monit_ask; then monit_reload ''; else monit_said=$(monit_do reload) || say "$monit_said"; fi
  fi
  rm -rf "$3"
  rm -f "$4" "$4.new"
}
# NAME: a service whose control file others brought.
monit_known() {
  monit_open "$1"
  if [ "$monit_listed" = no ]; then
    monit_reload ''
    monit_look "$1" || :
  fi
  [ "$monit_listed" = yes ] || die "monit knows no process $1: what brings its control file?"
}
# NAME: does one of those run?
monit_runs() {
  monit_find && monit_look "$1" && process_started "$monit_process"
}
# NAME SECONDS
monit_begin() {
  monit_known "$1"
  naps=0 monit_again=0 monit_said=
  until [ "$monit_watched" = yes ] && [ "$monit_pending" = no ] && process_started "$monit_process"; do
    if [ "$naps" -ge "$monit_again" ]; then
      monit_said=$(monit_do start "$1") || :
      monit_again=$((naps + 100))
    fi
    [ "$naps" -lt $(($2 * 20)) ] || die "monit did not start $1 within $2 s. $monit_said"
    nap
    nap
    monit_look "$1" || :
  done
}
# NAME SECONDS
monit_end() {
  monit_known "$1"
  monit_first=$monit_process
  naps=0 monit_again=0 monit_said=
  until [ "$monit_watched" = no ] && [ "$monit_pending" = no ] && ! process_started "$monit_first"; do
    if [ "$naps" -ge "$monit_again" ]; then
      monit_said=$(monit_do stop "$1") || :
      monit_again=$((naps + 100))
    fi
    [ "$naps" -lt $(($2 * 20)) ] || die "monit did not stop $1 within $2 s. $monit_said"
    nap
    nap
    monit_look "$1" || :
  done
}
MONIT_RUN=${quote(MONIT_RUN_PROGRAM)}
`;
