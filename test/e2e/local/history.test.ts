import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli, workingDirectory, type CliResult } from '../../cli/run-cli.ts';

const address = (n: number): string => `127.${210 + (process.pid % 20)}.${(process.pid >> 4) % 250}.${n}`;

const SPEC = `cluster "notes" {
  version = "1"
}

variable "greeting" {
  type    = string
  default = "hello"
}

variable "pin" {
  type      = string
  sensitive = true
  default   = "pin-number-1"
}

component "note" {
  source = "../shared/note"
  hosts  = ["${address(1)}"]
  inputs = {
    text = var.greeting
    pin  = var.pin
  }
}
`;

const DEFINITION = `definition {
  description = "A note"
}

input "text" { type = string }
input "pin" { type = string }

file "note" {
  path    = "note.txt"
  content = "\${input.text}, version 1\\n"
}

file "pin" {
  path    = "pin.txt"
  mode    = "0600"
  content = input.pin
}
`;

/** A spec in \`spec\`, its definition beside it: outside of the working directory. */
function project() {
  const root = workingDirectory({ 'spec/main.hcl': SPEC, 'shared/note/component.hcl': DEFINITION });
  const cwd = path.join(root, 'spec');
  const slipway = (...args: string[]): Promise<CliResult> => runCli(args, { cwd });
  const at = (name: string): string => path.join(cwd, name);
  return {
    cwd,
    slipway,
    at,
    read: (name: string): string => readFileSync(at(name), 'utf8'),
    edit(name: string, from: string, to: string): void {
      const text = readFileSync(at(name), 'utf8');
      if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
      writeFileSync(at(name), text.replaceAll(from, to));
    },
    async apply(...args: string[]): Promise<CliResult> {
      const result = await slipway('apply', '--auto-approve', ...args);
      expect(result).toMatchObject({ code: 0 });
      return result;
    },
    note: (n = 1): string => readFileSync(at(`.slipway/hosts/${address(n)}/instances/note/note.txt`), 'utf8'),
  };
}

describe('history', () => {
  const { slipway, edit, apply, read, at, note } = project();
  afterAll(() => slipway('destroy', '--auto-approve'));

  it('is empty at first', async () => {
    expect(await slipway('history')).toMatchObject({ code: 0, stdout: /empty/ });
    const { code, stderr } = await slipway('rollback', '1', '--auto-approve');
    expect(code).toBe(1);
    expect(stderr).toContain('There is no version 1');
  });

  it('lists what was applied, and counts what succeeded', async () => {
    await apply();
    edit('main.hcl', 'version = "1"', 'version = "2"');
    edit('main.hcl', `"${address(1)}"`, `"${address(1)}", "${address(2)}"`);
    edit('../shared/note/component.hcl', 'version 1', 'version 2');
    await apply('--var', 'greeting=good morning');
    await apply('--var', 'greeting=good morning');
    const { stdout } = await slipway('history');
    const lines = stdout.split('\n').filter((line) => /^ *\d/.test(line));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^1 .* 1 +\+1 ~0 -0 +apply$/);
    expect(lines[1]).toMatch(/^2 .* 2 +\+1 ~1 -0 +apply$/);
    expect(stdout).toContain('2 successful deployments');
  });

  it('shows a version with its text, and no secret', async () => {
    const { stdout } = await slipway('history', 'show', '2', '--files');
    expect(stdout).toContain(`+ note@${address(2)}`);
    expect(stdout).toContain('greeting = "good morning"');
    expect(stdout).toContain('description = "A note"');
    expect(stdout).toContain('default   = "(sensitive:pin)"');
    expect(stdout).not.toContain('pin-number-1');
    const { stdout: json } = await slipway('history', 'show', '2', '--json');
    expect(JSON.parse(json)).toMatchObject({ version: 2, deployment: 2, sensitive: ['pin'] });
  });

  it('tells two versions apart', async () => {
    const { stdout, code } = await slipway('diff', '1', '2');
    expect(code).toBe(0);
    expect(stdout).toContain('-  version = "1"\n+  version = "2"');
    expect(stdout).toContain('version 1\\n"\n+  content = "${input.text}, version 2');
    expect(stdout).toContain('- greeting = "hello"\n+ greeting = "good morning"');
    expect(stdout).not.toContain('pin-number-1');
    expect((await slipway('diff', '2', '2')).stdout).toBe(
      'No differences between version 2 and version 2.\n',
    );
  });

  it('goes back to a version, without a change in the working directory', async () => {
    const before = [read('main.hcl'), read('../shared/note/component.hcl')];
    const kept = readdirSync(at('.slipway/history/files')).map((name) =>
      at(`.slipway/history/files/${name}`),
    );
    const written = () => kept.map((file) => statSync(file).mtimeMs);
    const writtenBefore = written();
    const { code, stdout, stderr } = await slipway('rollback', '1', '--auto-approve');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`remove note@${address(2)}`);
    expect(stderr).toContain('the next apply undoes this rollback');
    expect(note()).toBe('hello, version 1\n');
    expect([read('main.hcl'), read('../shared/note/component.hcl')]).toEqual(before);
    expect((await slipway('history')).stdout).toMatch(/rollback to 1\n\n3 successful/);
    // Files that older versions need are never written again: a full disk would cut them off.
    expect(written()).toEqual(writtenBefore);
    const again = await slipway('rollback', '1', '--auto-approve');
    expect(again.stdout).toContain('No changes.');
  });

  it('goes forward again, with --write in the working directory too', async () => {
    edit('main.hcl', 'version = "2"', 'version = "3"');
    writeFileSync(at('extra.hcl'), 'locals { extra = 1 }\n');
    const { code, stdout } = await slipway('rollback', '2', '--auto-approve', '--write');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/ {2}- extra\.hcl\n {2}~ main\.hcl/);
    expect(note(2)).toBe('good morning, version 2\n');
    expect(read('main.hcl')).toContain('version = "2"');
    expect(read('main.hcl')).toContain('pin-number-1');
    expect(existsSync(at('extra.hcl'))).toBe(false);
    const backup = /is kept in (\S+)\.\n/.exec(stdout)?.[1] ?? '';
    expect(read(`${backup}/main.hcl`)).toContain('version = "3"');
    expect(existsSync(at(`${backup}/extra.hcl`))).toBe(true);
    expect(read('.slipway/history/1.json')).not.toContain('pin-number-1');
  });

  it('takes secrets from today, or names those it needs', async () => {
    edit('main.hcl', '  default   = "pin-number-1"\n', '');
    const refused = await slipway('rollback', '1', '--auto-approve');
    expect(refused.code).toBe(1);
    expect(refused.stderr.replace(/\s+/g, ' ')).toMatch(
      /main\.hcl held the value of var\.pin.*SLIPWAY_VAR_pin/,
    );
    const given = await slipway('rollback', '1', '--auto-approve', '--var', 'pin=pin-number-2');
    expect({ code: given.code, text: given.stderr }).toMatchObject({ code: 0 });
    expect(read(`.slipway/hosts/${address(1)}/instances/note/pin.txt`)).toBe('pin-number-2');
  });

  it('does not go back to a destroy', async () => {
    expect((await slipway('destroy', '--auto-approve')).code).toBe(0);
    const { stdout } = await slipway('history', '--json');
    const { versions } = JSON.parse(stdout) as { versions: { version: number; deployment: number | null }[] };
    const last = versions.at(-1);
    expect(last?.deployment).toBe(null);
    const { stderr, code } = await slipway('rollback', String(last?.version), '--auto-approve');
    expect(code).toBe(1);
    expect(stderr).toContain('was a destroy');
  });
});

