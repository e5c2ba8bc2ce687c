import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

const DEFINITION = 'input "upstream" { default = [] }\nendpoint "http" { port = 80 }\n';

describe('slipway graph', () => {
  it('prints components with their dependencies in a stable order, without values of variables', async () => {
    const cwd = workingDirectory({
      'z.hcl': [
        'cluster "shop" {}',
        'variable "hosts" { type = list(string) }',
        'component "web" {',
        '  source = "./d"',
        '  hosts  = ["10.0.0.1", "10.0.0.2"]',
        '  inputs = { upstream = local.apis }',
        '}',
      ].join('\n'),
      'a.hcl': [
        'locals { apis = component.api.endpoints.http }',
        'component "api" {',
        '  source     = "./d"',
        '  hosts      = var.hosts',
        '  depends_on = [component.bus]',
        '}',
        'component "bus" {',
        '  source = "./d"',
        '  hosts  = ["10.0.0.3"]',
        '}',
      ].join('\n'),
      'd/component.hcl': DEFINITION,
    });
    expect(await runCli(['graph'], { cwd })).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'digraph "shop" {',
        '  rankdir = "LR"',
        '  node [shape = "box"]',
        '  "api" [label = "api"]',
        '  "bus" [label = "bus\\n1 instance"]',
        '  "web" [label = "web\\n2 instances"]',
        '  "api" -> "bus"',
        '  "web" -> "api"',
        '}',
        '',
      ].join('\n'),
    });
  });

  it('shows what is wrong instead of a graph with holes', async () => {
    const cwd = workingDirectory({
      'main.hcl': 'component "a" {\n  source = "./nowhere"\n  hosts = []\n}\n',
    });
    const { code, stdout, stderr } = await runCli(['graph'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('main.hcl:2:');
  });
});
