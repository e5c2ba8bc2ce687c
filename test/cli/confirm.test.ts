import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/cli/command.ts';
import { confirm } from '../../src/cli/confirm.ts';
import { parseOptions } from '../../src/cli/options.ts';

/** A person at a terminal who types this. */
function person(answer: string, ...args: string[]) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let shown = '';
  stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const terminal = { stdin, stdout, stderr: stdout, interactive: true, color: false, width: 80 };
  const options = { 'auto-approve': { type: 'boolean', help: '' } } as const;
  const context = { terminal, args: parseOptions(['x', ...args], options) } as unknown as CommandContext;
  const answered = confirm('All of it goes.', context);
  stdin.write(`${answer}\n`);
  return { answered, shown: () => shown };
}

describe('a confirmation', () => {
  it.each([
    ['yes', true],
    [' yes ', true],
    ['y', false],
    ['YES', false],
    ['', false],
    ['no', false],
  ])('takes "%s" for %s', async (answer, expected) => {
    const { answered, shown } = person(answer);
    expect(await answered).toBe(expected);
    expect(shown()).toContain('All of it goes.');
  });

  it('is not asked for with --auto-approve', async () => {
    const { answered, shown } = person('', '--auto-approve');
    expect(await answered).toBe(true);
    expect(shown()).toBe('');
  });
});
