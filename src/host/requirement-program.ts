import type { ProbeRequest } from './observation.ts';
import { frameName } from './frame-name.ts';
import { sh } from './sh.ts';

type Of<P extends ProbeRequest['probe']> = Extract<ProbeRequest, { probe: P }>;

/** A name server that does not answer holds the probe up for so long, however many names are asked for. */
const RESOLVE_SECONDS = 5;

/** Limits by the names of limits.conf(5), as the rows of /proc/PID/limits call them. */
export const LIMIT_ROWS: Readonly<Record<string, string>> = {
  as: 'address space',
  core: 'core file size',
  cpu: 'cpu time',
  data: 'data size',
  fsize: 'file size',
  locks: 'file locks',
  memlock: 'locked memory',
  msgqueue: 'msgqueue size',
  nofile: 'open files',
  nproc: 'processes',
  rss: 'resident set',
  rtprio: 'realtime priority',
  sigpending: 'pending signals',
  stack: 'stack size',
};

/** The parts of a probe that tell what definitions require of a host. Needs sw_frame and sw_init; builtins but for the resolver and systemctl. */
export function requirementSections(requests: readonly ProbeRequest[]): readonly string[] {
  const of = <P extends ProbeRequest['probe']>(probe: P): readonly Of<P>[] =>
    requests.filter((request): request is Of<P> => request.probe === probe);
  return [
    resolveSection(of('resolve')),
    sysctlSection(of('sysctl')),
    of('limits').length === 0 ? '' : LIMITS_SECTION,
    of('kernel-command-line').length === 0 ? '' : COMMAND_LINE_SECTION,
  ];
}

/** All names at the same time; each prints one line, which no other one can break. */
function resolveSection(names: readonly Of<'resolve'>[]): string {
  if (names.length === 0) return '';
  return `if command -v getent >/dev/null; then
  sw_timeout=
  if command -v timeout >/dev/null; then sw_timeout='timeout ${RESOLVE_SECONDS}'; fi
  sw_resolve() {
    set -- "$1" $($sw_timeout getent ahosts "$2" 2>/dev/null || $sw_timeout getent hosts "$2" 2>/dev/null)
    printf '%s\\n' "$*"
  }
  sw_found=$(
${names.map((request) => `    ${sh('sw_resolve', frameName(request.name), request.name)} &`).join('\n')}
    wait
  )
  sw_frame resolved
  printf '%s\\n' "$sw_found"
fi`;
}

/** By `grep`: the kernel gives such a file to one read only, and `read` of many a shell takes a byte at a time. */
function sysctlSection(settings: readonly Of<'sysctl'>[]): string {
  if (settings.length === 0) return '';
  const paths = settings.map(({ name }) => sysctlPath(name));
  return `sw_frame sysctl\ngrep -s -H '' -- ${sh(...paths)}`;
}

/** As sysctl(8): the first of `.` and `/` parts, the other one belongs to the words. */
export function sysctlPath(name: string): string {
  const dots = (/[./]/.exec(name)?.[0] ?? '.') === '.';
  const path = dots ? name.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.')) : name;
  return `/proc/sys/${path}`;
}

/** What services inherit: of the shell and, where monit starts them, of monit; systemd gives its units its own defaults. */
const LIMITS_SECTION = `sw_limits=/proc/self/limits
if [ "$sw_init" = monit ]; then
  for sw_file in /run/monit.pid /var/run/monit.pid; do
    sw_pid=
    { read -r sw_pid sw_line <"$sw_file"; } 2>/dev/null
    if [ -n "$sw_pid" ] && [ -r "/proc/$sw_pid/limits" ]; then sw_limits=/proc/$sw_pid/limits; fi
  done
fi
sw_frame limits
while IFS= read -r sw_line; do printf '%s\\n' "$sw_line"; done <"$sw_limits"
if [ "$sw_init" = systemd ]; then
  sw_frame unit-limits
  systemctl show -p ${Object.keys(LIMIT_ROWS)
    .map((name) => `DefaultLimit${name.toUpperCase()}`)
    .join(',')} 2>/dev/null
fi`;

const COMMAND_LINE_SECTION = `sw_line=
{ read -r sw_line </proc/cmdline; } 2>/dev/null
sw_frame kernel-command-line
printf '%s\\n' "$sw_line"`;
