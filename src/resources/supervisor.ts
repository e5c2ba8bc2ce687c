/**
 * The pidfile supervisor: runs a service where there is no init system, and under the local provider.
 *
 * Its files lie in `${dir}/.slipway/NAME/` (`dir` is the instance's directory), every text in one line:
 *
 *   pid      `SUPERVISOR_PID START_TIME`                          the supervisor: a POSIX shell, leader of its own session
 *   child    `CHILD_PID START_TIME SINCE_EPOCH RESTARTS`          the program, leader of its own process group
 *   digest   `SHA256`                                             what it was started with: digest of command, environment, user, folder
 *   log      what the program prints; `log.1` is the part before the last rotation (at 10 MiB)
 *   run      the supervisor itself, `program` what it executes, `stop` (for a moment) asks it to end
 *
 * START_TIME is field 22 of `/proc/PID/stat` (the 20th word after the last `) `): a process that got the same number
 * later has another one, so a stale file never names a stranger. SINCE_EPOCH is in seconds by the host's clock; RESTARTS counts
 * since the supervisor was started. The program runs when both the supervisor and the child are alive with these start
 * times: while the supervisor waits to restart a dead child, or was killed itself, the service counts as not running.
 * All files are written whole (a rename), but none of them need exist.
 */
