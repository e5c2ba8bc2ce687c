import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  commandProblem,
  environmentProblem,
  shellCommandLine,
  splitCommand,
  unitCommandLine,
} from '../../src/resources/command-line.ts';

describe('the words of a command', () => {
  it.each([
    ['/bin/a -b  c', ['/bin/a', '-b', 'c']],
    [`/bin/a "b c" 'd "e"' f"g h"i`, ['/bin/a', 'b c', 'd "e"', 'fg hi']],
    ['/bin/a "" \'\'', ['/bin/a', '', '']],
    ['/bin/a "x\\ty" \\x41\\101 \\u2713 \\s', ['/bin/a', 'x\ty', 'AA', '✓', ' ']],
    ['/bin/a \\d "\\w"', ['/bin/a', '\\d', '\\w']],
    ['/bin/a \\\n  -b \\\n -c', ['/bin/a', '-b', '-c']],
    ['/bin/find . \\;', ['/bin/find', '.', ';']],
    [`/bin/sh -c 'a\nb'`, ['/bin/sh', '-c', 'a\nb']],
  ])('%s', (command, words) => expect(splitCommand(command)).toEqual(words));

  it.each([
    ['/bin/a "b', 'a " is not closed'],
    ['/bin/a \\', 'it ends in a backslash'],
    ['  ', 'it is empty'],
    ['/bin/a b', null],
  ])('%s: %s', (command, problem) => expect(commandProblem(command)).toBe(problem));
});

describe('a command in a unit file', () => {
  it.each([
    ['  /bin/a $HOME "x y" ', '/bin/a $HOME "x y"'],
    ['/bin/date +%s', '/bin/date +%%s'],
    ['/bin/a \\\n  -b\n  -c', '/bin/a    -b   -c'],
    [`/bin/sh -c 'a "b"\nc'`, `/bin/sh -c 'a "b"\\nc'`],
    ['/bin/a \\" b', '/bin/a \\" b'],
  ])('%s', (command, line) => expect(unitCommandLine(command)).toBe(line));
});

describe('a command for sh', () => {
  it.each([
    [['echo', "it's", '$5', '`x`', '*'], "it's $5 `x` *"],
    [['echo', '${A}', 'x${A}y', '$$A', '${A:-b}', 'p$A'], 'one two xone twoy $A ${A:-b} p$A'],
    [['printf', '<%s>', '$A', '${A}', '${NONE}', '$NONE'], '<one><two><one two><>'],
    [['printf', '%s|', '', 'a\nb', '-n'], '|a\nb|-n|'],
  ])('%j', (words, output) => {
    const program = `set -f; set -- ${shellCommandLine(words)}; "$@"`;
    const result = execFileSync('sh', ['-c', program], { env: { ...process.env, A: 'one two' } });
    expect(result.toString().replace(/\n$/, '')).toBe(output);
  });
});

describe('the variables of a service', () => {
  it('have names that every shell and systemd take', () => {
    expect(environmentProblem({ A_1: 'x\ny' })).toBe(null);
    expect(environmentProblem({ 'A;rm': '' })).toBe('"A;rm" cannot be the name of a variable');
    expect(environmentProblem({ A: 'x\0' })).toBe('A contains a NUL character');
  });
});
