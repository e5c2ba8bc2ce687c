import type { ProbeRequest } from './observation.ts';
import { sh } from './sh.ts';

/*
 * Two samples of what processors and memory do: one is the first thing a probe does, the other its last. Each is one `grep`
 * over the files of the kernel (and one more over those of all processes where a pid file is asked for); what they mean is
 * found out by usage-output.ts. `sleep` is started only for what is missing to 100 ms.
 */

export type UsageRequest = Extract<ProbeRequest, { probe: 'usage' }>;

/** Tenths of a second would be less than the kernel's own clock tells apart. */
const LEAST_CENTISECONDS = 11;

/** Where cgroup 2 may be mounted; version 1 has a folder per controller, and systemd's own. */
export const GROUP_ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] as const;
export const CPU_ROOT = '/sys/fs/cgroup/cpuacct';
export const MEMORY_ROOT = '/sys/fs/cgroup/memory';
export const PROCESS_ROOT = '/sys/fs/cgroup/systemd';

/** The cgroup of a unit below its root: `system.slice/nats.service`; one made of a template has a slice of its own. */
export function unitGroup(unit: string): string {
  const template = /^(.+?)@.*\.[a-z]+$/.exec(unit)?.[1];
  if (template === undefined) return `system.slice/${unit}`;
  return `system.slice/system-${template.replaceAll('-', '\\x2d')}.slice/${unit}`;
}

/** The functions, and the first sample. Needs sw_frame. */
export function usageBegin(requests: readonly UsageRequest[], load: boolean): string {
  if (requests.length === 0 && !load) return '';
  const named = (of: UsageRequest['of']) => requests.filter((r) => r.of === of).map(({ name }) => name);
  const units = named('unit').map(unitGroup);
  const pidFiles = named('pid-file');
  return [
    'sw_leaders=',
    ...(pidFiles.length === 0
      ? []
      : [
          `sw_frame pid-files
for sw_file in ${sh(...pidFiles)}; do
  sw_pid=
  { read -r sw_pid sw_line <"$sw_file"; } 2>/dev/null
  case $sw_pid in ''|*[!0-9]*) sw_pid=- ;; *) sw_leaders="$sw_leaders\${sw_leaders:+|}$sw_pid" ;; esac
  printf '%s\\n' "$sw_pid"
done`,
        ]),
    `sw_sample() {
  sw_frame usage "$1"
  set -- /proc/uptime /proc/stat "/proc/$$/stat"
${units.length === 0 ? '' : unitFiles(units)}
  grep -sHE '${PATTERN}' "$@"
  if [ -n "$sw_leaders" ]; then grep -shE "\\\\) [A-Za-z] [0-9]+ ($sw_leaders) " /proc/[0-9]*/stat; fi
}
${CENTISECONDS}
sw_centiseconds
sw_begun=$sw_cs
sw_sample first`,
  ].join('\n');
}

/** The second sample: the last thing before the end. */
export function usageEnd(requests: readonly UsageRequest[], load: boolean): string {
  if (requests.length === 0 && !load) return '';
  return `sw_centiseconds
sw_missing=$((sw_begun + ${LEAST_CENTISECONDS} - sw_cs))
if [ "$sw_missing" -gt 0 ]; then
  case $sw_missing in ?) sw_missing=0$sw_missing ;; esac
  sleep "0.$sw_missing" 2>/dev/null || sleep 1
fi
${requests.length === 0 ? '' : PAGE_SIZE}
sw_sample last`;
}

/** Lines of: uptime, stat, bare numbers, cpu.stat, memory.stat, and the processes of a cgroup without controllers. */
const PATTERN =
  '^[0-9.]+ [0-9.]+$|^cpu  |^[0-9]+$|^usage_usec |^(total_)?inactive_file |\\) [A-Za-z] [0-9]+ [0-9]+ [0-9]+ ';

/** A cgroup tells its processor time, and its memory where its controller is on; else its processes are looked at. */
const unitFiles = (units: readonly string[]): string => `  for sw_unit in ${sh(...units)}; do
    for sw_root in ${GROUP_ROOTS.join(' ')} ${PROCESS_ROOT}; do
      if [ -e "$sw_root/$sw_unit/cgroup.procs" ]; then break; fi
    done
    if [ -e "$sw_root/$sw_unit/memory.current" ]; then
      set -- "$@" "$sw_root/$sw_unit/cpu.stat" "$sw_root/$sw_unit/memory.current" "$sw_root/$sw_unit/memory.stat"
    else
      set -- "$@" "$sw_root/$sw_unit/cpu.stat" "${CPU_ROOT}/$sw_unit/cpuacct.usage"
      if [ -e "${MEMORY_ROOT}/$sw_unit/memory.usage_in_bytes" ]; then
        set -- "$@" "${MEMORY_ROOT}/$sw_unit/memory.usage_in_bytes" "${MEMORY_ROOT}/$sw_unit/memory.stat"
      fi
      { while read -r sw_pid; do set -- "$@" "/proc/$sw_pid/stat"; done <"$sw_root/$sw_unit/cgroup.procs"; } 2>/dev/null
      set -- "$@" "$sw_root/$sw_unit/cgroup.procs"
    fi
  done`;

/** Sets sw_cs; leading zeros would make the number octal. */
const CENTISECONDS = `sw_centiseconds() {
  sw_cs=0
  { read -r sw_line sw_name </proc/uptime; } 2>/dev/null || return 0
  sw_cs=\${sw_line%.*}\${sw_line#*.}
  while :; do case $sw_cs in 0?*) sw_cs=\${sw_cs#0} ;; *) break ;; esac; done
}`;

/** Resident sets are counted in pages; on x86 these have 4096 bytes, elsewhere it is asked for. */
const PAGE_SIZE = `sw_line=
{ read -r sw_line </proc/sys/kernel/arch; } 2>/dev/null
case $sw_line in
  x86_64|i?86) sw_line=4096 ;;
  *) sw_line=$(getconf PAGESIZE 2>/dev/null) ;;
esac
sw_frame page "\${sw_line:-4096}"`;
