import { buffer as readAll } from 'node:stream/consumers';
import type { FormattedFile } from '../app/format-files.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { paint, type Tone } from '../terminal/style.ts';
import type { Command, CommandContext } from './command.ts';
import { positionals } from './positionals.ts';
import { showDiagnostics } from './show-error.ts';
import { UsageError } from './usage-error.ts';

/** As `terraform fmt -check` has it. */
const WOULD_CHANGE = 3;

export const fmt: Command = {
  name: 'fmt',
  summary: 'lay out spec files in the canonical way',
  usage: '[options] [FILE|DIR|-]...',
  options: {
    check: { type: 'boolean', help: 'write nothing; exit code 3 when something would change' },
    diff: { type: 'boolean', help: 'show the changes' },
  },
  details:
    "Without arguments: the working directory's *.hcl files, and all below its components directory. DIR: all below it.\n" +
    '`-` reads standard input and writes to standard output. Changed files are listed. A file with syntax errors is\n' +
    'reported and left alone; the exit code is 1 then.',
  async run(context) {
    const { args, directory, terminal } = context;
    const paths = positionals(args, fmt);
    const check = args.flag('check');
    const [{ formatFiles, formatText }, { parser }] = await Promise.all([
      import('../app/format-files.ts'),
      context.offline(),
    ]);
    const piped = paths.includes('-');
    if (piped && paths.length > 1) throw new UsageError('`-` stands alone: standard input is one text.');
    const files = piped
      ? [formatText('<stdin>', await readAll(terminal.stdin), parser)]
      : await formatFiles(directory, paths, { write: !check, parser });
    await showDiagnostics(
      files.flatMap((file) => file.diagnostics),
      terminal,
      directory,
    );
    const changed = files.filter((file) => file.after !== file.before);
    if (piped && !check && !args.flag('diff')) terminal.stdout.write(files[0]?.after ?? '');
    else await showChanged(changed, context);
    if (files.some((file) => hasErrors(file.diagnostics))) return 1;
    return check && changed.length > 0 ? WOULD_CHANGE : 0;
  },
};

async function showChanged(
  changed: readonly FormattedFile[],
  { args, terminal }: CommandContext,
): Promise<void> {
  if (!args.flag('diff')) {
    for (const file of changed) terminal.stdout.write(`${file.path}\n`);
    return;
  }
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  for (const { path, before, after } of changed) {
    const patch = createTwoFilesPatch(path, `${path} (formatted)`, before, after, undefined, undefined, {
      context: 3,
      headerOptions: FILE_HEADERS_ONLY,
    });
    const lines = patch.split('\n').map((line) => paint(line, toneOf(line), terminal.color));
    terminal.stdout.write(lines.join('\n'));
  }
}

function toneOf(line: string): Tone {
  if (line.startsWith('---') || line.startsWith('+++')) return 'strong';
  if (line.startsWith('@@')) return 'accent';
  if (line.startsWith('+')) return 'add';
  return line.startsWith('-') ? 'remove' : 'plain';
}
