import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findMark, firstPrivilegedCommand, remoteCommand } from '../../../providers/ssh/command.ts';
import { run } from '../../lab/command.ts';

const SHELLS = ['/bin/sh', '/bin/bash', '/bin/dash', '/usr/bin/zsh', '/usr/bin/fish'].filter((shell) =>
  existsSync(shell),
);
const WORDS = [
  '',
  'plain',
  '=ls',
  '%1',
  '~',
  "it's",
  '\\',
  '\\\\',
  "\\'",
  "'\\",
  'a\\b',
  'a\nb',
  '$x',
  '`x`',
  '!x',
  '{a,b}',
  '*',
  '(x)',
  '-n',
];

describe.each(SHELLS)('a command for the login shell %s', (shell) => {
  it('hands program and arguments over as they are', async () => {
    const command = remoteCommand('printf "%s\\0" "$0" "$@"', WORDS);
    const { stdout, stderr } = await run([shell, '-c', command]);
    expect(stderr).toBe('');
    expect(stdout).toBe(['sh', ...WORDS].map((word) => `${word}\0`).join(''));
  });

  it.skipIf(process.getuid?.() !== 0)('says on stderr that root needs no sudo, and runs', async () => {
    const { code, stdout, stderr } = await run([
      shell,
      '-c',
      firstPrivilegedCommand('echo "$1"; echo e >&2; exit 3', ["it's"]),
    ]);
    expect([code, stdout]).toEqual([3, "it's\n"]);
    const found = findMark(Buffer.from(stderr));
    expect([found?.mark, found?.rest.toString()]).toEqual(['root', 'e\n']);
  });
});

describe('the mark before a privileged program', () => {
  it('is found among what sudo says, once its line is whole', () => {
    expect(findMark(Buffer.from('sudo: unable to resolve host x\nslipway-privileged su'))).toBeUndefined();
    expect(findMark(Buffer.from('sudo: a password is required\n'))).toBeUndefined();
    const found = findMark(Buffer.from('sudo: unable to resolve host x\nslipway-privileged sudo\nrest'));
    expect([found?.mark, found?.rest.toString()]).toEqual(['sudo', 'rest']);
  });
});
