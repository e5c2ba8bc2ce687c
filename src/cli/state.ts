import { nearest } from '../diagnostics/nearest.ts';
import type { Store } from '../state/store.ts';
import { count } from '../terminal/amounts.ts';
import type { Command, CommandContext } from './command.ts';
import { lockTimeoutMs, newRunId } from './plan-request.ts';
import { confirm } from './confirm.ts';
import { UsageError } from './usage-error.ts';
import { rebuild, REBUILD_OPTIONS } from './state-rebuild.ts';
import { renderInstance } from './view/state-text.ts';

export const state: Command = {
  name: 'state',
  summary: 'look into the state and mend it',
  usage: 'list|show|rm|mv|rename|forget|rebuild [options] ...',
  options: {
    json: { type: 'boolean', help: 'list, show, rebuild: as JSON' },
    'auto-approve': { type: 'boolean', help: 'forget, rebuild: do not ask' },
    'lock-timeout': { type: 'string', value: 'DURATION', help: 'wait so long for the state lock (0s)' },
    ...REBUILD_OPTIONS,
  },
  details: [
    '  list [SELECTOR]...   addresses of instances: all, or those of nats, nats@ADDRESS, @ADDRESS',
    '  show ADDRESS         one instance with all that is known of it',
    '  rm SELECTOR...       forget instances; what is on their hosts stays there',
    '  forget HOST          forget a machine that no longer exists, with all its instances',
    '  mv FROM TO           rename a component: writes a `moved` block to moved.hcl, which the next apply carries out',
    '  rename NAME          the name of the cluster, after it was changed in the spec',
    '  rebuild              make a lost state anew from the records on the hosts',
    '',
    'What changes the state takes its lock, raises its serial and keeps the previous one in PATH.backup. `mv` does not edit',
    'the state: the records on the hosts name the component too, and an apply renames it in both together.',
    '',
    '`rebuild` asks all hosts of the spec, and those given by --host, and changes nothing on them. It shows what it found and',
    'refuses to guess: where there are several clusters, --lineage says which; hosts that do not answer are left out only by',
    '--exclude or --partial. A state that is there is replaced only with --force, and kept as backup.',
  ].join('\n'),
  async run(context) {
    const [name = '', ...rest] = context.args.positionals;
    const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
    if (subcommand === undefined) throw unknownSubcommand(name);
    const { min, max, usage } = subcommand;
    if (rest.length < min || rest.length > max) throw new UsageError(`Usage: slipway state ${name} ${usage}`);
    const [{ openStore }, ports] = await Promise.all([import('../app/locate-state.ts'), context.offline()]);
    return subcommand.run(rest, await openStore(context.directory, ports), context);
  },
};

interface Subcommand {
  readonly usage: string;
  readonly min: number;
  readonly max: number;
  run(names: readonly string[], store: Store, context: CommandContext): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  list: { usage: '[SELECTOR]...', min: 0, max: Infinity, run: list },
  show: { usage: 'ADDRESS', min: 1, max: 1, run: showOne },
  rm: { usage: 'SELECTOR...', min: 1, max: Infinity, run: remove },
  mv: { usage: 'FROM TO', min: 2, max: 2, run: move },
  rename: { usage: 'NAME', min: 1, max: 1, run: rename },
  forget: { usage: 'HOST', min: 1, max: 1, run: forget },
  rebuild: { usage: '[options]', min: 0, max: 0, run: rebuild },
};

async function list(selectors: readonly string[], store: Store, context: CommandContext): Promise<number> {
  const { selectInstances, readStoredState } = await useCases();
  const { state: stored } = await readStoredState(store);
  const addresses = selectInstances(stored, selectors).map((instance) => instance.address);
  const { args, terminal } = context;
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(addresses, null, 2)}\n`);
  else for (const address of addresses) terminal.stdout.write(`${address}\n`);
  return 0;
}

async function showOne(
  [address = '']: readonly string[],
  store: Store,
  context: CommandContext,
): Promise<number> {
  const { instanceAt, readStoredState } = await useCases();
  const { state: stored } = await readStoredState(store);
  const instance = instanceAt(stored, address);
  const { args, terminal } = context;
  if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(instance, null, 2)}\n`);
  else terminal.stdout.write(renderInstance(instance, terminal));
  return 0;
}

