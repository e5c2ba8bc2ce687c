import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../../src/state/codec.ts';
import type { State } from '../../src/state/model.ts';
import { sampleState } from '../state/sample-state.ts';
import { runCli, workingDirectory } from './run-cli.ts';

const FILE = 'slipway.state.json';

function project(files: Readonly<Record<string, string>> = {}) {
  const cwd = workingDirectory({ [FILE]: encodeState(sampleState(3)), ...files });
  const read = (name = FILE): State => decodeState(JSON.parse(readFileSync(path.join(cwd, name), 'utf8')));
  return { cwd, read, slipway: (...args: string[]) => runCli(args, { cwd }) };
}

describe('slipway state list', () => {
  it('lists instances by component and index', async () => {
    const { slipway } = project();
    expect(await slipway('state', 'list')).toEqual({
      code: 0,
      stdout: 'api@10.0.0.2\nnats@10.0.0.1\nnats@10.0.0.2\n',
      stderr: '',
    });
  });

  it.each([
    [['nats'], ['nats@10.0.0.1', 'nats@10.0.0.2']],
    [['@10.0.0.2'], ['api@10.0.0.2', 'nats@10.0.0.2']],
    [
      ['@edge', 'api'],
      ['api@10.0.0.2', 'nats@10.0.0.1'],
    ],
    [['nats@edge'], ['nats@10.0.0.1']],
  ])('takes selectors: %j', async (selectors, addresses) => {
    const { slipway } = project();
    const { stdout } = await slipway('state', 'list', '--json', ...selectors);
    expect(JSON.parse(stdout)).toEqual(addresses);
  });

  it('names the nearest component', async () => {
    const { slipway } = project();
    const { code, stderr } = await slipway('state', 'list', 'nast');
    expect(code).toBe(1);
    expect(stderr).toContain('Did you mean "nats"?');
  });
});

describe('slipway state show', () => {
  it('shows all of one instance', async () => {
    const { slipway } = project();
    const { stdout } = await slipway('state', 'show', 'nats@edge');
    expect(stdout).toContain('nats@10.0.0.1\n  status   installed\n  index    0\n');
    expect(stdout).toContain('client  10.0.0.1:4222, bound to 0.0.0.0');
    expect(stdout).toContain('file.config');
    expect(stdout).toContain('path = "/etc/nats.conf"');
    const { stdout: json } = await slipway('state', 'show', 'nats@10.0.0.1', '--json');
    expect(JSON.parse(json)).toEqual(sampleState().instances.get('nats@10.0.0.1'));
  });

  it('names the nearest address', async () => {
    const { slipway } = project();
    const { code, stderr } = await slipway('state', 'show', 'nats@10.0.0.3');
    expect(code).toBe(1);
    expect(stderr).toMatch(/Did you mean\s+"nats@10\.0\.0\.1"\?/);
  });
});

describe('slipway state rm', () => {
  it('forgets instances, keeps a backup, raises the serial, and says what stays', async () => {
    const { cwd, slipway, read } = project();
    const { code, stdout } = await slipway('state', 'rm', 'nats@10.0.0.1');
    expect(code).toBe(0);
    expect(stdout).toContain('Forgot nats@10.0.0.1\n');
    expect(stdout).toContain('Their hosts keep what is there');
    expect(read().serial).toBe(4);
    expect([...read().instances.keys()]).toEqual(['nats@10.0.0.2', 'api@10.0.0.2']);
    expect([...read().hosts.keys()]).toEqual(['10.0.0.2']);
    expect(read(`${FILE}.backup`)).toEqual(sampleState(3));
    expect(existsSync(path.join(cwd, `${FILE}.lock`))).toBe(false);
  });

  it('takes selectors, all or nothing', async () => {
    const { slipway, read } = project();
    expect(await slipway('state', 'rm', 'nats', 'apl')).toMatchObject({ code: 1, stdout: '' });
    expect(read()).toEqual(sampleState(3));
    expect(await slipway('state', 'rm', 'nats')).toMatchObject({ code: 0 });
    expect([...read().components.keys()]).toEqual(['api']);
  });

  it('says so when a selector matches nothing', async () => {
    const { slipway, read } = project();
    const { code, stderr } = await slipway('state', 'rm', 'api@10.0.0.1');
    expect(code).toBe(1);
    expect(stderr).toContain('No instance is called "api@10.0.0.1"');
    expect(stderr).toContain('Did you mean "api@10.0.0.2"?');
    expect(read().serial).toBe(3);
  });
});

