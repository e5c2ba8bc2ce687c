import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { Sensitive } from '../../src/spec/value.ts';
import { missingVariables, resolveVariables } from '../../src/spec/variables.ts';
import type { VariableSources } from '../../src/spec/variables.ts';
import { plain } from './language.ts';
import { evaluateProject, placed } from './project.ts';

const resolve = async (files: Record<string, string>, sources: Partial<VariableSources> = {}) => {
  const evaluated = await evaluateProject(files, { sources });
  const values = Object.fromEntries([...evaluated.resolved.values].map(([k, v]) => [k, plain(v)]));
  return { ...evaluated, values };
};
const variable = (text: string) => ({ option: 'var', text }) as const;

describe('variables', () => {
  it('take the strongest value: environment, auto files by name, then arguments in order, then answers', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { values, said } = await resolve(
      {
        'main.hcl': names.map((n) => `variable "${n}" { default = "default" }\n`).join(''),
        '1.auto.vars.json': JSON.stringify({ c: '1.json', d: '1.json', e: '1.json' }),
        '2.auto.vars.hcl': 'd = "2.hcl"\ne = "2.hcl"\n',
      },
      {
        environment: Object.fromEntries(names.slice(1).map((n) => [`SLIPWAY_VAR_${n}`, 'env'])),
        arguments: [variable('e=first'), variable('e=second')],
        prompted: new Map([['f', 'typed']]),
      },
    );
    expect(said).toEqual([]);
    expect(values).toEqual({ a: 'default', b: 'env', c: '1.json', d: '2.hcl', e: 'second', f: 'typed' });
  });

  it('are found behind the mark that some editors put at the front of a file', async () => {
    const { values, said } = await resolve({
      'main.hcl': 'variable "a" {}\nvariable "b" {}\n',
      'a.auto.vars.json': '\ufeff{"a": "json"}',
      'b.auto.vars.hcl': '\ufeffb = "hcl"\n',
    });
    expect([said, values]).toEqual([[], { a: 'json', b: 'hcl' }]);
  });

  it('are read by their type: text for simple ones, an expression for the others', async () => {
    const { values, said } = await resolve(
      {
        'main.hcl': `variable "s" { type = string }
variable "n" { type = number }
variable "b" { type = bool }
variable "l" { type = list(number) }
variable "o" { type = object({ a = string, b = optional(number, 7) }) }
variable "any" {}
`,
      },
      {
        arguments: ['s=[1]', 'n=4', 'b=true', 'l=[1, "2"]', 'o={ a = "x" }', 'any=[1]'].map(variable),
      },
    );
    expect(said).toEqual([]);
    expect(values).toEqual({ s: '[1]', n: 4, b: true, l: [1, 2], o: { a: 'x', b: 7 }, any: '[1]' });
  });

  it('come from files named by --var-file, in HCL or JSON', async () => {
    const { resolved, said, workspace } = await resolve({
      'main.hcl': 'variable "hosts" { default = [] }\nvariable "n" { default = 1 }\n',
      'prod.vars.hcl': 'hosts = ["10.0.0.1"]\n',
      'more.json': '{"n": 2}',
    });
    expect([said, resolved.values.get('n')]).toEqual([[], 1]);
    const given = resolveVariables(workspace, {
      environment: {},
      directory: workspace.directory,
      arguments: [
        { option: 'var-file', path: 'prod.vars.hcl' },
        { option: 'var-file', path: 'more.json' },
      ],
    });
    expect([given.values.get('hosts'), given.values.get('n'), given.diagnostics]).toEqual([
      ['10.0.0.1'],
      2,
      [],
    ]);
  });

  it('without a value are named with the ways to give one', async () => {
    const { resolved } = await resolve({
      'main.hcl': 'variable "b" {}\nvariable "a" { sensitive = true }\n',
    });
    expect(missingVariables(resolved.missing).map(placed)).toEqual([
      'main.hcl:2:10 Variable without a value: "a" is required and has no value. Set SLIPWAY_VAR_a in the environment, or put it in a file given by --var-file.',
      'main.hcl:1:10 Variable without a value: "b" is required and has no value. Give it by --var b=VALUE, --var-file, SLIPWAY_VAR_b or a file *.auto.vars.json.',
    ]);
  });

  it('that are not declared: an error in --var, a warning in a file, nothing in the environment', async () => {
    const { said } = await resolve(
      {
        'main.hcl': 'variable "port" { default = 1 }\n',
        'x.auto.vars.json': '{\n  "prot": 1\n}',
      },
      { environment: { SLIPWAY_VAR_other: 'x' }, arguments: [variable('pot=1'), variable('nonsense')] },
    );
    expect(said).toEqual([
      'warning: x.auto.vars.json:2:3 Unknown variable: There is no variable "prot". Did you mean "port"?',
      'Invalid --var: It is given as --var NAME=VALUE.',
      'Unknown variable: --var pot: There is no variable "pot". Did you mean "port"?',
    ]);
  });

  it('with wrong values are refused at the place of the value', async () => {
    const { said } = await resolve(
      {
        'main.hcl': `variable "n" { type = number }
variable "l" { type = list(string) }
variable "r" {
  default = 1
  validation {
    condition     = var.r < 10
    error_message = "Too much: \${var.r}."
  }
}
`,
        'x.auto.vars.hcl': 'r = 11\nl = var.n\n',
        'y.auto.vars.json': '{',
      },
      { arguments: [variable('n=x')] },
    );
    expect(said).toEqual([
      'x.auto.vars.hcl:1:1 Invalid value for "r": Too much: 11. The rule stands in main.hcl:6.',
      'x.auto.vars.hcl:2:5 Value is not constant: A value cannot read anything. If a text is meant, put it in double quotes.',
      expect.stringMatching(/^y.auto.vars.json:1:\d Invalid JSON: /),
      expect.stringMatching(/^Wrong type: --var n: n: .*number/),
    ]);
  });

  it('that are sensitive never show, not even the line that holds them', async () => {
    const { said, resolved } = await resolve(
      {
        'main.hcl': `variable "pw" {
  type      = string
  sensitive = true
  validation {
    condition     = length(var.pw) >= 12
    error_message = "At least 12 characters, not \${var.pw}."
  }
}
`,
        'x.auto.vars.hcl': 'pw = "hunter2"\n',
      },
      {},
    );
    expect(said).toEqual([
      'x.auto.vars.hcl:1:1 Invalid value for "pw": The rule has a sensitive message. The rule stands in main.hcl:5.',
    ]);
    expect(resolved.values.get('pw')).toBeInstanceOf(Sensitive);
  });

  it('count null as not given where they are not nullable', async () => {
    const { values } = await resolve({
      'main.hcl': 'variable "a" {\n  default  = 1\n  nullable = false\n}\nvariable "b" { default = 1 }\n',
      'x.auto.vars.json': '{"a": null, "b": null}',
    });
    expect(values).toEqual({ a: 1, b: null });
  });
});

it('no line of a file with values is shown in a message', async () => {
  const { resolved, diagnostics, workspace } = await resolve({
    'main.hcl': 'variable "n" { type = number }\n',
    '1.auto.vars.json': '{"pw": "hunter2", "n": "x"}',
    '2.auto.vars.hcl': 'pw = "hunter2", n = 1\n',
    '3.auto.vars.json': '{"pw": "hunter2"',
  });
  const text = renderDiagnostics([...resolved.diagnostics, ...diagnostics], {
    readSource: (file) => readFileSync(join(workspace.directory, file), 'utf8'),
    color: false,
    width: 80,
  });
  expect(text).toContain('--> 1.auto.vars.json:1:19');
  expect(text).toContain('--> 2.auto.vars.hcl:1:');
  expect(text).toContain('--> 3.auto.vars.json:1:');
  expect(text).not.toContain('hunter2');
});
