import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

const UGLY = 'locals {\na=1\n  long_name   = 2 # two\n}\n';
const TIDY = 'locals {\n  a         = 1\n  long_name = 2 # two\n}\n';
const BROKEN = 'locals {\n  a = \n';

function project() {
  const cwd = workingDirectory({
    'main.hcl': UGLY,
    'tidy.hcl': TIDY,
    'components/web/component.hcl': UGLY,
    'elsewhere/other.hcl': UGLY,
    'notes.txt': UGLY,
    '.hidden/x.hcl': UGLY,
  });
  return { cwd, read: (name: string) => readFileSync(path.join(cwd, name), 'utf8') };
}

describe('slipway fmt', () => {
  it("lays out the spec and its components, lists what changed, and touches nobody else's files", async () => {
    const { cwd, read } = project();
    const first = await runCli(['fmt'], { cwd });
    expect(first).toEqual({ code: 0, stdout: 'main.hcl\ncomponents/web/component.hcl\n', stderr: '' });
    expect(read('main.hcl')).toBe(TIDY);
    expect(read('components/web/component.hcl')).toBe(TIDY);
    for (const other of ['elsewhere/other.hcl', 'notes.txt', '.hidden/x.hcl']) expect(read(other)).toBe(UGLY);
    expect(await runCli(['fmt'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes files and directories', async () => {
    const { cwd, read } = project();
    const { stdout } = await runCli(['fmt', 'elsewhere', 'main.hcl', 'main.hcl'], { cwd });
    expect(stdout).toBe('elsewhere/other.hcl\nmain.hcl\n');
    expect(read('elsewhere/other.hcl')).toBe(TIDY);
    expect(read('components/web/component.hcl')).toBe(UGLY);
  });

  it('with --check writes nothing and has exit code 3', async () => {
    const { cwd, read } = project();
    const { code, stdout } = await runCli(['fmt', '--check'], { cwd });
    expect(code).toBe(3);
    expect(stdout).toBe('main.hcl\ncomponents/web/component.hcl\n');
    expect(read('main.hcl')).toBe(UGLY);
  });

  it('with --diff shows the changes', async () => {
    const { cwd, read } = project();
    const { stdout } = await runCli(['fmt', '--check', '--diff', 'main.hcl'], { cwd });
    expect(stdout).toBe(
      [
        '--- main.hcl',
        '+++ main.hcl (formatted)',
        '@@ -1,4 +1,4 @@',
        ' locals {',
        '-a=1',
        '-  long_name   = 2 # two',
        '+  a         = 1',
        '+  long_name = 2 # two',
        ' }',
        '',
      ].join('\n'),
    );
    expect(read('main.hcl')).toBe(UGLY);
    expect((await runCli(['fmt', '--diff', 'main.hcl'], { cwd })).stdout).toBe(stdout);
    expect(read('main.hcl')).toBe(TIDY);
  });

  it('reads standard input for -', async () => {
    const { cwd } = project();
    expect(await runCli(['fmt', '-'], { cwd, input: UGLY })).toEqual({ code: 0, stdout: TIDY, stderr: '' });
    expect(await runCli(['fmt', '-', '--check'], { cwd, input: UGLY })).toMatchObject({ code: 3 });
    expect(await runCli(['fmt', '-', '--check'], { cwd, input: TIDY })).toMatchObject({ code: 0 });
    const broken = await runCli(['fmt', '-'], { cwd, input: BROKEN });
    expect(broken).toMatchObject({ code: 1, stdout: BROKEN });
    expect(broken.stderr).toContain('<stdin>:2:');
  });

  it('reports a file with syntax errors, leaves it alone and goes on', async () => {
    const cwd = workingDirectory({ 'a.hcl': BROKEN, 'b.hcl': UGLY });
    const { code, stdout, stderr } = await runCli(['fmt'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toBe('b.hcl\n');
    expect(stderr).toContain('--> a.hcl:2:');
    expect(readFileSync(path.join(cwd, 'a.hcl'), 'utf8')).toBe(BROKEN);
    expect(readFileSync(path.join(cwd, 'b.hcl'), 'utf8')).toBe(TIDY);
  });

  it('leaves a file in another encoding alone, byte by byte', async () => {
    const latin1 = Buffer.from('locals {\na=1 # gr\u00fc\u00dfe\n}\n', 'latin1');
    const cwd = workingDirectory({ 'a.hcl': latin1 });
    const { code, stderr } = await runCli(['fmt'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('--> a.hcl:2:9');
    expect(readFileSync(path.join(cwd, 'a.hcl')).equals(latin1)).toBe(true);
  });

  it.each([
    ['nowhere.hcl', 'There is no nowhere.hcl.'],
    ['notes.txt', 'notes.txt is no *.hcl file.'],
  ])('refuses %s', async (name, message) => {
    const { cwd } = project();
    const { code, stderr } = await runCli(['fmt', name], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
