import { LOCK_READING, LOCK_WRITING } from './lock-program.ts';
import { COMPACT_RECORD } from './record-compaction.ts';
import { RECORD_HEADER } from './record-codec.ts';
import { quote } from './sh.ts';

/**
 * What every script begins with: markers, the functions that steps may call (see script.ts), and what happens at its end.
 * Builtins only until the end. Everything that is not for steps has a name that begins with `sw_`.
 */
export const SCRIPT_PRELUDE = `
STATE=$sw_state BLOBS=$sw_state/blobs BACKUPS=$sw_state/backups
sw_dir=$sw_state/runs/$sw_script sw_lock=$sw_state/lock.$sw_token sw_next=$sw_state/lock.$((sw_token + 1))
sw_complete=no sw_secret=no sw_why= sw_begun=no
sw_nl='
'
case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin ;; esac
${LOCK_READING}
${LOCK_WRITING}
sw_mark() { printf '%s %s\\n' "$sw_nonce" "$*"; }

# The exclusive creation of "pid" marks the start: whoever comes second goes without a word.
sw_begin() {
  umask 077
  cd /
  sw_clocks
  sw_start_of "$$"
  set -C
  { printf '%s %s %s %s %s .\\n' "$$" "$sw_start" "$sw_boot" "$sw_nonce" "$sw_token" >"$sw_dir/pid"; } 2>/dev/null || exit 0
  set +C
  trap 'sw_finish "$?"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if ! sw_is_current "$sw_token"; then sw_fenced; fi
  sw_write_lock "$sw_token" held "$$" "$sw_start" "$sw_script"
}

sw_fenced() {
  sw_highest
  sw_clocks
  sw_read_lock "$sw_top"
  sw_why=fenced
  sw_mark fenced "$sw_l_owner"
  exit 75
}

sw_step() {
  if [ ! -e "$sw_lock" ] || [ -e "$sw_next" ]; then sw_fenced; fi
  sw_mark step "$1"
}

say() { printf '%s\\n' "$*"; }

die() {
  sw_text=$*
  while :; do
    case $sw_text in
      *"$sw_nl"*) sw_text=\${sw_text%%"$sw_nl"*}' '\${sw_text#*"$sw_nl"} ;;
      *) break ;;
    esac
  done
  sw_mark die "$sw_text"
  exit 1
}

# FORMAT FIELD...: one line of the record. The first line of a script closes one that was torn before.
sw_append() {
  sw_format=$1
  shift
  for sw_line do
    case $sw_line in *"$sw_tab"*|*"$sw_nl"*) die "a field of the host record is not encoded: $sw_line" ;; esac
  done
  if [ "$sw_begun" = no ]; then
    sw_begun=yes
    if [ -s "$STATE/record" ]; then
      printf '\\n-\\t%s\\n' "$sw_run" >>"$STATE/record" || die "cannot write $STATE/record"
    else
      umask 077
      printf '%s\\n' '${RECORD_HEADER}' >"$STATE/record" || die "cannot write $STATE/record"
      umask 022
    fi
  fi
  printf "$sw_format\\n" "$@" >>"$STATE/record" || die "cannot write $STATE/record"
}

own() { sw_append 'own\\t%s\\t%s\\t%s\\t%s' "$1" "$sw_lineage" "$sw_instance" "$2"; }
disown() { sw_append 'disown\\t%s\\t%s\\t%s\\t%s' "$1" "$sw_lineage" "$sw_instance" "$2"; }
before() { sw_append 'before\\t%s\\t%s' "$1" "$2"; }
note() { sw_append 'set\\t%s\\t%s\\t%s' "$1" "$2" "$3"; }
# A file says that the record shrank: a variable set in a subshell would be lost.
forget() { sw_append 'forget\\t%s' "$1"; : >"$sw_dir/shrunk"; }
record_instance() { sw_append 'instance\\t%s\\t%s\\t%s' "$sw_lineage" "$1" "$2"; }
record_component() { sw_append 'component\\t%s\\t%s\\t%s\\t%s' "$sw_lineage" "$1" "$sw_run" "$2"; }
record_cluster() { sw_append 'cluster\\t%s\\t%s\\t%s' "$sw_lineage" "$sw_run" "$1"; }
record_gone() { sw_append 'gone\\t%s\\t%s' "$sw_lineage" "$1"; : >"$sw_dir/shrunk"; }
record_rename() {
  sw_append 'rename\\t%s\\t%s\\t%s' "$sw_lineage" "$1" "$2"
  sw_settle || die "cannot rewrite $STATE/record"
}

# Rewrites the record without what is obsolete; a record of nothing goes.
sw_settle() {
  umask 077
  awk ${quote(COMPACT_RECORD)} "$STATE/record" >"$STATE/record.new" || { umask 022; rm -f "$STATE/record.new"; return 1; }
  umask 022
  if [ -s "$STATE/record.new" ]; then
    mv -f "$STATE/record.new" "$STATE/record"
  else
    rm -f "$STATE/record" "$STATE/record.new"
    sw_begun=no
  fi
}

sw_finish() {
  sw_code=$1
  trap - EXIT
  trap '' HUP INT TERM
  set +euC
  cd /
  IFS=" $sw_tab$sw_nl"
  if [ "$sw_code" = 0 ] && [ "$sw_complete" = no ]; then
    sw_mark die 'it ended the whole script'
    sw_code=70
  fi
  if [ "$sw_secret" = yes ]; then rm -rf "$SECRETS"; fi
  if [ "$sw_why" != fenced ] && sw_is_current "$sw_token"; then
    if [ "$sw_compact" = yes ] && [ "$sw_begun" = no ] && [ -s "$STATE/record" ]; then
      printf '\\n-\\t%s\\n' "$sw_run" >>"$STATE/record"
    fi
    if [ -s "$STATE/record" ] && { [ "$sw_compact" = yes ] || [ -e "$sw_dir/shrunk" ]; }; then sw_settle; fi
    if [ "$sw_release" = yes ]; then sw_held=free; else sw_held=held; fi
    sw_write_lock "$sw_token" "$sw_held" - - -
  fi
  sw_mark end "$sw_code"
  printf '%s\\n' "$sw_code" >"$sw_dir/exit"
  exit "$sw_code"
}
`;
