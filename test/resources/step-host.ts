import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRecord, RECORD_HEADER } from '../../src/host/record-codec.ts';
import { EMPTY_RECORD, type RecordEntry } from '../../src/host/record.ts';
import type { ScriptStep } from '../../src/host/script.ts';
import { quote } from '../../src/host/sh.ts';

/** The shells that hosts have, as far as this machine has them. */
export const SHELLS: readonly (readonly [name: string, argv: readonly string[]])[] = (
  [
    ['dash', ['dash']],
    ['busybox ash', ['busybox', 'ash']],
    ['bash', ['bash', '--posix']],
  ] as const
).filter(([, argv]) => {
  try {
    execFileSync(argv[0], argv[0] === 'busybox' ? ['true'] : ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
});

export interface StepResult {
  readonly code: number;
  readonly output: string;
}

/** A place where steps run for real, one at a time: a temporary directory with a host's state, and what a step may call. */
export interface StepHost {
  readonly root: string;
  readonly state: string;
  run(
    functions: string,
    step: ScriptStep | null,
    secrets?: ReadonlyMap<string, string | Uint8Array>,
  ): Promise<StepResult>;
  entry(key: string): RecordEntry | null;
  close(): void;
}

export function openStepHost(shell: readonly string[], path = process.env['PATH'] ?? ''): StepHost {
  const root = mkdtempSync(join(tmpdir(), 'slipway-step-'));
  const state = join(root, 'state');
  const secretsDir = join(root, 'secrets');
  for (const dir of ['state', 'state/blobs', 'state/backups', 'secrets']) mkdirSync(join(root, dir));
  const prelude = `set -eu
STATE=${quote(state)} BLOBS=$STATE/blobs BACKUPS=$STATE/backups SECRETS=${quote(secretsDir)}
append() { [ -e "$STATE/record" ] || echo '${RECORD_HEADER}' >"$STATE/record"; printf "$@" >>"$STATE/record"; }
own() { append 'own\\t%s\\tL\\tweb@h\\t%s\\n' "$1" "$2"; }
disown() { append 'disown\\t%s\\tL\\tweb@h\\t%s\\n' "$1" "$2"; }
before() { append 'before\\t%s\\t%s\\n' "$1" "$2"; }
note() { append 'set\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3"; }
forget() { append 'forget\\t%s\\n' "$1"; }
say() { printf '%s\\n' "$*"; }
die() { printf 'died: %s\\n' "$*"; exit 1; }
`;
  // What steps start by the name `sh` is this shell as well.
  const [program = 'sh'] = shell;
  const bin = join(root, 'bin');
  mkdirSync(bin);
  // Under busybox every other tool is busybox's own, too.
  if (program === 'busybox') execFileSync('busybox', ['--install', '-s', bin]);
  else symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(bin, 'sh'));
  let count = 0;
  return {
    root,
    state,
    run(functions, step, secrets = new Map()) {
      for (const [name, content] of secrets) writeFileSync(join(secretsDir, name), content, { mode: 0o600 });
      const file = join(root, `step-${count++}`);
      writeFileSync(file, `${prelude}${functions}\nstep() {\n:\n${step?.body ?? ''}\n}\nstep\n`);
      return new Promise((resolve, reject) => {
        const child = spawn(program, [...shell.slice(1), file], {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, PATH: `${bin}:${path}` },
        });
        let output = '';
        child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
        child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()));
        child.on('error', reject);
        // 'close' waits for everyone who holds the pipes: a service that kept one open would hang the run.
        child.on('close', (code) => resolve({ code: code ?? -1, output }));
      });
    },
    entry(key) {
      const file = join(state, 'record');
      const record = existsSync(file) ? parseRecord('h', readFileSync(file, 'utf8')) : EMPTY_RECORD;
      return record.entries.get(key) ?? null;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
