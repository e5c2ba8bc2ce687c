import { ANSWER } from './script-bootstrap.ts';

/** Parts words of a request; no file name, pattern or expression is expected to hold it. */
export const WORD_SEPARATOR = '\u001f';

/** How long a file that is followed is kept open by the host, though nobody asked for it again. */
const HOLD_SECONDS = 6 * 3600;

/**
 * Answers questions about log files, one at a time, until its stdin ends: it has nothing to do between them and needs no clock,
 * so that one that is forgotten costs nothing. Argument: NONCE (32 hex digits). It begins with one line
 *
 *   @slipway logs ZONE SECONDS        its time zone (+0200) and clock
 *
 * A request is one line of words parted by U+001F. What it yields is bytes, then a newline and a line `NONCE WORD`:
 *
 *   source ID PATTERN            PATTERN (of a shell) belongs to what is looked at
 *   look                         `=ID PATH` for each regular file that matches, then `DEV:INODE SIZE MTIME MODE PATH` for each of
 *                                them, for what lies beside it under names as rotation gives them, and for what is held;
 *                                WORD is `same` (and nothing is printed) when that is what the last look saw
 *   read BS SKIP COUNT PATH      bytes of a file, as dd counts them
 *   lines COUNT REGEX PATH       its last lines that match an extended regular expression
 *   hold PATH                    opens a file, so that it can be read to its end after it was moved or removed; WORD is a number N,
 *                                and the file can be read as /proc/N/fd/0
 *   drop N                       the file is not needed any more
 *
 * Per look one process is started, per reading another.
 */
export const LOG_PROGRAM = `
LC_ALL=C
export LC_ALL
cd /
set -f
lg_nonce=$1 lg_part=$(printf '\\037') lg_sources= lg_held= lg_last= lg_text=unknown
lg_nl='
'
lg_ifs=$IFS
lg_end() { printf '\\n%s %s\\n' "$lg_nonce" "$1"; }
trap 'kill $lg_held 2>/dev/null' EXIT
trap 'exit 129' HUP INT TERM
lg_odd() { case $1 in *"$lg_nl"* | *"$lg_part"*) return 0 ;; esac; return 1; }
lg_look() {
  set --
  lg_map=
  IFS=$lg_nl
  for lg_line in $lg_sources; do
    IFS=
    set +f
    for lg_file in \${lg_line#*"$lg_part"}; do
      [ -f "$lg_file" ] || continue
      if lg_odd "$lg_file"; then continue; fi
      lg_map="$lg_map=\${lg_line%%"$lg_part"*} $lg_file$lg_nl"
      set -- "$@" "$lg_file"
      lg_base=\${lg_file##*/}
      case $lg_base in *[-.][0-9] | *[-.][0-9]*[0-9] | *.gz | *.xz | *.bz2 | *.zst | *.old) continue ;; esac
      lg_stem=\${lg_base%.*}
      for lg_beside in "\${lg_file%/*}/\${lg_stem:-$lg_base}"[-._0-9]*; do
        if [ "$lg_beside" = "$lg_file" ] || [ ! -f "$lg_beside" ] || lg_odd "$lg_beside"; then continue; fi
        set -- "$@" "$lg_beside"
      done
    done
    set -f
  done
  IFS=$lg_ifs
  for lg_pid in $lg_held; do set -- "$@" "/proc/$lg_pid/fd/0"; done
  lg_stats=
  [ "$#" = 0 ] || lg_stats=$(stat -L -c '%d:%i %s %Y %f %n' -- "$@" 2>/dev/null)
  if [ "$lg_map$lg_stats" = "$lg_last" ]; then lg_end same; return; fi
  lg_last=$lg_map$lg_stats
  printf '%s' "$lg_last"
  lg_end seen
}
lg_lines() {
  if [ "$lg_text" = unknown ]; then
    lg_text=
    if grep -a x /dev/null >/dev/null 2>&1; [ "$?" = 1 ]; then lg_text=-a; fi
  fi
  # A letter may be more than a byte: [äö] is one of two letters.
  LC_ALL=C.UTF-8 grep $lg_text -E -e "$2" -- "$3" 2>/dev/null </dev/null | tail -n "$1"
}
lg_drop() {
  lg_keep=
  for lg_pid in $lg_held; do
    if [ "$lg_pid" = "$1" ]; then kill "$1" 2>/dev/null; else lg_keep="$lg_keep $lg_pid"; fi
  done
  lg_held=$lg_keep
}
printf '${ANSWER}logs %s\\n' "$(date '+%z %s')"
while IFS=$lg_part read -r lg_word lg_a lg_b lg_c lg_d; do
  case $lg_word in
    source) lg_sources="$lg_sources$lg_a$lg_part$lg_b$lg_nl" lg_last=; lg_end done ;;
    look) lg_look ;;
    read) dd if="$lg_d" bs="$lg_a" skip="$lg_b" count="$lg_c" 2>/dev/null </dev/null; lg_end "$?" ;;
    lines) lg_lines "$lg_a" "$lg_b" "$lg_c"; lg_end done ;;
    hold)
      sleep ${HOLD_SECONDS} <"$lg_a" >/dev/null 2>&1 &
      lg_held="$lg_held $!"
      lg_end "$!" ;;
    drop) lg_drop "$lg_a"; lg_end done ;;
  esac
done
`;
