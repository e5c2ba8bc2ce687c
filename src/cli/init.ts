import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command, CommandContext } from './command.ts';
import { positionals } from './positionals.ts';
import { UsageError } from './usage-error.ts';

export const init: Command = {
  name: 'init',
  summary: 'write a commented starter spec and definition',
  usage: '[DIR] | --from deployment-engine FILE [DIR]',
  options: {
    from: {
      type: 'string',
      value: 'FORMAT',
      help: 'make the spec from FILE; deployment-engine is the only format',
    },
  },
  details:
    'DIR is made where it is not there; without it the working directory is used. Nothing is overwritten.\n' +
    'The starter works on this machine as it is, without root; it needs Node in the PATH.\n' +
    'FILE is what the deployment engine answers to GET /deployment-engine/config; `-` reads it from standard input.',
  async run(context) {
    const format = context.args.text('from');
    if (format !== undefined) return importConfig(format, context);
    const [name = '.'] = positionals(context.args, init, { max: 1 });
    const { startProject } = await import('../app/start-project.ts');
    const target = path.resolve(context.directory, name);
    showWritten(target, await startProject(target), context);
    showNext(target, STARTER_STEPS, context);
    return 0;
  },
};

const STARTER_STEPS = [
  '  slipway plan      shows what would change',
  '  slipway apply     does it',
  '  slipway destroy   takes it off again',
];

const IMPORT_STEPS = [
  '  slipway validate  the spec is valid as it is',
  '  slipway trust     fetches the keys of the hosts',
  '  slipway plan      shows where everything goes',
  'and replace the placeholders in components/ by what installs and starts each component.',
];

async function importConfig(format: string, context: CommandContext): Promise<number> {
  if (format !== 'deployment-engine')
    throw new UsageError(`There is no format "${format}": slipway init --from deployment-engine FILE [DIR]`);
  const [file = '', name = '.'] = positionals(context.args, init, { min: 1, max: 2 });
  const { directory, terminal } = context;
  const [{ readEngineConfig }, { engineSpec, SECRETS_FILE }, { startProject }] = await Promise.all([
    import('../app/import-config/engine-config.ts'),
    import('../app/import-config/engine-spec.ts'),
    import('../app/start-project.ts'),
  ]);
  const config = readEngineConfig(await readText(path.resolve(directory, file), file, context), file);
  const target = path.resolve(directory, name);
  showWritten(target, await startProject(target, engineSpec(config), [SECRETS_FILE]), context);
  if (config.notes.length > 0) {
    const notes = config.notes.map((note) => `  ${note}`);
    terminal.stdout.write(`\n${['Not taken over as it stood:', ...notes].join('\n')}\n`);
  }
  showNext(target, IMPORT_STEPS, context);
  return 0;
}

async function readText(file: string, given: string, { terminal }: CommandContext): Promise<string> {
  if (given === '-') {
    let text = '';
    for await (const chunk of terminal.stdin.setEncoding('utf8')) text += String(chunk);
    return text;
  }
  try {
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'ENOENT' ? `There is no file ${given}.` : message);
  }
}

function showWritten(target: string, files: readonly string[], { terminal }: CommandContext): void {
  const here = path.relative(process.cwd(), target);
  const lines = [`Written to ${here === '' ? 'this directory' : here}:`, ...files.map((file) => `  ${file}`)];
  terminal.stdout.write(`${lines.join('\n')}\n`);
}

function showNext(target: string, steps: readonly string[], { terminal }: CommandContext): void {
  const here = path.relative(process.cwd(), target);
  const lines = ['', 'Next:', ...(here === '' ? [] : [`  cd ${here}`]), ...steps];
  terminal.stdout.write(`${lines.join('\n')}\n`);
}
