import { lockField } from './lock-program.ts';
import { recordField } from './record-codec.ts';
import { SCRIPT_PRELUDE } from './script-prelude.ts';
import { quote } from './sh.ts';
import type { HostScript } from './script.ts';

/** What a script is told beside its steps. */
export interface ScriptSettings {
  /** 32 hex digits, new for every script; begins each marker in its output. */
  readonly nonce: string;
  /** `user@machine` of the controller, for the lock. */
  readonly owner: string;
  /** Name of its run directory. */
  readonly name: string;
  /** The lock is given back when it ends. */
  readonly release: boolean;
  /** The record is rewritten at the end even when nothing was taken from it. */
  readonly compact: boolean;
}

/**
 * The text of a script, for a POSIX sh with the arguments STATE_DIR SECRETS_DIR TOKEN. All is parsed before anything is
 * run: a fault in one step's syntax changes nothing. However often it is started, it runs once.
 *
 * Markers are `NONCE WORD REST` up to the end of the line; they may follow output that lacks its newline.
 */
export function scriptText(script: Omit<HostScript, 'token'>, settings: ScriptSettings): string {
  const { nonce, name, release, compact, owner } = settings;
  const calls = script.steps.map(
    ({ id }, i) => `sw_step ${quote(recordField(id))}; sw_step_${i}; sw_mark done`,
  );
  return `sw_state=$1 SECRETS=$2 sw_token=$3
sw_nonce=${nonce} sw_script=${quote(name)} sw_release=${yesNo(release)} sw_compact=${yesNo(compact)}
sw_lineage=${quote(lockField(script.lineage))} sw_run=${quote(lockField(script.run))} sw_owner=${quote(lockField(owner))}
sw_instance=${quote(recordField(script.instance))}
${SCRIPT_PRELUDE}
${script.functions}
${script.steps.map(({ body }, i) => `sw_step_${i}() {\n:\n${body}\n}`).join('\n')}
sw_all() {
set -eu
${calls.join('\n')}
}
sw_begin
${secretLines(script.secrets)}umask 022
sw_all
sw_complete=yes
exit 0
`;
}

function yesNo(flag: boolean): string {
  return flag ? 'yes' : 'no';
}

/** The builtin printf puts them on tmpfs, so none of them ever stands in an argument list. */
function secretLines(secrets: HostScript['secrets']): string {
  const lines = [...secrets].map(([name, content]) => {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) throw new Error(`not a file name: ${name}`);
    return `printf '%b' ${printfText(content)} >"$SECRETS/${name}" || die "cannot write a secret to $SECRETS"\n`;
  });
  return lines.length === 0 ? '' : `sw_secret=yes\n${lines.join('')}`;
}

/** A quoted argument for printf's `%b` that gives exactly these bytes. */
function printfText(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const parts: string[] = [];
  for (const byte of bytes) {
    // Octal always with three digits: the next character may be a digit itself.
    const plain = byte === 10 || (byte >= 32 && byte < 127 && byte !== 39 && byte !== 92);
    parts.push(plain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`);
  }
  return `'${parts.join('')}'`;
}
