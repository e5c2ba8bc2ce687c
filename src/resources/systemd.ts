import { UNIT_FOLDER, WANTS_FOLDER } from './unit-file.ts';

/** How long a start is waited for before it is asked what holds it up. */
const READY_SECONDS = 5;

/**
 * Shell functions for steps that drive systemd. A reload of its configuration costs more than all the rest of a step
 * (0.14 s of the host's processor, and `systemctl enable` does one too), so: a new unit is found by systemd without one,
 * the link that enables ours is made by hand, and reloads happen only where systemd says that it needs one.
 */
export const SYSTEMD_FUNCTIONS = `
# UNIT TEXT EXPECTED: writes a unit file. EXPECTED is the digest that the plan saw, '' for none, '*' for whatever is there.
unit_write() {
  unit_file=${UNIT_FOLDER}/$1
  ( umask 022 && printf '%s' "$2" >"${UNIT_FOLDER}/.$1.slipway" )
  if [ -e "$unit_file" ] || [ -L "$unit_file" ]; then
    if cmp -s "${UNIT_FOLDER}/.$1.slipway" "$unit_file"; then
      rm -f "${UNIT_FOLDER}/.$1.slipway"
      return 0
    fi
    case $3 in
      '*') ;;
      '') rm -f "${UNIT_FOLDER}/.$1.slipway"; die "$unit_file appeared since the plan was made" ;;
      *)
        unit_sum=$(sha256sum <"$unit_file")
        if [ "\${unit_sum%% *}" != "$3" ]; then
          rm -f "${UNIT_FOLDER}/.$1.slipway"
          die "$unit_file was changed since the plan was made"
        fi ;;
    esac
  fi
  mv -f "${UNIT_FOLDER}/.$1.slipway" "$unit_file"
}
# UNIT NAME: keeps the unit file that was there before slipway, as $BACKUPS/NAME.
unit_backup() {
  [ -e "${UNIT_FOLDER}/$1" ] || return 0
  mkdir -p "$BACKUPS"
  cp -p "${UNIT_FOLDER}/$1" "$BACKUPS/$2.new" && mv -f "$BACKUPS/$2.new" "$BACKUPS/$2"
}
unit_link() {
  [ ! -L "${WANTS_FOLDER}/$1" ] || return 0
  ln -s "../$1" "${WANTS_FOLDER}/$1"
}
unit_unlink() {
  [ ! -L "${WANTS_FOLDER}/$1" ] || rm -f "${WANTS_FOLDER}/$1"
}
# UNIT: makes systemd read a unit file of ours, where it does not by itself.
unit_load() {
  unit_shown=$(systemctl show -p LoadState -p NeedDaemonReload -p FragmentPath "$1")
  case $unit_shown in
    *NeedDaemonReload=yes* | *LoadState=not-found*) systemctl daemon-reload ;;
    *"FragmentPath=${UNIT_FOLDER}/$1"*) ;;
    *) systemctl daemon-reload ;;
  esac
}
# UNIT SECONDS: starts it, or starts it anew; fails when it does not come up or falls at once.
unit_restart() {
  unit_code=0
  timeout ${READY_SECONDS} systemctl restart "$1" || unit_code=$?
  case $unit_code in
    0) ;;
    124 | 143) unit_await "$1" "$2" ;; # the job goes on without the one that waited for it
    *) unit_failed "$1" "did not start" ;;
  esac
  sleep 0.1 2>/dev/null || sleep 1
  for unit_group in /sys/fs/cgroup/system.slice /sys/fs/cgroup/systemd/system.slice; do
    { read -r unit_process <"$unit_group/$1/cgroup.procs"; } 2>/dev/null || continue
    return 0
  done
  case $(systemctl is-active "$1") in
    active | reloading | activating)
      # A unit between two attempts is "activating" as well.
      case $(systemctl show -p SubState "$1") in *auto-restart*) ;; *) return 0 ;; esac ;;
  esac
  unit_failed "$1" "ended right after its start"
}
# UNIT SECONDS: a unit that runs and will say itself when it is ready may be waiting for peers that come later: it is left to
# the checks. All others are waited for.
unit_await() {
  unit_waited=${READY_SECONDS}
  while [ "$unit_waited" -lt "$2" ]; do
    unit_shown=$(systemctl show -p Type -p ActiveState -p Job "$1")
    case $unit_shown in
      *Job=[1-9]*) ;;
      *ActiveState=active* | *ActiveState=reloading*) return 0 ;;
      *) break ;;
    esac
    case $unit_shown in
      *Type=notify*) case $unit_shown in *ActiveState=activating*) return 0 ;; esac ;;
    esac
    sleep 1
    unit_waited=$((unit_waited + 1))
  done
  unit_failed "$1" "did not start"
}
unit_failed() {
  unit_run=$(systemctl show -p InvocationID "$1") || :
  unit_run=\${unit_run#*=}
  journalctl -n 20 --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$unit_run" + "INVOCATION_ID=$unit_run" 2>/dev/null || :
  die "$1 $2"
}
# UNIT SECONDS
unit_stop() {
  unit_code=0
  timeout "$2" systemctl stop "$1" || unit_code=$?
  case $unit_code in
    0 | 5) ;; # 5: there is no such unit
    124 | 143) systemctl kill -s KILL "$1"; systemctl stop "$1" ;;
    *) die "$1 did not stop" ;;
  esac
}
# UNIT: does it run, or is it about to? Not while it waits to be started again after a fall.
unit_runs() {
  unit_shown=$(systemctl show -p ActiveState -p SubState "$1")
  case $unit_shown in
    *SubState=auto-restart*) return 1 ;;
    *ActiveState=active* | *ActiveState=reloading* | *ActiveState=activating*) return 0 ;;
  esac
  return 1
}
# UNIT: fails when it runs after all.
unit_down() {
  if unit_runs "$1"; then die "$1 runs again right after it was stopped"; fi
}
# UNIT: after its file is gone, systemd forgets it.
unit_forget() {
  unit_shown=$(systemctl show -p LoadState -p ActiveState "$1")
  case $unit_shown in *LoadState=not-found*) return 0 ;; esac
  case $unit_shown in *ActiveState=failed*) systemctl reset-failed "$1" || : ;; esac
  systemctl daemon-reload
}
# UNIT enable|disable: for units that packages brought.
unit_switch() {
  case $2,$(systemctl is-enabled "$1" 2>/dev/null) in
    enable,enabled | enable,static | enable,alias | enable,generated | enable,indirect) ;;
    disable,enabled | disable,enabled-runtime | enable,*) systemctl -q "$2" "$1" ;;
  esac
}
# UNIT NAME: puts it back; done already when there is no backup any more.
unit_restore() {
  [ -e "$BACKUPS/$2" ] || return 0
  cp -p "$BACKUPS/$2" "${UNIT_FOLDER}/.$1.slipway" && mv -f "${UNIT_FOLDER}/.$1.slipway" "${UNIT_FOLDER}/$1"
}
unit_exists() {
  case $(systemctl show -p LoadState "$1") in *=not-found) return 1 ;; esac
}
`;

/** Commands of a service's definition: a drain before a stop, whose failure is only told, and a reload, whose failure fails the step. */
export const DRAIN_FUNCTIONS = `
service_drain() {
  timeout "$1" sh -c "$2" </dev/null || say "the drain command failed (exit code $?); stopping all the same"
}
service_reload() {
  timeout 60 sh -c "$1" </dev/null || die "the reload command failed (exit code $?)"
}
`;
