import { recordField } from './record-codec.ts';

/**
 * The lock's shell side. `lock.N` is one line, fields parted by tabs, none of them empty, a dot last so that a half-written
 * one is recognised (it counts as free):
 *
 *   held|free  LINEAGE  RUN  OWNER  BOOT_ID  LEASE_END  PID  START_TIME  SCRIPT  .
 *
 * LEASE_END is in seconds of uptime, PID and START_TIME (field 22 of /proc/PID/stat) name the detached script, SCRIPT its
 * run directory; `-` where there is none. All names begin with `sw_`: steps share the shell with some of this.
 */

/** A field of the lock file: like one of the record, and neither empty nor with a space in it. */
export function lockField(text: string): string {
  return recordField(text).replaceAll(' ', '%20') || '-';
}

/** Seconds that a lock lives after its holder was last heard of, unless a script of the holder runs. */
export const LEASE_SECONDS = 300;

/** `sw_layout STATE SECRETS INSTANCES` expands a leading `~/`; sets sw_state, sw_tmpfs, sw_instances. */
export const LAYOUT_FUNCTION = `
sw_layout() {
  case $1 in '~/'*) sw_state=$HOME/\${1#??} ;; *) sw_state=$1 ;; esac
  case $2 in '~/'*) sw_tmpfs=$HOME/\${2#??} ;; *) sw_tmpfs=$2 ;; esac
  case $3 in '~/'*) sw_instances=$HOME/\${3#??} ;; *) sw_instances=$3 ;; esac
}
`;

/** Reads clocks, processes and locks with builtins only; needs sw_state. */
export const LOCK_READING = `
sw_tab='\t'
# Sets sw_up (seconds) and sw_boot.
sw_clocks() {
  sw_up=0 sw_boot=-
  read -r sw_up sw_line </proc/uptime
  sw_up=\${sw_up%%.*}
  read -r sw_boot </proc/sys/kernel/random/boot_id
} 2>/dev/null
# PID START_TIME: that very process lives.
sw_alive() {
  case $1 in ''|*[!0-9]*) return 1 ;; esac
  { read -r sw_line <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- "$2" \${sw_line##*) }
  case $2 in Z|X) return 1 ;; esac
  [ "$1" = "\${21}" ]
}
# PID: sets sw_start.
sw_start_of() {
  sw_start=-
  { read -r sw_line <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- \${sw_line##*) }
  sw_start=\${20}
}
# Sets sw_top to the highest number given out, 0 when none.
sw_highest() {
  sw_top=0
  for sw_file in "$sw_state"/lock.*; do
    sw_file=\${sw_file##*.}
    case $sw_file in ''|*[!0-9]*) ;; *) if [ "$sw_file" -gt "$sw_top" ]; then sw_top=$sw_file; fi ;; esac
  done
}
# NUMBER: sets sw_l_*. One that is half written reads as free.
sw_read_lock() {
  sw_l_state=free sw_l_lineage=- sw_l_run=- sw_l_owner=- sw_l_boot=- sw_l_end=0 sw_l_pid=- sw_l_start=- sw_l_script=- sw_l_dot=
  { IFS="$sw_tab" read -r sw_l_state sw_l_lineage sw_l_run sw_l_owner sw_l_boot sw_l_end sw_l_pid sw_l_start sw_l_script sw_l_dot <"$sw_state/lock.$1"; } 2>/dev/null
  if [ "$sw_l_dot" != . ]; then sw_l_state=free; fi
  sw_l_live=no sw_l_left=0
  if [ "$sw_l_dot" = . ] && [ "$sw_l_boot" = "$sw_boot" ]; then
    sw_l_left=$((sw_l_end - sw_up))
    if sw_alive "$sw_l_pid" "$sw_l_start"; then sw_l_live=yes; fi
  fi
  return 0
}
`;

/** Renews and gives back. Needs sw_state, and sw_lineage, sw_run, sw_owner (record fields, not empty). */
export const LOCK_WRITING = `
# NUMBER held|free PID START_TIME SCRIPT
sw_write_lock() {
  sw_clocks
  printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t.\\n' "$2" "$sw_lineage" "$sw_run" "$sw_owner" "$sw_boot" "$((sw_up + ${LEASE_SECONDS}))" "$3" "$4" "$5" >"$sw_state/lock.$1"
}
# NUMBER: it is given out, and none after it.
sw_is_current() { [ -e "$sw_state/lock.$1" ] && [ ! -e "$sw_state/lock.$(($1 + 1))" ]; }
`;

/**
 * `sw_take EXPECTED` takes the lock and sets sw_token, or answers why not and exits. EXPECTED is the number that the plan
 * saw, `-` for none. Exclusive creation decides between two that come at once. Needs a function `sw_answer`.
 */
export const LOCK_TAKING = `
sw_take() {
  sw_tries=0
  sw_clocks
  if [ ! -d "$sw_state" ] && ! mkdir -p "$sw_state"; then sw_answer denied; exit 0; fi
  # The system's own words tell why.
  if [ ! -w "$sw_state" ]; then true >"$sw_state/lock.0"; sw_answer denied; exit 0; fi
  while [ "$sw_tries" -lt 5 ]; do
    sw_tries=$((sw_tries + 1))
    sw_highest
    if [ "$sw_top" -gt 0 ]; then
      sw_read_lock "$sw_top"
      # Half written: somebody is just at it, or died of it.
      if [ "$sw_l_dot" != . ] && [ "$sw_tries" -lt 3 ]; then sleep 1; continue; fi
      if [ "$sw_l_lineage" = "$sw_lineage" ]; then
        if [ "$sw_l_live" = yes ]; then sw_answer busy; exit 0; fi
      else
        if [ "$sw_l_state" = held ] && { [ "$sw_l_live" = yes ] || [ "$sw_l_left" -gt 0 ]; }; then
          sw_answer locked "$sw_l_lineage" "$sw_l_run" "$sw_l_owner" "$sw_l_left" "$sw_l_live"
          exit 0
        fi
        if [ "$1" != - ] && [ "$sw_top" -gt "$1" ]; then sw_answer changed; exit 0; fi
      fi
    fi
    sw_token=$((sw_top + 1))
    set -C
    if { true >"$sw_state/lock.$sw_token"; } 2>/dev/null; then
      set +C
      if { sw_write_lock "$sw_token" held - - -; } 2>/dev/null; then return 0; fi
      if [ -e "$sw_state/lock.$sw_token" ]; then
        # Left half written, it would look like somebody else's.
        rm -f "$sw_state/lock.$sw_token"
        sw_answer full "$sw_state"
        exit 0
      fi
    fi
    set +C
    # The state directory may just have gone with the last thing of somebody else.
    [ -d "$sw_state" ] || mkdir -p "$sw_state"
  done
  # It may be written to, and nothing can be.
  if ! sw_write_lock "$sw_token" free - - -; then sw_answer full "$sw_state"; exit 0; fi
  sw_answer denied
  exit 0
}
`;
