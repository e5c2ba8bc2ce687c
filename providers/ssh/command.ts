import { quote } from '../../src/host/sh.ts';

/**
 * A word for the login shell of a user, whichever it is, and so quoted more strictly than for sh: in zsh `=ls` is the path of
 * ls, in fish `%1` a job, and a backslash keeps its meaning inside single quotes, so it stands outside of them. Not csh,
 * whose quotes end at a line break.
 */
function shellWord(word: string): string {
  if (/^[A-Za-z0-9_./-]+$/.test(word)) return word;
  if (word.includes('\0')) throw new Error('a NUL byte cannot stand in a shell word');
  const parts = word.split('\\').map((part) => (part === '' ? '' : `'${part.replaceAll("'", `'\\''`)}'`));
  return parts.join('\\\\') || "''";
}

/** `sh -c PROGRAM sh ARG...` as the text of an SSH exec request, which the server gives to the user's login shell. */
export function remoteCommand(program: string, args: readonly string[]): string {
  return ['sh', '-c', program, 'sh', ...args].map(shellWord).join(' ');
}

/** On a line of its own on stderr, before the first byte of a privileged program: tells sudo's words from the program's. */
const MARK = 'slipway-privileged';

/** What the mark says: how the program runs, or that it does not. */
export type PrivilegeMark = 'root' | 'sudo' | 'no-sudo';

/** Run under sudo: says that sudo agreed, and becomes the program. LC_ALL was for sudo's own messages. */
const UNDER_SUDO = `unset LC_ALL; echo '${MARK} sudo' >&2; exec sh -c "$@"`;

/** Each wraps `PROGRAM sh ARG...`, its arguments from the second on. */
const FIRST_ATTEMPT = `if [ "$(id -u)" = 0 ]; then echo '${MARK} root' >&2; exec sh -c "$@"; fi
command -v sudo >/dev/null 2>&1 || { echo '${MARK} no-sudo' >&2; exit 127; }
exec env LC_ALL=C sudo -n -- sh -c ${quote(UNDER_SUDO)} sh "$@"`;

const WITH_ASKPASS = `askpass=$1; shift
exec env LC_ALL=C SUDO_ASKPASS="$askpass" sudo -A -p 'password: ' -- sh -c ${quote(UNDER_SUDO)} sh "$@"`;

/** Finds out how to be root, and runs the program where no password is needed for that. */
export function firstPrivilegedCommand(program: string, args: readonly string[]): string {
  return remoteCommand(FIRST_ATTEMPT, [program, 'sh', ...args]);
}

export function sudoCommand(program: string, args: readonly string[]): string {
  const words = ['env', 'LC_ALL=C', 'sudo', '-n', '--', 'sh', '-c', UNDER_SUDO, 'sh', program, 'sh', ...args];
  return words.map(shellWord).join(' ');
}

export function askpassCommand(askpass: string, program: string, args: readonly string[]): string {
  return remoteCommand(WITH_ASKPASS, [askpass, program, 'sh', ...args]);
}

/** What runs as root at a terminal: a program, or root's login shell. */
function rootWords(program: string | undefined, args: readonly string[]): readonly string[] {
  return program === undefined ? ['-i'] : ['--', 'sh', '-c', program, 'sh', ...args];
}

/** By a sudo that asks the person at the terminal, if it has to. */
export function askedSudoCommand(program: string | undefined, args: readonly string[]): string {
  return ['sudo', ...rootWords(program, args)].map(shellWord).join(' ');
}

/** At a terminal, by a sudo that is given its password. */
export function askpassTerminalCommand(
  askpass: string,
  program: string | undefined,
  args: readonly string[],
): string {
  return ['env', `SUDO_ASKPASS=${askpass}`, 'sudo', '-A', '-p', 'password: ', ...rootWords(program, args)]
    .map(shellWord)
    .join(' ');
}

/** Looks for the mark in what stderr has said so far; `rest`: what comes after it. */
export function findMark(stderr: Buffer): { mark: PrivilegeMark; rest: Buffer } | undefined {
  const start = stderr.indexOf(`${MARK} `);
  if (start < 0) return undefined;
  const end = stderr.indexOf('\n', start);
  if (end < 0) return undefined;
  const mark = stderr.toString('latin1', start + MARK.length + 1, end);
  if (mark !== 'root' && mark !== 'sudo' && mark !== 'no-sudo') return undefined;
  return { mark, rest: stderr.subarray(end + 1) };
}

/** An argument list longer than this is refused by Linux (MAX_ARG_STRLEN, 128 KiB for one string). */
export const LONGEST_COMMAND_BYTES = 128 * 1024 - 1;
