import { createHash } from 'node:crypto';
import { quote, sh } from '../host/sh.ts';
import type { DesiredService } from './resource.ts';
import { makeParents, pruneParents } from './parents.ts';
import { environmentProblem, splitCommand } from './command-line.ts';
import { PROCESS_OF_FUNCTION, SUPERVISOR_PROGRAM, renderProgram } from './supervisor-program.ts';

/**
 * The pidfile supervisor: runs a service where there is no init system, and under the local provider.
 *
 * Its files lie in `${dir}/.slipway/NAME/` (`dir` is the instance's directory), every text in one line:
 *
 *   pid      `SUPERVISOR_PID START_TIME`                          the supervisor: a POSIX shell, leader of its own session
 *   child    `CHILD_PID START_TIME SINCE_EPOCH RESTARTS`          the program, leader of its own process group
 *   digest   `SHA256`                                             what it was started with: digest of command, environment, user, folder
 *   log      what the program prints; `log.1` is the part before the last rotation (at 10 MiB)
 *   run      the supervisor itself, `program` what it executes, `ticker` the helper that looks after the log's size,
 *            `ended` the exit code of the last program that ended
 *
 * START_TIME is field 22 of `/proc/PID/stat` (the 20th word after the last `) `): a process that got the same number
 * later has another one, so a stale file never names a stranger. SINCE_EPOCH is in seconds by the host's clock; RESTARTS counts
 * since the supervisor was started. The program runs when both the supervisor and the child are alive with these start
 * times: while the supervisor waits to restart a dead child, or was killed itself, the service counts as not running.
 * All files are written whole (a rename), but none of them need exist. Nothing starts it again after a reboot.
 */

/** Where the files of a supervised service lie. */
export function supervisedFolder(dir: string, name: string): string {
  return `${dir}/.slipway/${name}`;
}

/** Shell functions for the steps of a supervised service; only sent to hosts that have one. */
export const SUPERVISOR_FUNCTIONS = `${PROCESS_OF_FUNCTION.trim()}
# FOLDER SECONDS: ends supervisor and program; nothing of them runs when it returns, so their ports are free.
supervisor_stop() {
  if process_of "$1/pid"; then
    supervisor=$process supervisor_since=$process_start naps=0
    kill -TERM "$supervisor" 2>/dev/null || :
    while process_started "$supervisor" && [ "$process_started" = "$supervisor_since" ]; do
      if [ "$naps" -ge $(($2 * 20 + 100)) ]; then
        kill -KILL "-$supervisor" 2>/dev/null || :
        break
      fi
      nap
    done
  fi
  # A supervisor that was killed leaves its helper, which is still of its group.
  if process_of "$1/ticker"; then
    kill -KILL "-$process_group" 2>/dev/null || :
  fi
  if process_of "$1/child"; then
    child=$process naps=0
    kill -TERM "-$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null || :
    while group_runs "$child" && [ "$naps" -lt $(($2 * 20)) ]; do nap; done
    kill -KILL "-$child" 2>/dev/null || :
    naps=0
    while group_runs "$child" && [ "$naps" -lt 100 ]; do nap; done
  fi
  rm -f "$1/pid" "$1/child" "$1/ticker"
}
# FOLDER TEXT DIGEST: what is to run.
supervisor_write() {
  [ -d "$1" ] || mkdir -m 0755 "$1"
  ( umask 077 && printf '%s' "$2" >"$1/program" && printf '%s\\n' "$3" >"$1/digest" )
}
# FOLDER SECONDS NAME
supervisor_start() {
  command -v setsid >/dev/null || die "$3 needs the program setsid, of the package util-linux"
  [ -r /proc/self/stat ] || die "$3 needs /proc, to know its processes again"
  printf '%s' "$SUPERVISOR" >"$1/run"
  rm -f "$1/ended"
  ( cd / && exec setsid sh "$1/run" "$1" "$2" </dev/null >>"$1/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- ) &
  naps=0
  while ! process_of "$1/child" && [ ! -e "$1/ended" ] && [ "$naps" -lt 100 ]; do nap; done
  nap
  nap
  if process_of "$1/child" && [ ! -e "$1/ended" ]; then return 0; fi
  tail -n 20 "$1/log"
  die "$3 ended right after its start"
}
# FOLDER SECONDS NAME: what was to run there already.
supervisor_again() {
  [ -e "$1/program" ] || die "there is nothing of $3 to start: an apply puts it there"
  supervisor_stop "$1" "$2"
  supervisor_start "$1" "$2" "$3"
}
SUPERVISOR=${quote(SUPERVISOR_PROGRAM)}
`;

/** The text of a service's program, the file that is executed. */
export function serviceProgram(service: DesiredService): string {
  if (service.command === null) throw new Error(`${service.address} has no command`);
  const words = splitCommand(service.command);
  const problem = environmentProblem(service.environment);
  if (problem !== null) throw new Error(`the environment of ${service.address}: ${problem}`);
  if ('problem' in words) throw new Error(`the command of ${service.address}: ${words.problem}`);
  return renderProgram({ ...service, words });
}

/** The same, and the digest that tells whether what the supervisor runs is what is wanted. */
export function supervisedProgram(service: DesiredService): {
  readonly text: string;
  readonly digest: string;
} {
  const text = serviceProgram(service);
  return {
    text,
    digest: createHash('sha256').update(`${service.stopTimeoutSeconds}\n${text}`).digest('hex'),
  };
}

/** Stops what runs, if anything does, and starts what is wanted; only puts it there when the service is to stay down. */
export function superviseCommands(service: DesiredService): readonly string[] {
  const folder = supervisedFolder(service.dir, service.name);
  const { text, digest } = supervisedProgram(service);
  const seconds = Math.ceil(service.stopTimeoutSeconds);
  return [
    sh('supervisor_stop', folder, seconds),
    makeParents(folder),
    sh('supervisor_write', folder, text, digest),
    ...(service.stopped === true ? [] : [sh('supervisor_start', folder, seconds, service.name)]),
  ];
}

/** Stops it and takes its files off. */
export function unsuperviseCommands(
  dir: string,
  name: string,
  stopTimeoutSeconds: number,
): readonly string[] {
  const folder = supervisedFolder(dir, name);
  return [sh('supervisor_stop', folder, stopTimeoutSeconds), sh('rm', '-rf', folder), pruneParents(folder)];
}
