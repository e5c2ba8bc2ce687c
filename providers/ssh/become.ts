import { HostError } from '../../src/host/connection.ts';
import { unknownKey } from './authentication.ts';
import {
  askedSudoCommand,
  askpassCommand,
  askpassTerminalCommand,
  findMark,
  firstPrivilegedCommand,
  remoteCommand,
  sudoCommand,
} from './command.ts';
import type { PrivilegeMark } from './command.ts';
import type { Program } from './program.ts';
import type { Target } from './target.ts';

/** How programs become root on one host; found out by the first privileged program, which needs no round trip for it. */
type Mode =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'askpass'; readonly askpass: string; readonly supply: () => void };

export interface BecomeOptions {
  readonly target: Target;
  readonly password: string | null;
  /** Starts the text of an SSH exec request. */
  readonly start: (command: string, signal: AbortSignal) => Promise<Program>;
  /** Whether the host's key was known before this connection. */
  readonly isKeyKnown: boolean;
  /** Called once it is certain that no password goes to this host. */
  readonly recordKey: () => Promise<void>;
  /** The reason why the connection is gone, if it is. */
  readonly lost: () => HostError | undefined;
}

export interface Privileged {
  readonly run: (program: string, args: readonly string[], signal: AbortSignal) => Promise<Program>;
  /** The text of an SSH request that runs a program, or root's login shell, at a terminal. */
  readonly atTerminal: (
    program: string | undefined,
    args: readonly string[],
    signal: AbortSignal,
  ) => Promise<string>;
}

/**
 * Runs programs as root. `sudo -n` is tried first. Where sudo wants a password, it gets it from an askpass program, which
 * reads it out of a FIFO in a 0700 directory, into which a channel of its own writes it: the password meets neither the
 * program's stdin nor any argument, environment or file. sudo asks again after a wrong password; askpass answers
 * each sudo once, so that a wrong one counts once and costs one delay.
 */
