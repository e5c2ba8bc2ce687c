import { describe, expect, it } from 'vitest';
import { parseDuration, PLAN_OPTIONS } from '../../src/cli/command.ts';
import { parseOptions, type Parsed } from '../../src/cli/options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const OPTIONS = { ...PLAN_OPTIONS, 'auto-approve': { type: 'boolean', help: '' } } as const;
const parse = (...args: string[]): Parsed => parseOptions(args, OPTIONS);

/** What a user is told. */
function complaint(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'nothing is wrong';
}

describe('options', () => {
  it.each([
    [['plan', '--target=nats', '--json']],
    [['--json', '--target', 'nats', 'plan']],
    [['-json', 'plan', '-target=nats']],
    [['-target', 'nats', '-json=true', 'plan']],
  ])('mean the same wherever they stand and however they are written: %j', (args) => {
    const parsed = parse(...args);
    expect(parsed.command).toBe('plan');
    expect(parsed.positionals).toEqual([]);
    expect(parsed.list('target')).toEqual(['nats']);
    expect(parsed.flag('json')).toBe(true);
  });

  it('keep --var and --var-file in the order given, with values as they are', () => {
    const parsed = parse('plan', '--var=a=1 = 2', '--var-file', 'x.json', '-var', 'b=-3');
    expect(parsed.ordered).toEqual([
      { name: 'var', value: 'a=1 = 2' },
      { name: 'var-file', value: 'x.json' },
      { name: 'var', value: 'b=-3' },
    ]);
  });

  it('are on unless said otherwise where the default is on', () => {
    expect(parse('plan').enabled('refresh')).toBe(true);
    expect(parse('plan', '--refresh').enabled('refresh')).toBe(true);
    expect(parse('plan', '-refresh=false').enabled('refresh')).toBe(false);
  });

  it.each([[['logs', '-n', '5', '-f']], [['-n5', '-f', 'logs']], [['logs', '-n=5', '-follow']]])(
    'of one letter mean the same as their long form: %j',
    (args) => {
      const options = {
        lines: { type: 'string', short: 'n', help: '' },
        follow: { type: 'boolean', short: 'f', help: '' },
        force: { type: 'boolean', help: '' },
      } as const;
      const parsed = parseOptions(args, options);
      expect([parsed.command, parsed.text('lines'), parsed.flag('follow')]).toEqual(['logs', '5', true]);
      expect(parseOptions(['logs', '-force'], options).flag('force')).toBe(true);
    },
  );

  it('end at --', () => {
    const parsed = parse('apply', '--', '--json', '-x');
    expect(parsed.positionals).toEqual(['--json', '-x']);
    expect(parsed.flag('json')).toBe(false);
  });

  it('take the value that follows, whatever it looks like to a shell', () => {
    expect(parse('plan', '--lock-timeout', '5m').text('lock-timeout')).toBe('5m');
    expect(parse('fmt', '-').positionals).toEqual(['-']);
  });

  it.each([
    [['--auto-aprove'], 'There is no option --auto-aprove. Did you mean --auto-approve?'],
    [['-auto-aprove'], 'There is no option --auto-aprove. Did you mean --auto-approve?'],
    [['--zzz=1'], 'There is no option --zzz.'],
    [['--target'], '--target needs a value: --target=SELECTOR'],
    [['--json=maybe'], '--json takes no value.'],
    [['--refresh=maybe'], '--refresh is true or false, not "maybe".'],
    [['--parallelism=1', '--parallelism=2'], '--parallelism is given twice.'],
  ])('that are wrong are named: %j', (args, message) => {
    expect(complaint('plan', ...args)).toBe(message);
  });

  it('have short forms for help and version', () => {
    expect(parse('-h').flag('help')).toBe(true);
    expect(parse('-v').flag('version')).toBe(true);
  });
});

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['10', 10_000],
    ['soon', undefined],
    ['-1s', undefined],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('tell what follows --, which are arguments whatever they look like', () => {
    const parsed = parse('exec', 'nats', '--json', '--', 'ls', '--json', '-la', '--', 'x');
    expect(parsed.positionals).toEqual(['nats', 'ls', '--json', '-la', '--', 'x']);
    expect(parsed.afterDashes).toEqual(['ls', '--json', '-la', '--', 'x']);
    expect(parse('exec', 'nats').afterDashes).toBeNull();
    expect(parse('exec', 'nats', '--').afterDashes).toEqual([]);
  });
});