describe('max_deployments', () => {
  const { slipway, edit, apply, at } = project();
  afterAll(() => slipway('destroy', '--auto-approve'));

  it('refuses changes once so many deployments have succeeded, be the history lost or not', async () => {
    edit('main.hcl', 'version = "1"', 'version = "1"\n  max_deployments = 2');
    await apply();
    await apply('--var', 'greeting=two');
    expect((await apply('--var', 'greeting=two')).stdout).toContain('No changes.');
    const refused = await slipway('apply', '--auto-approve', '--var', 'greeting=three');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The quota of deployments is used up');
    expect((await slipway('plan', '--var', 'greeting=three')).code).toBe(1);
    rmSync(at('.slipway/history'), { recursive: true });
    expect((await slipway('apply', '--auto-approve', '--var', 'greeting=three')).code).toBe(1);
    expect((await slipway('destroy', '--auto-approve')).code).toBe(0);
  });
});

describe('state rebuild', () => {
  const { slipway, edit, apply, at, read } = project();
  afterAll(() => slipway('destroy', '--auto-approve'));

  it('makes the same state again, and the plan is empty', async () => {
    await apply();
    const before = JSON.parse(read('slipway.state.json')) as { serial: number };
    expect(await slipway('state', 'rebuild', '--auto-approve')).toMatchObject({
      code: 1,
      stderr: /There is a state already/,
    });
    rmSync(at('slipway.state.json'));
    const { stdout, code } = await slipway('state', 'rebuild', '--auto-approve');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain('Cluster notes, version 1: 1 instance on 1 host');
    expect(JSON.parse(read('slipway.state.json'))).toEqual({ ...before, serial: 1 });
    expect((await slipway('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('needs neither the key nor the history', async () => {
    rmSync(at('slipway.state.json'));
    rmSync(at('.slipway/key'));
    rmSync(at('.slipway/history'), { recursive: true });
    expect((await slipway('state', 'rebuild', '--auto-approve')).code).toBe(0);
    expect((await slipway('plan', '--detailed-exitcode')).code).toBe(0);
    expect(JSON.parse(read('slipway.state.json'))).toMatchObject({ deployments: 1 });
  });

  it('keeps what the spec no longer has, for its removal', async () => {
    rmSync(at('slipway.state.json'));
    edit('main.hcl', `"${address(1)}"`, `"${address(3)}"`);
    const nothing = await slipway('state', 'rebuild', '--auto-approve');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('The hosts know of no cluster');
    const { stdout, code } = await slipway('state', 'rebuild', '--auto-approve', '--host', address(1));
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`Not in the spec; the next apply removes them:\n  note@${address(1)}`);
    expect(stdout).toContain(`the next apply installs them:\n  note@${address(3)}`);
    const plan = await slipway('plan');
    expect(plan.stdout).toContain('1 to install, 0 to update, 1 to remove');
  });

  it('does not guess which of several clusters is meant', async () => {
    edit('main.hcl', `"${address(3)}"`, `"${address(1)}", "${address(3)}"`);
    const first = (JSON.parse(read('slipway.state.json')) as { lineage: string }).lineage;
    rmSync(at('slipway.state.json'));
    await apply(`--target=@${address(3)}`);
    rmSync(at('slipway.state.json'));
    const { code, stderr } = await slipway('state', 'rebuild', '--auto-approve');
    expect(code).toBe(1);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'The hosts know of 2 clusters Say which one with --lineage=ID',
    );
    expect((await slipway('state', 'rebuild', '--auto-approve', `--lineage=${first}`)).code).toBe(0);
    expect(JSON.parse(read('slipway.state.json'))).toMatchObject({ lineage: first });
    expect((await slipway('state', 'rebuild', '--auto-approve', '--lineage=none')).code).toBe(1);
  });
});
