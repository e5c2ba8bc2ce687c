import type { VersionName } from '../app/history-diff.ts';
import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { versionNumber } from './history.ts';
import { variableArguments } from './plan-request.ts';
import { positionals } from './positionals.ts';
import { renderDiff } from './view/history-text.ts';

export const diff: Command = {
  name: 'diff',
  summary: 'compare two versions of the spec',
  usage: '[options] N [M]',
  options: { ...VARIABLE_OPTIONS, json: { type: 'boolean', help: 'as JSON' } },
  details:
    'N and M are versions of the history; without M, N is compared with the working directory as it is (`now`). Files of the\n' +
    'spec and its definitions, and the values of variables; sensitive ones do not show. No host is asked.',
  async run(context) {
    const { args, directory, terminal } = context;
    const [from = '', to = 'now'] = positionals(args, diff, { min: 1, max: 2 });
    const name = (text: string): VersionName => (text === 'now' ? text : versionNumber(text));
    const names = [name(from), name(to)] as const;
    const [{ diffVersions }, ports] = await Promise.all([
      import('../app/history-diff.ts'),
      context.offline(),
    ]);
    const found = await diffVersions(directory, ...names, variableArguments(args), ports);
    if (args.flag('json')) terminal.stdout.write(`${JSON.stringify({ format: 1, ...found }, null, 2)}\n`);
    else terminal.stdout.write(renderDiff(found, terminal.color));
    return 0;
  },
};