describe('slipway state forget', () => {
  it('asks first, and says which option answers where nobody can', async () => {
    const { slipway, read } = project();
    const { code, stdout, stderr } = await slipway('state', 'forget', '10.0.0.2');
    expect(code).toBe(1);
    expect(stdout).toContain('10.0.0.2 with 2 instances:\n  api@10.0.0.2\n  nats@10.0.0.2\n');
    expect(stderr).toContain('--auto-approve');
    expect(read().serial).toBe(3);
  });

  it.each(['10.0.0.1', '@10.0.0.1', 'edge'])('drops the host %s with its instances', async (name) => {
    const { slipway, read } = project();
    const { code, stdout } = await slipway('state', 'forget', name, '--auto-approve');
    expect(code).toBe(0);
    expect(stdout).toBe('Forgot 10.0.0.1 with 1 instance.\n');
    expect([...read().hosts.keys()]).toEqual(['10.0.0.2']);
    expect([...read().instances.keys()]).toEqual(['nats@10.0.0.2', 'api@10.0.0.2']);
    expect(read().serial).toBe(4);
  });

  it('names the nearest host', async () => {
    const { slipway } = project();
    const { stderr } = await slipway('state', 'forget', 'egde', '--auto-approve');
    expect(stderr).toContain('Did you mean "edge"?');
  });
});

describe('slipway state mv', () => {
  const SPEC = {
    'main.hcl': 'component "bus" {\n  source = "./d"\n  hosts  = ["10.0.0.1"]\n}\n',
    'd/component.hcl': '',
  };

  it('adds a moved block to the spec and leaves the state to the next apply', async () => {
    const { cwd, slipway, read } = project(SPEC);
    const { code, stdout } = await slipway('state', 'mv', 'nats', 'component.bus');
    expect(code).toBe(0);
    const block = 'moved {\n  from = component.nats\n  to   = component.bus\n}\n';
    expect(readFileSync(path.join(cwd, 'moved.hcl'), 'utf8')).toBe(block);
    expect(stdout).toContain(block);
    expect(stdout).toContain('The next apply renames it');
    expect(read()).toEqual(sampleState(3));
    expect(await slipway('validate')).toMatchObject({ code: 0 });
    expect(await slipway('fmt', '--check')).toMatchObject({ code: 0 });
    const again = await slipway('state', 'mv', 'nats', 'bus');
    expect(again.stderr).toContain('The spec says so already');
  });

  it.each([
    [['nast', 'bus'], 'Did you mean "nats"?'],
    [['nats', 'buss'], 'There is no component "buss" in the spec'],
    [['bus', 'api'], 'No component is called "bus"'],
    [['nats@10.0.0.1', 'nats@10.0.0.2'], 'an instance belongs to its machine'],
  ])('refuses %j', async (names, message) => {
    const { cwd, slipway } = project(SPEC);
    const { code, stderr } = await slipway('state', 'mv', ...names);
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(message);
    expect(existsSync(path.join(cwd, 'moved.hcl'))).toBe(false);
  });

  it('wants the block renamed first', async () => {
    const spec = SPEC['main.hcl'].replace('"bus"', '"nats"');
    const { slipway } = project({ ...SPEC, 'main.hcl': spec });
    const { stderr } = await slipway('state', 'mv', 'nats', 'bus');
    expect(stderr).toContain('Component "nats" still stands in the spec');
  });
});

describe('slipway show', () => {
  it('shows the state host by host, and no secret', async () => {
    const { slipway } = project();
    const { code, stdout } = await slipway('show');
    expect(code).toBe(0);
    expect(stdout).toContain('Cluster shop, version 1.4.0: 3 instances on 2 hosts\n');
    expect(stdout).toContain(
      '10.0.0.1 (edge, zone=a)\n  nats@10.0.0.1  installed  version 1.4.0  client 10.0.0.1:4222\n',
    );
    expect(stdout).toContain(
      '  api@10.0.0.2   installed  version 1.4.0\n  nats@10.0.0.2  failed     version 1.4.0',
    );
    expect(stdout).toContain('token = (sensitive)');
  });

  it('as JSON for programs', async () => {
    const { slipway } = project();
    const view = JSON.parse((await slipway('show', '--json')).stdout) as Record<string, unknown>;
    expect(view).toMatchObject({
      format: 1,
      serial: 3,
      cluster: 'shop',
      hosts: [
        { address: '10.0.0.1', name: 'edge', instances: [{ address: 'nats@10.0.0.1' }] },
        { address: '10.0.0.2', instances: [{ address: 'api@10.0.0.2' }, { address: 'nats@10.0.0.2' }] },
      ],
      unfinishedRun: null,
    });
  });

  it('tells of a run that was killed', async () => {
    const { cwd, slipway } = project();
    const { lineage, instances } = sampleState();
    const header = { version: 1, lineage, serial: 3, run: 'run-9' };
    const intent = { type: 'intent', change: 'update', instance: instances.get('api@10.0.0.2') };
    writeFileSync(
      path.join(cwd, `${FILE}.journal`),
      `${JSON.stringify(header)}\n${JSON.stringify(intent)}\n{"type":"outc`,
    );
    const { stdout } = await slipway('show');
    expect(stdout).toContain('Run run-9 did not end in order in the middle of api@10.0.0.2');
  });

  it('refuses a file that is no plan', async () => {
    const { slipway } = project({ 'p.plan': 'what' });
    const { code, stderr } = await slipway('show', 'p.plan');
    expect(code).toBe(1);
    expect(stderr).toContain('is not a plan that can be applied');
  });
});

