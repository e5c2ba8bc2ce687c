import { statSync } from 'node:fs';
import path from 'node:path';
import { nearest } from '../diagnostics/nearest.ts';
import type { Wiring } from '../app/ports.ts';
import { version } from '../version.ts';
import type { Command, CommandContext } from './command.ts';
import { commandHelp, generalHelp } from './help.ts';
import { createInterrupts } from './interrupts.ts';
import { outliveOutput } from './lost-output.ts';
import { GLOBAL_OPTIONS, parseOptions, type OptionSpecs, type Parsed } from './options.ts';
import { showError } from './show-error.ts';
import { openTerminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Commands by name; each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.ts')).init,
  validate: async () => (await import('./validate.ts')).validate,
  fmt: async () => (await import('./fmt.ts')).fmt,
  preflight: async () => (await import('./preflight.ts')).preflight,
  plan: async () => (await import('./plan.ts')).plan,
  apply: async () => (await import('./apply.ts')).apply,
  destroy: async () => (await import('./destroy.ts')).destroy,
  show: async () => (await import('./show.ts')).show,
  state: async () => (await import('./state.ts')).state,
  graph: async () => (await import('./graph.ts')).graph,
  output: async () => (await import('./output.ts')).output,
  start: async () => (await import('./start.ts')).start,
  stop: async () => (await import('./stop.ts')).stop,
  restart: async () => (await import('./restart.ts')).restart,
  exec: async () => (await import('./exec.ts')).exec,
  ssh: async () => (await import('./ssh.ts')).ssh,
  logs: async () => (await import('./logs.ts')).logs,
  runs: async () => (await import('./runs.ts')).runs,
  history: async () => (await import('./history.ts')).history,
  diff: async () => (await import('./diff.ts')).diff,
  rollback: async () => (await import('./rollback.ts')).rollback,
  push: async () => (await import('./push.ts')).push,
  pull: async () => (await import('./pull.ts')).pull,
  trust: async () => (await import('./trust.ts')).trust,
  status: async () => (await import('./status.ts')).status,
  hardware: async () => (await import('./hardware.ts')).hardware,
  serve: async () => (await import('./serve.ts')).serve,
  'force-unlock': async () => (await import('./force-unlock.ts')).forceUnlock,
};

/** From arguments to exit code: 0 done, 1 error; what else a command answers stands in docs/cli.md. Never rejects. */
export async function runCli(
  args: readonly string[],
  io: { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
  wiring: Wiring & Pick<CommandContext, 'screens' | 'server'>,
): Promise<number> {
  const outputLost = outliveOutput(io, (code) => void (process.exitCode = code));
  const terminal = openTerminal(io, args);
  let directory = process.cwd();
  try {
    const words = findCommands(args);
    const [name] = words;
    if (name === undefined) {
      const parsed = parseOptions(args, {});
      if (parsed.flag('version')) io.stdout.write(`slipway ${version}\n`);
      else io.stdout.write(await generalHelp(COMMANDS));
      return parsed.flag('version') || parsed.flag('help') ? 0 : 1;
    }
    if (name === 'version') {
      io.stdout.write(`slipway ${version}\n`);
      return 0;
    }
    if (name === 'help' && words.length === 1) {
      io.stdout.write(await generalHelp(COMMANDS));
      return 0;
    }
    // `help plan` is `plan --help`.
    const { command, parsed } =
      name === 'help'
        ? await readCommandLine([...words.slice(1), '--help'], words.slice(1))
        : await readCommandLine(args, words);
    if (parsed.flag('help')) {
      io.stdout.write(commandHelp(command));
      return 0;
    }
    directory = path.resolve(parsed.text('chdir') ?? '.');
    if (parsed.text('chdir') !== undefined && !statSync(directory, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`--chdir: ${directory} is no directory.`);
    const context: CommandContext = {
      args: parsed,
      terminal,
      directory,
      ports: wiring.ports,
      offline: wiring.offline,
      screens: wiring.screens,
      server: wiring.server,
      interrupts: createInterrupts,
    };
    const code = await command.run(context);
    return outputLost() ? 1 : code;
  } catch (error) {
    await showError(error, terminal, directory);
    return 1;
  }
}

/**
 * The command and its options. An option before the command may take the next word as its value, which only the options
 * of the command tell: `--target plan apply` is an apply.
 */
async function readCommandLine(
  args: readonly string[],
  words: readonly string[],
): Promise<{ readonly command: Command; readonly parsed: Parsed }> {
  let problem: UsageError | null = null;
  for (const word of words) {
    const load = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    if (load === undefined) continue;
    const command = await load();
    try {
      const parsed = parseOptions(args, command.options);
      if (parsed.command === word) return { command, parsed };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problem ??= error;
    }
  }
  if (problem !== null) throw problem;
  const [name = ''] = words;
  const near = nearest(name, Object.keys(COMMANDS));
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new UsageError(`There is no command "${name}".${hint} \`slipway --help\` lists them.`);
}

/** The words that may be the command, in order: neither an option nor the value of one that every command takes. */
function findCommands(args: readonly string[]): readonly string[] {
  const globals: OptionSpecs = GLOBAL_OPTIONS;
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') break;
    if (!arg.startsWith('-')) words.push(arg);
    else if (globals[arg.replace(/^--?/, '')]?.type === 'string') i++;
  }
  return words;
}
