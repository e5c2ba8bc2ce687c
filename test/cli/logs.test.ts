import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeState } from '../../src/state/codec.ts';
import type { InstanceState } from '../../src/state/model.ts';
import { sampleState } from '../state/sample-state.ts';
import { runCli, workingDirectory } from './run-cli.ts';

const HOSTS = ['127.0.1.1', '127.0.1.2'] as const;

/** Two instances on loopback addresses, whose log files lie in the working directory. */
function project() {
  const cwd = workingDirectory();
  const sample = sampleState(1);
  const [some] = sample.instances.values();
  if (some === undefined) throw new Error('the sample has no instance');
  const folderOf = (host: string): string => path.join(cwd, 'var', host);
  const instances = HOSTS.map((host, index): InstanceState => {
    mkdirSync(folderOf(host), { recursive: true });
    return {
      ...some,
      address: `nats@${host}`,
      component: 'nats',
      host,
      index,
      resources: [],
      logs: [{ name: 'server', files: `${folderOf(host)}/*.log*`, unit: null }],
    };
  });
  const host = { name: null, labels: {}, provider: 'local' as const, settings: {} };
  const state = {
    ...sample,
    hosts: new Map(HOSTS.map((address) => [address, host])),
    instances: new Map(instances.map((instance) => [instance.address, instance])),
  };
  writeFileSync(path.join(cwd, 'slipway.state.json'), encodeState(state));
  const write = (address: string, name: string, ...lines: string[]): void =>
    appendFileSync(path.join(folderOf(address), name), lines.map((line) => `${line}\n`).join(''));
  const read = (name: string): string => readFileSync(path.join(cwd, name), 'utf8');
  return { cwd, write, read, slipway: (...args: string[]) => runCli(['logs', ...args], { cwd }) };
}

const [A, B] = HOSTS;

describe('slipway logs', () => {
  it('lists what there is where nothing is selected', async () => {
    const { slipway, write } = project();
    write(A, 'nats.log', 'hello');
    const { code, stdout } = await slipway();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^INSTANCE +LOG +SIZE +AGE +WHERE\n/);
    expect(stdout).toMatch(new RegExp(`nats@${A} +server +6 bytes +\\d+s +/.*nats.log\\n`));
    expect(stdout).toMatch(new RegExp(`nats@${B} +server +- +- +.*\\(no file yet\\)\\n`));
  });

  it('shows the last lines of each file below its heading, and passes over earlier generations', async () => {
    const { slipway, write } = project();
    write(A, 'nats.log', '1', '2', '3');
    write(A, 'nats.log.1', 'old');
    write(A, 'nats.log.2.gz', 'no text');
    write(B, 'nats.log', '4');
    const { stdout } = await slipway('nats', '-n2');
    expect(stdout.replaceAll(/ {2}\/.*\//g, '  ')).toBe(
      `nats@${A} server  nats.log\n2\n3\n\nnats@${B} server  nats.log\n4\n`,
    );
  });

  it('searches with an extended regular expression, on the host and here alike', async () => {
    const { slipway, write } = project();
    write(
      A,
      'nats.log',
      '2026-01-02T03:04:05Z ERROR one',
      '2026-01-02T03:04:06Z fine',
      '2026-01-02T03:04:07Z WARN two',
    );
    const there = await slipway(`@${A}`, '--grep=(ERROR|WARN) [a-z]+$', '--json');
    const here = await slipway(
      `@${A}`,
      '--grep=(ERROR|WARN) [a-z]+$',
      '--since=2026-01-02T03:04:06Z',
      '--json',
    );
    const linesOf = (text: string): string[] =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { line: string }).line.slice(21));
    expect(linesOf(there.stdout)).toEqual(['ERROR one', 'WARN two']);
    expect(linesOf(here.stdout)).toEqual(['WARN two']);
  });

  it('tells letters of several bytes apart in a search', async () => {
    const { slipway, write } = project();
    write(A, 'nats.log', 'schön', 'grün');
    const { stdout } = await slipway(`@${A}`, '--log=server', '--grep=[äö]');
    expect(stdout).toContain('schön\n');
    expect(stdout).not.toContain('grün');
  });

  it('goes by the times in the lines, over generations', async () => {
    const { slipway, write } = project();
    const at = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1000).toISOString();
    write(A, 'nats.log.1', `${at(90)} too old`, `${at(50)} first`);
    write(A, 'nats.log', '  of the first', `${at(5)} last`);
    const { stdout } = await slipway(`@${A}`, '--since=1m');
    expect(stdout).toMatch(/ first\n/);
    expect(stdout).toMatch(/ last\n$/);
    expect(stdout).not.toContain('too old');
  });

  it('says where lines have no time that is known', async () => {
    const { slipway, write } = project();
    write(A, 'nats.log', 'no time');
    const { stdout, stderr } = await slipway(`@${A}`, '--since=1m');
    expect(stdout).toContain('no time\n');
    expect(stderr).toMatch(/no time that slipway knows: its last 20 are shown/);
  });

  it('downloads, goes on with what is there, and starts over where that is another file', async () => {
    const { slipway, write, read, cwd } = project();
    const many = Array.from({ length: 20_000 }, (_, n) => `line ${n}`);
    write(A, 'nats.log', ...many);
    write(B, 'nats.log', 'short');
    const first = await slipway('--download=out');
    expect(first.code, first.stderr).toBe(0);
    expect(read(`out/nats@${A}/server/nats.log`)).toBe(`${many.join('\n')}\n`);
    expect(read(`out/nats@${B}/server/nats.log`)).toBe('short\n');
    write(A, 'nats.log', 'more');
    const second = await slipway('--download=out');
    expect(second.stdout).toMatch(/nats\.log, 192 KiB were there/);
    expect(read(`out/nats@${A}/server/nats.log`)).toBe(`${many.join('\n')}\nmore\n`);
    rmSync(path.join(cwd, 'var', A, 'nats.log'));
    write(A, 'nats.log', ...many.map((line) => `other ${line}`));
    const third = await slipway('--download=out', `@${A}`);
    expect(third.stdout).not.toContain('were there');
    expect(read(`out/nats@${A}/server/nats.log`)).toBe(`other ${many.join('\nother ')}\n`);
  });

  it.each([
    [['nast'], /No component is called "nast"[^]*Did you mean "nats"/],
    [['--log=sever'], /No log is called "sever"[^]*Did you mean "server"/],
    [['-f', '--list'], /exclude each other/],
    [['--list', '-n5'], /--lines means nothing with --list/],
    [['--grep=a('], /--grep: "a\(" is no extended regular expression: unterminated group/],
    [['--since=soon'], /--since takes how long ago/],
    [['--since=25:00'], /--since takes how long ago/],
    [['nats', '-n', '-1'], /--lines/],
  ])('refuses %j', async (args, complaint) => {
    const { slipway } = project();
    const { code, stderr } = await slipway(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(complaint);
  });
});