async function remove(selectors: readonly string[], store: Store, context: CommandContext): Promise<number> {
  const { forgetInstances } = await useCases();
  const ports = await context.offline();
  const gone = await forgetInstances(store, selectors, request('state rm', context, ports.clock), ports);
  const { stdout } = context.terminal;
  for (const address of gone) stdout.write(`Forgot ${address}\n`);
  stdout.write(
    'Their hosts keep what is there, and their records still name it: an apply of the same component adopts it again.\n',
  );
  return 0;
}

async function forget(
  [name = '']: readonly string[],
  store: Store,
  context: CommandContext,
): Promise<number> {
  const { forgetHost, hostAt, readStoredState, selectInstances } = await useCases();
  const { state: stored } = await readStoredState(store);
  const host = hostAt(stored, name);
  const instances = selectInstances(stored, [`@${host}`]).map((instance) => instance.address);
  const question = [
    `The state forgets ${host} with ${count(instances.length, 'instance')}:`,
    ...instances.map((address) => `  ${address}`),
    'Do this only when the machine no longer exists: nothing is taken off it.',
  ].join('\n');
  if (!(await confirm(question, context))) {
    context.terminal.stdout.write('Nothing was changed.\n');
    return 1;
  }
  const ports = await context.offline();
  const gone = await forgetHost(store, host, request('state forget', context, ports.clock), ports);
  context.terminal.stdout.write(`Forgot ${host} with ${count(gone.length, 'instance')}.\n`);
  return 0;
}

async function move(
  [from = '', to = '']: readonly string[],
  store: Store,
  context: CommandContext,
): Promise<number> {
  const address = [from, to].find((name) => name.includes('@'));
  if (address !== undefined) {
    throw new UsageError(
      `${address} is an instance, and an instance belongs to its machine. Components are renamed (state mv nats bus); to use another machine, change the component's hosts.`,
    );
  }
  const bare = (name: string): string => name.replace(/^component\./, '');
  const [{ readStoredState }, { writeMove, MOVES_FILE }] = await Promise.all([
    useCases(),
    import('../app/move-component.ts'),
  ]);
  const { state: stored } = await readStoredState(store);
  const names = { from: bare(from), to: bare(to) };
  const block = await writeMove(context.directory, stored, names, await context.offline());
  context.terminal.stdout.write(
    `Added to ${MOVES_FILE}:\n\n${block}\nThe next apply renames it in the state and on the hosts: see \`slipway plan\`.\n`,
  );
  return 0;
}

async function rename(
  [name = '']: readonly string[],
  store: Store,
  context: CommandContext,
): Promise<number> {
  const { renameCluster } = await useCases();
  const ports = await context.offline();
  const before = await renameCluster(store, name, request('state rename', context, ports.clock), ports);
  const was = before === null ? 'It had no name.' : `It was "${before}".`;
  context.terminal.stdout.write(`The state is that of cluster "${name}" now. ${was}\n`);
  return 0;
}

function request(operation: string, { args }: CommandContext, clock: () => number) {
  return { run: newRunId(clock()), operation, lockTimeoutMs: lockTimeoutMs(args) };
}

async function useCases() {
  const [commands, { readStoredState }] = await Promise.all([
    import('../app/state-commands.ts'),
    import('../app/locate-state.ts'),
  ]);
  return { ...commands, readStoredState };
}

function unknownSubcommand(name: string): UsageError {
  const known = Object.keys(SUBCOMMANDS);
  const forms = `slipway state ${known.join('|')}`;
  if (name === '')
    return new UsageError(`What to do with the state is missing: ${forms}. See \`slipway state --help\`.`);
  const near = nearest(name, known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new UsageError(`There is no "slipway state ${name}".${hint} There are: ${forms}.`);
}
