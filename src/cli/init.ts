import path from 'node:path';
import type { Command } from './command.ts';
import { positionals } from './positionals.ts';

export const init: Command = {
  name: 'init',
  summary: 'write a commented starter spec and definition',
  usage: '[DIR]',
  options: {},
  details:
    'DIR is made where it is not there; without it the working directory is used. Nothing is overwritten.\n' +
    'The starter works on this machine as it is, without root; it needs Node in the PATH.',
  async run({ args, directory, terminal }) {
    const [name = '.'] = positionals(args, init, { max: 1 });
    const { startProject } = await import('../app/start-project.ts');
    const target = path.resolve(directory, name);
    const written = await startProject(target);
    const here = path.relative(process.cwd(), target);
    const lines = [
      `Written to ${here === '' ? 'this directory' : here}:`,
      ...written.map((file) => `  ${file}`),
      '',
      'Next:',
      ...(here === '' ? [] : [`  cd ${here}`]),
      '  slipway plan      shows what would change',
      '  slipway apply     does it',
      '  slipway destroy   takes it off again',
    ];
    terminal.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  },
};
