import type { LoadedProject } from '../app/project.ts';
import type { RebuiltState } from '../app/operate/rebuild-state.ts';
import { DiagnosticsError, runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { State } from '../state/model.ts';
import { StateError, type Store } from '../state/store.ts';
import { count } from '../terminal/amounts.ts';
import { paint } from '../terminal/style.ts';
import { VARIABLE_OPTIONS, type CommandContext } from './command.ts';
import { confirm } from './confirm.ts';
import type { OptionSpecs } from './options.ts';
import {
  lockTimeoutMs,
  newRunId,
  positiveNumber,
  variableArguments,
  variablePrompt,
} from './plan-request.ts';
import { showDiagnostics } from './show-error.ts';

export const REBUILD_OPTIONS = {
  ...VARIABLE_OPTIONS,
  host: { type: 'string', multiple: true, value: 'ADDRESS', help: 'rebuild: ask this machine, too' },
  exclude: { type: 'string', multiple: true, value: 'HOST', help: 'rebuild: do not ask this host' },
  partial: { type: 'boolean', help: 'rebuild: go on without hosts that do not answer' },
  lineage: { type: 'string', value: 'ID', help: 'rebuild: which of several clusters' },
  force: { type: 'boolean', help: 'rebuild: replace the state that is there' },
  parallelism: { type: 'string', value: 'N', help: 'rebuild: hosts asked at the same time (64)' },
} as const satisfies OptionSpecs;

/** `slipway state rebuild`: a lost state, made anew from the records on the hosts. */
export async function rebuild(
  _names: readonly string[],
  store: Store,
  context: CommandContext,
): Promise<number> {
  const { args, directory, terminal } = context;
  const json = args.flag('json');
  const [
    { evaluateHosts, readRecords },
    { rebuildState },
    { loadProject },
    { hasKey, secretDigests },
    ports,
  ] = await Promise.all([
    import('../app/operate/read-records.ts'),
    import('../app/operate/rebuild-state.ts'),
    import('../app/project.ts'),
    import('../app/secret-digests.ts'),
    context.ports(),
  ]);
  const run = newRunId(ports.clock());
  const interrupts = context.interrupts();
  const lock = await store.lock(
    { run, operation: 'state rebuild', owner: ports.owner },
    { timeoutMs: lockTimeoutMs(args), signal: interrupts.stopping },
  );
  try {
    const serial = await serialThere(store, args.flag('force'));
    const project = await loadProject(directory, variableArguments(args), ports, variablePrompt(terminal));
    const isKeyLost = !hasKey(project.paths, ports.environment);
    const hmac = secretDigests(project.paths, ports.environment);
    const evaluation = evaluateHosts(project, hmac);
    const request = {
      run,
      hosts: args.list('host'),
      excludes: args.list('exclude'),
      partial: args.flag('partial'),
      parallelism: positiveNumber(args, 'parallelism'),
      signal: interrupts.stopping,
      onProgress(text: string) {
        if (!json && terminal.stderr.isTTY) terminal.stderr.write(`${text}\n`);
      },
    };
    const records = await readRecords(project, evaluation, request, ports);
    const made = await rebuildState(records, args.text('lineage') ?? null, project, evaluation, hmac);
    const asWarnings = records.unreachable.map((one) => ({ ...one, severity: 'warning' as const }));
    await showDiagnostics(asWarnings, terminal, directory);
    const state = { ...made.state, serial: serial + 1 };
    if (json) terminal.stdout.write(`${JSON.stringify(reportOf(made, records.excluded, store), null, 2)}\n`);
    else terminal.stdout.write(renderFound(made, records.excluded, terminal.color));
    const question = `This writes ${store.location} with ${count(state.instances.size, 'instance')}; nothing changes on any host.`;
    if (!(await confirm(question, context))) {
      terminal.stdout.write('Nothing was written.\n');
      return 1;
    }
    await store.write(state);
    if (isKeyLost && needsKey(state, project)) await showDiagnostics([KEY_LOST], terminal, directory);
    if (!json) {
      terminal.stdout.write(
        `Written: ${store.location}, serial ${state.serial}. \`slipway plan\` compares it with the spec and the hosts.\n`,
      );
    }
    return 0;
  } finally {
    await lock.release();
    interrupts.dispose();
  }
}

/** Only what scripts are triggered by cannot be compared with the hosts. */
function needsKey(state: State, { workspace }: LoadedProject): boolean {
  const hasScripts = [...state.instances.values()].some(({ resources }) =>
    resources.some(({ kind }) => kind === 'script'),
  );
  return hasScripts && [...workspace.variables.values()].some((variable) => variable.sensitive);
}

const KEY_LOST: Diagnostic = {
  ...runError(
    'The key of the digests of sensitive values was not there',
    'A new one is made. Files are compared with the hosts all the same; whether sensitive triggers of scripts have changed cannot be known, so such scripts run again. A kept .slipway/key, or SLIPWAY_KEY, spares that.',
  ),
  severity: 'warning',
};

/** Serial of the state that is to be replaced; 0 when there is none. Throws `DiagnosticsError` when one is there and may stay. */
async function serialThere(store: Store, force: boolean): Promise<number> {
  try {
    const stored = await store.read();
    if (stored === null) return 0;
    if (force) return stored.state.serial;
    const detail = `${store.location} has serial ${stored.state.serial} with ${count(stored.state.instances.size, 'instance')}. --force replaces it by what the hosts tell, and keeps it as backup.`;
    throw new DiagnosticsError([runError('There is a state already', detail)]);
  } catch (error) {
    if (!(error instanceof StateError) || error.kind !== 'damaged') throw error;
    const detail = `${error.remedy} Or move it away, and run this again.`;
    throw new DiagnosticsError([runError(error.message.replace(/\.$/, ''), detail)]);
  }
}

function reportOf({ state, ...report }: RebuiltState, excluded: readonly string[], store: Store) {
  const { lineage, cluster, specVersion, deployments } = state;
  return {
    format: 1,
    location: store.location,
    lineage,
    cluster,
    specVersion,
    deployments,
    ...report,
    excluded,
  };
}

function renderFound(made: RebuiltState, excluded: readonly string[], color: boolean): string {
  const { state, found, notInSpec, notFound, begun, counted, fromSpec } = made;
  const name = state.cluster === null ? 'Cluster without a name' : `Cluster ${state.cluster}`;
  const version = state.specVersion === null ? '' : `, version ${state.specVersion}`;
  const where = found.filter((host) => host.instances.length > 0);
  const lines = [
    `${paint(name, 'strong', color)}${version}: ${count(state.instances.size, 'instance')} on ${count(where.length, 'host')}`,
    paint(`lineage ${state.lineage}`, 'faint', color),
    '',
    ...found.map(({ host, instances }) => {
      const here =
        instances.length === 0 ? paint('nothing', 'faint', color) : instances.map(componentOf).join(', ');
      return `  ${paint(host, 'strong', color)}  ${here}`;
    }),
    ...section('Not in the spec; the next apply removes them:', notInSpec),
    ...section('In the spec, but not on record; the next apply installs them:', notFound),
    ...section(
      'Begun and never completed, so not in the state; the next apply of the same component takes over what lies there:',
      begun.map(({ host, instance }) => `${instance} on ${host}`),
    ),
    ...(counted === null ? [] : ['', ...wordCount(counted, state.instances.size, color)]),
    ...section('Facts of these components are not on record and are taken from the spec:', fromSpec),
    ...section('Not asked (--exclude):', excluded),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** A host that was not asked leaves no trace but this. */
function wordCount(counted: number, found: number, color: boolean): readonly string[] {
  return [
    paint(
      `The newest word on record counts ${count(counted, 'instance')}; ${found} were found.`,
      'warn',
      color,
    ),
    'Some were removed since, or a host was not asked: name it with --host=ADDRESS,',
    'or give the variables that place instances the values they had.',
  ];
}

function section(title: string, rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : ['', title, ...rows.map((row) => `  ${row}`)];
}

function componentOf(address: string): string {
  return address.slice(0, address.indexOf('@'));
}
