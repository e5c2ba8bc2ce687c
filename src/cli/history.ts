import type { HistoryVersion } from '../app/history-read.ts';
import type { Command, CommandContext } from './command.ts';
import { positionals } from './positionals.ts';
import { UsageError } from './usage-error.ts';
import { countChanges, renderHistory, renderVersion } from './view/history-text.ts';

export const history: Command = {
  name: 'history',
  summary: 'list the versions of the spec that were applied, or show one',
  usage: '[options] [show N]',
  options: {
    files: { type: 'boolean', help: 'show: the texts of all files, those of definitions too' },
    json: { type: 'boolean', help: 'as JSON' },
  },
  details:
    'Every run that succeeds adds a version: who, when, what changed, the spec and its definitions. `slipway diff N M`\n' +
    'compares two of them; `slipway rollback N` goes back to one.',
  async run(context) {
    const [word, number, ...more] = positionals(context.args, history, { max: 2 });
    if (word === undefined) {
      if (context.args.flag('files')) throw new UsageError('--files belongs to `slipway history show N`.');
      return list(context);
    }
    // `slipway history 3` can only mean one thing.
    if (word === 'show' && number !== undefined) return showOne(versionNumber(number), context);
    if (number === undefined && more.length === 0 && word !== 'show')
      return showOne(versionNumber(word), context);
    throw new UsageError('Usage: slipway history [show N]');
  },
};

/** Throws `UsageError`. */
export function versionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no number of a version: \`slipway history\` lists them.`);
}

async function list({ args, directory, terminal, offline }: CommandContext): Promise<number> {
  const [{ deploymentsSoFar, readHistory }, { projectPaths }, { openStore }] = await Promise.all([
    import('../app/history-read.ts'),
    import('../app/project-paths.ts'),
    import('../app/locate-state.ts'),
  ]);
  const paths = projectPaths(directory);
  const versions = await readHistory(paths.history);
  const store = await openStore(directory, await offline());
  const deployments = await deploymentsSoFar((await store.read())?.state ?? null, paths.history);
  if (args.flag('json')) {
    const rows = versions.map((version) => ({ ...summaryOf(version), changes: countChanges(version) }));
    terminal.stdout.write(`${JSON.stringify({ format: 1, deployments, versions: rows }, null, 2)}\n`);
  } else terminal.stdout.write(renderHistory(versions, deployments, terminal));
  return 0;
}

function summaryOf({
  version,
  run,
  operation,
  author,
  time,
  cluster,
  specVersion,
  deployment,
}: HistoryVersion) {
  return { version, run, operation, author, time, cluster, specVersion, deployment: deployment ?? null };
}

async function showOne(number: number, { args, directory, terminal }: CommandContext): Promise<number> {
  const [{ isSpecFile, readVersion }, { shownText }, { projectPaths }] = await Promise.all([
    import('../app/history-read.ts'),
    import('../app/history-diff.ts'),
    import('../app/project-paths.ts'),
  ]);
  const paths = projectPaths(directory);
  const version = await readVersion(paths.history, number);
  const texts = new Map<string, string | null>();
  for (const file of version.files) {
    if (args.flag('files') || isSpecFile(file)) texts.set(file.path, await shownText(paths.history, file));
  }
  if (args.flag('json')) {
    const files = version.files.map((file) => ({
      ...file,
      ...(texts.has(file.path) ? { text: texts.get(file.path) } : {}),
    }));
    terminal.stdout.write(`${JSON.stringify({ format: 1, ...version, files }, null, 2)}\n`);
  } else terminal.stdout.write(renderVersion(version, texts, terminal));
  return 0;
}
