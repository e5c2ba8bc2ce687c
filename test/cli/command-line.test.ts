import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeState } from '../../src/state/codec.ts';
import { sampleState } from '../state/sample-state.ts';
import { runCli, workingDirectory } from './run-cli.ts';

const cwd = workingDirectory();
const slipway = (...args: string[]) => runCli(args, { cwd });

const COMMANDS = [
  'init',
  'validate',
  'fmt',
  'plan',
  'apply',
  'destroy',
  'show',
  'state',
  'graph',
  'output',
  'trust',
  'force-unlock',
];

describe('the command line', () => {
  it('alone prints what there is', async () => {
    const { code, stdout } = await slipway();
    expect(code).toBe(1);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  });

  it.each([[['--help']], [['-help']], [['-h']], [['help']]])('helps when asked: %j', async (args) => {
    const { code, stdout } = await slipway(...args);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: slipway [options] COMMAND');
  });

  it.each([[['--version']], [['-v']], [['version']]])('tells its version: %j', async (args) => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await slipway(...args)).toEqual({ code: 0, stdout: `slipway ${version}\n`, stderr: '' });
  });

  it.each(COMMANDS)('helps with %s, doing nothing', async (name) => {
    const { code, stdout, stderr } = await slipway(name, '--help');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: slipway ${name}`));
    expect(await slipway('help', name)).toEqual({ code, stdout, stderr });
  });

  it.each([
    [['plam'], 'Error: There is no command "plam". Did you mean "plan"? `slipway --help` lists them.'],
    [
      ['plam', 'apply'],
      'Error: There is no command "plam". Did you mean "plan"? `slipway --help` lists them.',
    ],
    [['toString'], 'Error: There is no command "toString". `slipway --help` lists them.'],
    [['--auto-aprove', 'apply'], 'Error: There is no option --auto-aprove. Did you mean --auto-approve?'],
    [['validate', '--jsn'], 'Error: There is no option --jsn. Did you mean --json?'],
    [['plan', 'nats'], 'Error: "nats" is too much. Usage: slipway plan [options]'],
    [['destroy', 'nats'], 'Error: "nats" is too much. Usage: slipway destroy [options]'],
    [['force-unlock'], 'Error: An argument is missing. Usage: slipway force-unlock ID'],
    [
      ['state'],
      'Error: What to do with the state is missing: slipway state list|show|rm|mv|rename|forget|rebuild. See `slipway state --help`.',
    ],
    [
      ['state', 'lst'],
      'Error: There is no "slipway state lst". Did you mean "list"? There are: slipway state list|show|rm|mv|rename|forget|rebuild.',
    ],
    [
      ['state', 'toString'],
      'Error: There is no "slipway state toString". There are: slipway state list|show|rm|mv|rename|forget|rebuild.',
    ],
    [['state', 'rm'], 'Error: Usage: slipway state rm SELECTOR...'],
    [['output', '--raw'], 'Error: --raw needs the name of an output.'],
    [['validate', '--chdir=nowhere'], /^Error: --chdir: .*\/nowhere is no directory\.$/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await slipway(...args);
    expect(stdout).toBe('');
    expect(stderr.trimEnd()).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(code).toBe(1);
  });

  it('takes options of a command before it, even when a value is the name of a command', async () => {
    const spec = workingDirectory({ 'main.hcl': 'variable "a" { type = number }\n' });
    const before = await runCli(['--var', 'a=x', 'validate'], { cwd: spec });
    expect(before.stderr).toContain('--var a');
    expect(before).toEqual(await runCli(['validate', '-var=a=x'], { cwd: spec }));
    const named = await runCli(['--var-file', 'plan', 'validate'], { cwd: spec });
    expect(named.stderr).toContain('--var-file plan');
  });

  describe('loads no provider and no screen', () => {
    const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    /** An environment in which loading any of these packages is an error. */
    const without = (...packages: readonly string[]) => {
      const hooks = `export function resolve(name, context, next) {
        if (${JSON.stringify(packages)}.includes(name)) throw new Error('loaded ' + name);
        return next(name, context);
      }`;
      const register = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`;
      return { NODE_OPTIONS: `--import=${asUrl(register)}` };
    };
    const spec = () =>
      workingDirectory({
        'main.hcl': 'host "edge" {\n  address = "127.0.1.1"\n  provider "ssh" { port = 1 }\n}\n',
        'slipway.state.json': encodeState(sampleState()),
      });

    it.each([
      [['validate']],
      [['graph']],
      [['fmt']],
      [['show']],
      [['output']],
      [['state', 'list']],
      [['--version']],
      [['--help']],
    ])('for %j', async (args) => {
      const env = without('ssh2', 'ink', 'react');
      expect(await runCli(args, { cwd: spec(), env })).toMatchObject({ code: 0, stderr: '' });
    });

    it('which would be noticed', async () => {
      const cwd = workingDirectory({ 'main.hcl': 'locals { a=1 }\n' });
      const result = await runCli(['fmt', '--diff'], { cwd, env: without('diff') });
      expect(result.stderr).toContain('loaded diff');
    });
  });

  it('works in another directory with --chdir', async () => {
    const spec = workingDirectory({ 'main.hcl': 'locals { a = 1 }\n' });
    const result = await slipway(`-chdir=${spec}`, 'validate');
    expect(result).toEqual({ code: 0, stdout: 'The spec is valid.\n', stderr: '' });
  });
});
