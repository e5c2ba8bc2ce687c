import { openRollback, type Rollback } from '../app/operate/rollback.ts';
import { planRestoration, type Restoration } from '../app/operate/restore-files.ts';
import { DiagnosticsError, runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { apply, changeCluster } from './apply.ts';
import type { Command, CommandContext } from './command.ts';
import { versionNumber } from './history.ts';
import { newRunId, variableArguments } from './plan-request.ts';
import { positionals } from './positionals.ts';
import { showDiagnostics } from './show-error.ts';
import { renderRestoration } from './view/history-text.ts';

export const rollback: Command = {
  name: 'rollback',
  summary: 'make the hosts as an older version of the spec wants them',
  usage: '[options] N',
  options: {
    ...apply.options,
    write: { type: 'boolean', help: 'bring the files of version N back into the working directory, too' },
  },
  details:
    'N is a version of `slipway history`. A plan is made from its files and the values its variables had, shown, approved and\n' +
    'carried out as any other; sensitive values come from where they come today. The working directory stays as it is, so that\n' +
    'the next apply undoes the rollback; --write puts the files of version N there once it came off, and keeps what was there\n' +
    'in .slipway/backup.',
  async run(context) {
    const { args, directory, terminal } = context;
    const [text = ''] = positionals(args, rollback, { min: 1, max: 1 });
    const number = versionNumber(text);
    const ports = await context.ports();
    const older = await openRollback(directory, number, variableArguments(args), ports);
    try {
      const stamp = `${newRunId(ports.clock())}-rollback-${number}`;
      const restoration = await planRestoration(directory, older, ports, stamp);
      const differs = restoration.files.length + restoration.outside.length > 0;
      if (args.flag('write')) showRestoration(restoration, context);
      const code = await changeCluster('apply', context, {
        ...older,
        operation: `rollback to ${number}`,
        warnings: [...older.warnings, ...(differs && !args.flag('write') ? [isUndone(number)] : [])],
      });
      if (args.flag('write')) await writeBack(restoration, code, context);
      return code;
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      // The lines that it quotes are those of the version.
      await showDiagnostics(error.diagnostics, terminal, older.shownFrom);
      return 1;
    } finally {
      await older.dispose();
    }
  },
};

function isUndone(number: Rollback['version']['version']): Diagnostic {
  const detail = `Its files differ from version ${number}: the next apply undoes this rollback. \`slipway diff ${number}\` shows how they differ, --write puts the files of version ${number} there.`;
  return { ...runError('The working directory stays as it is', detail), severity: 'warning' };
}

function showRestoration(restoration: Restoration, { args, terminal }: CommandContext): void {
  const { files, outside } = restoration;
  if (args.flag('json'))
    terminal.stdout.write(`${JSON.stringify({ type: 'restoration', files, outside })}\n`);
  else terminal.stdout.write(`${renderRestoration(restoration, terminal.color)}\n`);
}

async function writeBack(
  restoration: Restoration,
  code: number,
  { args, terminal }: CommandContext,
): Promise<void> {
  if (restoration.files.length === 0) return;
  const out = args.flag('json') ? terminal.stderr : terminal.stdout;
  if (code !== 0) {
    out.write('No file was written, because the rollback did not come off.\n');
    return;
  }
  const backup = await restoration.write();
  out.write(`The files are written; what was there before is kept in ${backup}.\n`);
}