export function privileged(options: BecomeOptions): Privileged {
  const { target, start } = options;
  let mode: Promise<Mode> | undefined;
  /** sudo refused for a reason that a person at a terminal can do something about. */
  let wantsPerson = false;

  async function attempt(
    text: string,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<{ mode: Mode; running?: Program }> {
    const running = await start(firstPrivilegedCommand(text, args), signal);
    const { mark, words } = await awaitMark(running, options);
    if (mark === 'root' || mark === 'sudo') {
      await options.recordKey();
      return { mode: { kind: mark }, running };
    }
    running.close();
    if (mark === 'no-sudo')
      throw new HostError(
        target.host,
        'become',
        `there is no sudo on ${target.host}, and ${target.user} is not root`,
        'Install sudo there, or log in as root.',
      );
    if (options.password === null || mustHaveTty(words)) {
      wantsPerson = true;
      throw sudoRefused(target, words);
    }
    if (!options.isKeyKnown) throw unknownKey(target, `sudo asks ${target.user} for a password`);
    return { mode: await startAskpass(options, options.password) };
  }

  async function runIn(
    found: Mode,
    text: string,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<Program> {
    switch (found.kind) {
      case 'root':
        return start(remoteCommand(text, args), signal);
      case 'sudo':
        return marked(await start(sudoCommand(text, args), signal));
      case 'askpass': {
        found.supply();
        const running = await start(askpassCommand(found.askpass, text, args), signal);
        try {
          return await marked(running);
        } catch (error) {
          // A second wrong answer may lock the account: nothing on this connection tries again.
          if (error instanceof HostError && error.kind === 'become') {
            mode = Promise.reject(error);
            mode.catch(() => {});
          }
          throw error;
        }
      }
    }
  }

  async function marked(running: Program): Promise<Program> {
    const { mark, words } = await awaitMark(running, options);
    if (mark === 'sudo') return running;
    running.close();
    throw sudoRefused(target, words);
  }

  async function run(text: string, args: readonly string[], signal: AbortSignal): Promise<Program> {
    for (;;) {
      if (mode === undefined) {
        const first = attempt(text, args, signal);
        const found = first.then((result) => result.mode);
        mode = found;
        found.catch((error: unknown) => {
          const final =
            error instanceof HostError && (error.kind === 'become' || error.kind === 'host-key-unknown');
          if (mode === found && !final) mode = undefined;
        });
        const { mode: now, running } = await first;
        return running ?? runIn(now, text, args, signal);
      }
      let found: Mode;
      try {
        found = await mode;
      } catch (error) {
        // The first program was given up before it found out: the next one tries.
        if (
          !signal.aborted &&
          error instanceof HostError &&
          (error.kind === 'cancelled' || error.kind === 'timeout')
        )
          continue;
        throw error;
      }
      return runIn(found, text, args, signal);
    }
  }

  return {
    run,
    async atTerminal(text, args, signal) {
      try {
        const asked = await run('exit 0', [], signal);
        asked.stdout.resume();
        asked.stderr.resume();
        await asked.exit;
      } catch (error) {
        if (!wantsPerson || !(error instanceof HostError) || error.kind !== 'become') throw error;
        return askedSudoCommand(text, args);
      }
      const found = await mode;
      if (found?.kind !== 'askpass') return askedSudoCommand(text, args);
      found.supply();
      return askpassTerminalCommand(found.askpass, text, args);
    },
  };
}

/** Waits until sudo has let the program start, or has refused. What comes after the mark stays on stderr. */
function awaitMark(
  running: Program,
  { lost }: BecomeOptions,
): Promise<{ mark: PrivilegeMark | 'refused'; words: string }> {
  return new Promise((resolve, reject) => {
    let said: Buffer = Buffer.alloc(0);
    const { stderr } = running;
    // By `readable`, not by `data` and a pause: a paused stream would stay so for its next reader.
    const stop = (): void => {
      stderr.removeListener('readable', onReadable);
      stderr.removeListener('end', onEnd);
    };
    const onReadable = (): void => {
      for (let chunk = read(); chunk !== null; chunk = read()) {
        said = Buffer.concat([said, chunk]);
        const found = findMark(said);
        if (found === undefined) continue;
        stop();
        if (found.rest.length > 0) stderr.unshift(found.rest);
        resolve({ mark: found.mark, words: said.toString() });
        return;
      }
    };
    const read = (): Buffer | null => stderr.read() as Buffer | null;
    const onEnd = (): void => {
      stop();
      const reason = lost();
      if (reason !== undefined) reject(reason);
      else resolve({ mark: 'refused', words: said.toString() });
    };
    stderr.on('readable', onReadable);
    stderr.on('end', onEnd);
    running.exit.catch(reject);
  });
}

/**
 * Makes the askpass program and the FIFO, and holds the FIFO open while the connection lasts, so that a password lies in
 * it until one sudo takes it. `$XDG_RUNTIME_DIR` is first for being on tmpfs, but may be mounted noexec.
 */
const ASKPASS = `umask 077
d=
for base in "$XDG_RUNTIME_DIR" "$HOME" /tmp; do
  [ -n "$base" ] && [ -w "$base" ] || continue
  d=$(mktemp -d "$base/.slipway-askpass.XXXXXX") || continue
  cat >"$d/askpass" <<'END'
#!/bin/sh
[ "$1" = works ] && exit 0
d=\${0%/*}
mkdir "$d/$PPID" 2>/dev/null || exit 1
IFS= read -r password <"$d/password" && printf '%s\\n' "$password"
END
  chmod 700 "$d/askpass" && mkfifo "$d/password" && "$d/askpass" works && break
  rm -rf "$d"
  d=
done
[ -n "$d" ] || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM
exec 3<>"$d/password"
printf '%s\\n' "$d/askpass"
cat >&3`;

async function startAskpass({ target, start, lost }: BecomeOptions, password: string): Promise<Mode> {
  // It serves all that follows, so it does not end with the program that was first.
  const keeper = await start(remoteCommand(ASKPASS, []), new AbortController().signal);
  let words = '';
  keeper.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const askpass = await new Promise<string>((resolve, reject) => {
    let said = '';
    keeper.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const line = /^(.*\/askpass)\n/m.exec(said)?.[1];
      if (line !== undefined) resolve(line);
    });
    keeper.stdout.on('end', () =>
      reject(
        lost() ??
          new HostError(
            target.host,
            'become',
            `no directory on ${target.host} where ${target.user} may start a program that hands the password to sudo: ${lastWords(words)}`,
            'Make the home directory writable, or allow sudo without a password (NOPASSWD).',
          ),
      ),
    );
    keeper.exit.catch(reject);
  });
  return { kind: 'askpass', askpass, supply: () => void keeper.stdin.write(`${password}\n`) };
}

function mustHaveTty(words: string): boolean {
  return /must have a tty|no tty present/i.test(words);
}

/** sudo says in plain text alone why it refuses; LC_ALL=C makes that English. */
function sudoRefused(target: Target, words: string): HostError {
  const { host, user } = target;
  if (mustHaveTty(words))
    return new HostError(
      host,
      'become',
      `sudo on ${host} works at a terminal only (requiretty)`,
      `Lift that for this user in sudoers: Defaults:${user} !requiretty`,
    );
  if (/incorrect password|no password was provided|try again|authentication failure/i.test(words))
    return new HostError(
      host,
      'become',
      `sudo on ${host} does not accept the password of ${user}`,
      'Correct become_password (or password) of provider "ssh".',
    );
  if (/not in the sudoers file|not allowed to|may not run/i.test(words))
    return new HostError(
      host,
      'become',
      `${user} may not use sudo on ${host}: ${lastWords(words)}`,
      `Give ${user} the right to run everything as root in sudoers, or log in as another user.`,
    );
  if (/password is required/i.test(words))
    return new HostError(
      host,
      'become',
      `sudo on ${host} asks ${user} for a password`,
      `Set become_password of provider "ssh", or allow ${user} sudo without one (NOPASSWD in sudoers).`,
    );
  return new HostError(
    host,
    'become',
    `sudo on ${host} refuses: ${lastWords(words)}`,
    'Check sudoers on the host.',
  );
}

function lastWords(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-2).join('; ').slice(0, 400) || 'it says nothing';
}
