import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { sanitize } from '../terminal/sanitize.ts';
import type { Command, CommandContext } from './command.ts';
import { pacedWrite } from './paced-write.ts';
import { positionals } from './positionals.ts';
import { UsageError } from './usage-error.ts';
import { renderRun, renderRuns } from './view/runs-text.ts';

const LISTED_RUNS = 20;

export const runs: Command = {
  name: 'runs',
  summary: 'list runs, show one with its instances, or its logs',
  usage: '[options] [RUN]',
  options: {
    lines: { type: 'string', short: 'n', value: 'N', help: `list the last N runs (${LISTED_RUNS})` },
    log: {
      type: 'string',
      value: 'NAME',
      help: "print the log of an instance, or `local`: the controller's",
    },
    json: { type: 'boolean', help: 'as JSON' },
  },
  details: [
    '  slipway runs                                 the last runs, the newest first',
    '  slipway runs last                            the last one, with its instances',
    '  slipway runs 20261120T1015                   one by its id, or a beginning of it',
    '  slipway runs last --log=nats@10.0.0.11       what was done there, and what it printed',
    '',
    'Everything is read from .slipway/runs in the working directory; no host is asked.',
  ].join('\n'),
  async run(context) {
    const { args } = context;
    const [id] = positionals(args, runs, { max: 1 });
    const log = args.text('log');
    if (id === undefined && log !== undefined)
      throw new UsageError(
        `Of which run? Usage: slipway runs RUN --log=${log}; the last one is called "last".`,
      );
    if (id !== undefined && args.text('lines') !== undefined)
      throw new UsageError('--lines counts runs, and one is named already.');
    if (log !== undefined && args.flag('json')) throw new UsageError('--json and --log exclude each other.');
    if (id === undefined) return list(context);
    return log === undefined ? showOne(id, context) : printLog(id, log, context);
  },
};

async function list(context: CommandContext): Promise<number> {
  const { args, terminal, directory } = context;
  const limit = limitOf(context);
  const [{ listRuns }, ports] = await Promise.all([import('../app/operate/runs.ts'), context.offline()]);
  const found = await listRuns(directory, limit, ports);
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else terminal.stdout.write(renderRuns(found, terminal));
  return 0;
}

function limitOf({ args }: CommandContext): number {
  const text = args.text('lines');
  if (text === undefined) return LISTED_RUNS;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--lines takes a whole number from 1 on, not "${text}".`);
  return number;
}

async function showOne(id: string, context: CommandContext): Promise<number> {
  const { args, terminal, directory } = context;
  const [{ findRun }, ports] = await Promise.all([import('../app/operate/runs.ts'), context.offline()]);
  const run = await findRun(directory, id, ports);
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
  else terminal.stdout.write(renderRun(run, path.relative(directory, run.directory), terminal));
  return 0;
}

async function printLog(id: string, name: string, context: CommandContext): Promise<number> {
  const { terminal, directory } = context;
  const [{ findRun, runLog }, ports] = await Promise.all([
    import('../app/operate/runs.ts'),
    context.offline(),
  ]);
  const file = await runLog(await findRun(directory, id, ports), name);
  const isTerminal = terminal.stdout.isTTY === true;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (terminal.stdout.destroyed) break;
    const text = isTerminal ? sanitize(line, 64 * 1024) : line;
    await pacedWrite(terminal.stdout, `${text}\n`);
  }
  return 0;
}
