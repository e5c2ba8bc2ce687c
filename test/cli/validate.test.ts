import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

const WEB = [
  'input "port" {',
  '  type = number',
  '}',
  'file "page" {',
  '  path    = "page.html"',
  '  content = "port ${input.port}"',
  '}',
  'service "web" {',
  '  command = "/bin/serve ${input.port}"',
  '}',
  'endpoint "http" { port = input.port }',
  '',
].join('\n');

const component = (name: string, host: string, port: number | string) =>
  `component "${name}" {\n  source = "./web"\n  hosts  = ["${host}"]\n  inputs = { port = ${port} }\n}\n`;

describe('slipway validate', () => {
  it('says that a valid spec is valid, and leaves nothing behind', async () => {
    const cwd = workingDirectory({
      'main.hcl': component('web', '127.0.1.1', 8080),
      'web/component.hcl': WEB,
    });
    const result = await runCli(['validate'], { cwd });
    expect(result).toEqual({ code: 0, stdout: 'The spec is valid.\n', stderr: '' });
    expect(readdirSync(cwd).sort()).toEqual(['main.hcl', 'web']);
  });

  it('needs no values of variables, nor a host that answers', async () => {
    const cwd = workingDirectory({
      'main.hcl': `variable "port" { type = number }\n${component('web', '192.0.2.1', 'var.port')}`,
      'web/component.hcl': WEB,
    });
    expect(await runCli(['validate'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });

  it('checks the values that there are', async () => {
    const cwd = workingDirectory({ 'main.hcl': 'variable "port" { type = number }\n' });
    const { code, stderr } = await runCli(['validate'], { cwd, env: { SLIPWAY_VAR_port: 'many' } });
    expect(code).toBe(1);
    expect(stderr).toContain('SLIPWAY_VAR_port');
  });

  it('shows all errors at once, each with its line', async () => {
    const cwd = workingDirectory({
      'main.hcl': `${component('web', '127.0.1.1', 'var.prt')}variable "port" { typo = 1 }\n`,
      'web/component.hcl': `${WEB}fil "x" {}\n`,
    });
    const { code, stdout, stderr } = await runCli(['validate'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.match(/^Error: /gm)).toHaveLength(3);
    expect(stderr).toContain('--> main.hcl:4:');
    expect(stderr).toContain('--> main.hcl:6:');
    expect(stderr).toContain('--> web/component.hcl:');
    expect(stderr).toContain('Did you mean "file"?');
    expect(stderr).toContain('inputs = { port = var.prt }');
  });

  it('finds two instances that claim one port of a machine', async () => {
    const cwd = workingDirectory({
      'main.hcl': component('a', '10.0.0.1', 80) + component('b', '10.0.0.1', 80),
      'web/component.hcl': WEB,
    });
    const { code, stderr } = await runCli(['validate'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('Port 80 is claimed twice on 10.0.0.1');
    expect(stderr).toContain('unit');
  });

  it('finds what the kinds of resource refuse', async () => {
    const cwd = workingDirectory({
      'main.hcl': component('web', '127.0.1.1', 80),
      'web/component.hcl': `${WEB}file "bad" {\n  path    = "/etc/passwd"\n  content = ""\n  mode    = "rw"\n}\n`,
    });
    const { code, stderr } = await runCli(['validate'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('web/component.hcl:');
  });

  it('gives diagnostics as JSON, with their ranges', async () => {
    const cwd = workingDirectory({ 'main.hcl': 'output "a" { value = var.nothing }\n' });
    const { code, stdout, stderr } = await runCli(['validate', '--json'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      valid: false,
      errors: 1,
      warnings: 0,
      diagnostics: [
        {
          severity: 'error',
          subject: { at: 'source', range: { file: 'main.hcl', start: { line: 1 } } },
        },
      ],
    });
    const fine = await runCli(['validate', '--json'], { cwd: workingDirectory({ 'main.hcl': '' }) });
    expect(JSON.parse(fine.stdout)).toEqual({
      format: 1,
      valid: true,
      errors: 0,
      warnings: 0,
      diagnostics: [],
    });
  });
});
