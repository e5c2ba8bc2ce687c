import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import { serviceOutput } from '../../resources/service-output.ts';
import type { InstanceState, State } from '../../state/model.ts';
import { selectInstances } from '../state-commands.ts';

/** One log of an instance: files by a shell's pattern, or the journal of a unit. */
export interface LogSource {
  /** `nats@10.10.101.182` */
  readonly instance: string;
  readonly host: string;
  /** As its definition calls it, or `service.nats`: what that service prints. */
  readonly name: string;
  readonly origin:
    | { readonly from: 'files'; readonly pattern: string }
    | { readonly from: 'journal'; readonly unit: string };
}

/** The logs that a definition names, then what its services print; a log that is both goes by the definition's name. */
export function logSourcesOf(instance: InstanceState): readonly LogSource[] {
  const { address, host, logs, resources } = instance;
  const sources: LogSource[] = [];
  for (const { name, files, unit } of logs) {
    if (files !== null)
      sources.push({ instance: address, host, name, origin: { from: 'files', pattern: files } });
    else if (unit !== null)
      sources.push({ instance: address, host, name, origin: { from: 'journal', unit } });
  }
  for (const resource of resources) {
    if (resource.kind !== 'service') continue;
    const origin = serviceOutput(resource);
    if (!sources.some((source) => isSame(source.origin, origin)))
      sources.push({ instance: address, host, name: resource.address, origin });
  }
  return sources;
}

function isSame(a: LogSource['origin'], b: LogSource['origin']): boolean {
  if (a.from === 'files') return b.from === 'files' && a.pattern === b.pattern;
  return b.from === 'journal' && bareUnit(a.unit) === bareUnit(b.unit);
}

function bareUnit(unit: string): string {
  return unit.replace(/\.service$/, '');
}

/**
 * Logs of the instances that selectors name (all without any), by component and index; `name`: only those called so, where
 * `nats` also means `service.nats`. Throws `DiagnosticsError` for names that nothing has.
 */
export function selectLogs(
  state: State,
  selectors: readonly string[],
  name: string | undefined,
): readonly LogSource[] {
  const all = selectInstances(state, selectors).flatMap(logSourcesOf);
  if (name === undefined) return all;
  const exact = all.filter((source) => source.name === name);
  const chosen = exact.length > 0 ? exact : all.filter((source) => source.name === `service.${name}`);
  if (chosen.length > 0) return chosen;
  const names = [...new Set(all.map((source) => source.name))];
  const known = names.length === 0 ? ' There are none.' : ` There are: ${names.join(', ')}.`;
  throw new DiagnosticsError([
    runError(`No log is called "${name}"`, `No selected instance has it.${didYouMean(name, names)}${known}`),
  ]);
}
