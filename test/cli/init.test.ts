import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

describe('slipway init', () => {
  it('writes a spec that is valid and laid out as fmt has it', async () => {
    const cwd = workingDirectory();
    const { code, stdout } = await runCli(['init'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('main.hcl');
    expect(stdout).toContain('slipway plan');
    expect(readFileSync(path.join(cwd, '.gitignore'), 'utf8')).toBe(
      '.slipway/\n*.state.json\n*.state.json.*\ndeployment-engine_override.json\n',
    );
    expect(await runCli(['validate'], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect(await runCli(['fmt', '--check'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('makes the directory it is given', async () => {
    const cwd = workingDirectory();
    const { code, stdout } = await runCli(['init', 'new/shop'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('cd new/shop');
    expect(readdirSync(path.join(cwd, 'new/shop'))).toContain('main.hcl');
  });

  it.each(['main.hcl', 'other.hcl', 'components/web/component.hcl'])(
    'overwrites nothing beside %s',
    async (file) => {
      const cwd = workingDirectory({ [file]: '# mine\n' });
      const before = readdirSync(cwd);
      const { code, stderr } = await runCli(['init'], { cwd });
      expect(code).toBe(1);
      expect(stderr).toContain('There is something here already');
      expect(stderr).toContain(file.split('/')[0]);
      expect(readdirSync(cwd)).toEqual(before);
      expect(readFileSync(path.join(cwd, file), 'utf8')).toBe('# mine\n');
    },
  );

  it('adds to a .gitignore only what is missing there', async () => {
    const cwd = workingDirectory({ '.gitignore': 'node_modules/\n.slipway/' });
    await runCli(['init'], { cwd });
    expect(readFileSync(path.join(cwd, '.gitignore'), 'utf8')).toBe(
      'node_modules/\n.slipway/\n*.state.json\n*.state.json.*\ndeployment-engine_override.json\n',
    );
  });

  it('says so when the place is a file', async () => {
    const cwd = workingDirectory();
    writeFileSync(path.join(cwd, 'shop'), '');
    const { code, stderr } = await runCli(['init', 'shop'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('shop cannot be used');
  });
});