describe('slipway output', () => {
  it('prints all, or one', async () => {
    const { slipway } = project();
    expect((await slipway('output')).stdout).toBe(
      'bus = [\n  "10.0.0.1:4222",\n  "10.0.0.2:4222"\n]\ngreeting = "hello \\"world\\""\ntoken = (sensitive)\n',
    );
    expect((await slipway('output', 'greeting')).stdout).toBe('"hello \\"world\\""\n');
    expect((await slipway('output', 'bus', '--json')).stdout).toBe('["10.0.0.1:4222","10.0.0.2:4222"]\n');
    expect(JSON.parse((await slipway('output', '--json')).stdout)).toEqual({
      bus: { sensitive: false, value: ['10.0.0.1:4222', '10.0.0.2:4222'] },
      greeting: { sensitive: false, value: 'hello "world"' },
      token: { sensitive: true },
    });
  });

  it('prints a string as it is with --raw', async () => {
    const { slipway } = project();
    expect(await slipway('output', '-raw', 'greeting')).toEqual({
      code: 0,
      stdout: 'hello "world"',
      stderr: '',
    });
  });

  it.each([
    [['bus', '--raw'], 'take it with --json'],
    [['bsu'], 'Did you mean "bus"?'],
    [['token'], 'The state keeps no secret'],
  ])('refuses %j', async (args, message) => {
    const { slipway } = project();
    const { code, stdout, stderr } = await slipway('output', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('the state of a working directory', () => {
  const COMMANDS = [['state', 'list'], ['show'], ['output'], ['state', 'rm', 'nats']];

  it.each(COMMANDS.map((args) => [args]))('that has none yet is no fault: %j', async (args) => {
    const { code, stderr } = await runCli(args, { cwd: workingDirectory() });
    expect(code).toBe(1);
    expect(stderr).toContain('There is no state yet');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('is made by the first `slipway apply`');
  });

  it('lies where the state block says, whatever else is wrong in the spec', async () => {
    const cwd = workingDirectory({
      'main.hcl': 'state "local" { path = "kept/shop.json" }\ncomponent "x" { sorce = nowhere }\n',
      'kept/shop.json': encodeState(sampleState(1)),
    });
    expect((await runCli(['state', 'list', 'api'], { cwd })).stdout).toBe('api@10.0.0.2\n');
  });

  it('is not guessed when the file that may say where is broken', async () => {
    const { slipway } = project({ 'main.hcl': 'state "local" { path = "else.json"\n\ncomponent {' });
    const { code, stdout, stderr } = await slipway('state', 'rm', 'nats');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('--> main.hcl:');
  });

  it.each([
    ['damaged', (text: string) => text.slice(0, 100), 'is damaged'],
    ['newer', (text: string) => text.replace('"version": 1', '"version": 2'), 'newer slipway'],
  ])('is refused when %s', async (_, change, message) => {
    const { cwd, slipway } = project();
    const broken = change(encodeState(sampleState(3)));
    writeFileSync(path.join(cwd, FILE), broken);
    for (const args of COMMANDS) {
      const { code, stderr } = await slipway(...args);
      expect(code).toBe(1);
      expect(stderr).toContain(message);
    }
    expect(readFileSync(path.join(cwd, FILE), 'utf8')).toBe(broken);
  });
});

describe('a locked state', () => {
  const LOCK = {
    run: '20260102T030405-0001',
    operation: 'apply',
    owner: 'ada@elsewhere',
    id: 'b7e2',
    pid: 4711,
    since: '2026-01-02T03:04:05.000Z',
    machine: 'elsewhere.example',
    started: 1,
  };
  const locked = () => project({ [`${FILE}.lock`]: JSON.stringify(LOCK) });

  it('is not changed; the error says by whom and what to do', async () => {
    const { slipway, read } = locked();
    const { code, stderr } = await slipway('state', 'rm', 'nats');
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      'locked by ada@elsewhere (apply, run 20260102T030405-0001',
    );
    expect(stderr).toContain('slipway force-unlock b7e2');
    expect(read().serial).toBe(3);
    expect(await slipway('state', 'list')).toMatchObject({ code: 0 });
  });

  it('is unlocked by the id of its lock alone', async () => {
    const { slipway } = locked();
    const wrong = await slipway('force-unlock', 'b7e3');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('b7e2');
    const right = await slipway('force-unlock', 'b7e2');
    expect(right).toMatchObject({ code: 0, stderr: '' });
    expect(right.stdout).toContain('It was held by ada@elsewhere');
    expect(await slipway('force-unlock', 'b7e2')).toMatchObject({ code: 1 });
    expect(await slipway('state', 'rm', 'nats')).toMatchObject({ code: 0 });
  });
});
