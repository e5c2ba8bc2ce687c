import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli, workingDirectory, type CliResult } from '../../cli/run-cli.ts';
import { processesIn } from '../processes.ts';
import { get } from '../requests.ts';

/** A loopback address that no other test works on. */
const address = `127.${230 + (process.pid % 20)}.${(process.pid >> 4) % 250}.1`;
const url = `http://${address}:8421/`;

/** The tests build on each other: one life of what `slipway init` writes. */
describe('the starter', () => {
  const cwd = workingDirectory();
  const slipway = (...args: string[]): Promise<CliResult> => runCli(args, { cwd });
  const edit = (change: (text: string) => string): void => {
    const file = path.join(cwd, 'main.hcl');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  afterAll(() => slipway('destroy', '--auto-approve'));

  it('is written and valid', async () => {
    expect(await slipway('init')).toMatchObject({ code: 0, stderr: '' });
    edit((text) => text.replaceAll('127.0.1.1', address));
    expect(await slipway('validate')).toEqual({ code: 0, stdout: 'The spec is valid.\n', stderr: '' });
  });

  it('is planned: changes have exit code 2 when asked for, and nothing is touched', async () => {
    const { code, stdout, stderr } = await slipway('plan', '--detailed-exitcode');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain(`install hello@${address}`);
    expect(stdout).toContain('1 to install, 0 to update, 0 to remove');
    expect((await slipway('plan')).code).toBe(0);
    expect(existsSync(path.join(cwd, 'slipway.state.json'))).toBe(false);
    expect(await processesIn(cwd)).toEqual([]);
  });

  it('is not applied where nobody can approve', async () => {
    const { code, stderr } = await slipway('apply');
    expect(code).toBe(1);
    expect(stderr).toContain('--auto-approve');
    expect(await processesIn(cwd)).toEqual([]);
  });

  it('is applied as a saved plan, which show prints and a second apply refuses', async () => {
    expect((await slipway('plan', '--out=first.plan')).code).toBe(0);
    expect((await slipway('show', 'first.plan')).stdout).toContain(`install hello@${address}`);
    const applied = await slipway('apply', 'first.plan');
    expect({ code: applied.code, stderr: applied.stderr }).toEqual({ code: 0, stderr: '' });
    expect(applied.stdout).toContain(url);
    expect(await get(url)).toContain('Hello from slipway');
    const again = await slipway('apply', 'first.plan');
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('The saved plan is stale');
  });

  it('has nothing to do afterwards', async () => {
    expect((await slipway('plan', '--detailed-exitcode')).code).toBe(0);
    expect((await slipway('apply', '-auto-approve')).stdout).toContain('No changes.');
  });

  it('is shown from the state', async () => {
    expect((await slipway('state', 'list')).stdout).toBe(`hello@${address}\n`);
    expect((await slipway('show')).stdout).toContain(`hello@${address}  installed`);
    expect((await slipway('output', 'pages', '--json')).stdout).toBe(`${JSON.stringify([url])}\n`);
  });

  it('is changed by a variable', async () => {
    expect(await slipway('apply', '--auto-approve', '--var', 'greeting=Moin')).toMatchObject({ code: 0 });
    expect(await get(url)).toContain('Moin');
  });

  it('is adopted again after the state forgot it', async () => {
    expect(await slipway('state', 'rm', 'hello')).toMatchObject({ code: 0 });
    expect((await slipway('state', 'list')).stdout).toBe('');
    const { code, stderr } = await slipway('apply', '--auto-approve', '--var', 'greeting=Moin');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await slipway('state', 'list')).stdout).toBe(`hello@${address}\n`);
    expect(await get(url)).toContain('Moin');
  });

  it('keeps running while its component is renamed', async () => {
    const before = (await processesIn(cwd)).map((process) => process.pid).sort();
    edit((text) =>
      text.replace('component "hello"', 'component "page"').replace('component.hello', 'component.page'),
    );
    expect(await slipway('state', 'mv', 'hello', 'page')).toMatchObject({ code: 0 });
    const { code, stderr } = await slipway('apply', '--auto-approve', '--var', 'greeting=Moin');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await slipway('state', 'list')).stdout).toBe(`page@${address}\n`);
    expect((await processesIn(cwd)).map((process) => process.pid).sort()).toEqual(before);
  });

  it('leaves no process and no file on the host when it is destroyed', async () => {
    const { code, stderr } = await slipway('destroy', '--auto-approve');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await processesIn(cwd)).toEqual([]);
    expect(existsSync(path.join(cwd, '.slipway/hosts'))).toBe(false);
    expect((await slipway('state', 'list')).stdout).toBe('');
    expect((await slipway('show')).stdout).toContain('0 instances on 0 hosts');
  });
});

it('many hosts are worked on without a word on how many there are', async () => {
  const network = address.replace(/\.1$/, '');
  const hosts = Array.from({ length: 12 }, (_, n) => `${network}.${n + 101}`);
  const cwd = workingDirectory({
    'main.hcl': `component "note" {\n  source = "./note"\n  hosts  = ${JSON.stringify(hosts)}\n}\n`,
    'note/component.hcl': 'file "note" {\n  path    = "note"\n  content = "here"\n}\n',
  });
  for (const command of ['apply', 'destroy']) {
    const { code, stderr } = await runCli([command, '--auto-approve'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
});
