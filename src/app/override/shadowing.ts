import { runError, type Diagnostic, type SourceRange } from '../../diagnostics/diagnostic.ts';
import { equal } from '../../spec/eval/equality.ts';
import { containsSensitive, firstUnknown, revealDeep } from '../../spec/eval/marks.ts';
import { componentHosts } from '../../spec/component-hosts.ts';
import { OVERRIDE_FILE } from '../../spec/override.ts';
import type { Value } from '../../spec/value.ts';
import { resolveVariables, type VariableSources } from '../../spec/variables.ts';
import { withoutOverride, type Workspace } from '../../spec/workspace.ts';
import { jsonText } from '../json-value.ts';

/** Longer lists of hosts are told by what differs. */
const SHOWN_HOSTS = 6;
const SHOWN_CHARACTERS = 60;

/**
 * What the override of a workspace shadows of its spec, and what of it is itself outvoted by `--var` and `--var-file`: at most a
 * warning for each. `values`: of the variables, by all sources.
 */
export function shadowWarnings(
  workspace: Workspace,
  values: ReadonlyMap<string, Value>,
  sources: VariableSources,
): readonly Diagnostic[] {
  const { override } = workspace;
  if (override === null) return [];
  const bare = withoutOverride(workspace);
  const spec = resolveVariables(bare, sources).values;
  const [before, after] = [componentHosts(bare, spec), componentHosts(workspace, values)];
  const lines: string[] = [];
  for (const [name, { block }] of workspace.components) {
    const [was, is] = [before.get(name) ?? null, after.get(name) ?? null];
    if (is === null || (was !== null && was.join() === is.join())) continue;
    const at = block.attributes.get('hosts')?.source.nameRange ?? block.range;
    lines.push(`hosts of component ${name} (${place(at)}): ${hostsChange(was, is)}`);
  }
  for (const name of override.values.keys()) {
    const declared = workspace.variables.get(name);
    const [was, is] = [spec.get(name), values.get(name)];
    if (declared === undefined || same(was, is)) continue;
    lines.push(`var.${name} (${place(declared.range)}): ${valueChange(was, is)}`);
  }
  const range = { ...override.range };
  const warning = (summary: string, detail: string): Diagnostic => ({
    severity: 'warning',
    summary,
    detail,
    subject: { at: 'source', range, hidden: true },
  });
  const outvoted = outvotedValues(workspace, values, sources);
  return [
    ...(lines.length === 0 ? [] : [warning(`${OVERRIDE_FILE} shadows the spec`, lines.join('\n'))]),
    ...(outvoted.length === 0
      ? []
      : [
          warning(
            'Given values are stronger than the override',
            `--var or --var-file gives another value to ${outvoted.map((name) => `var.${name}`).join(', ')}.`,
          ),
        ]),
  ];
}

/** Names of variables that the override gives a value, and the command line another one. */
export function outvotedValues(
  workspace: Workspace,
  values: ReadonlyMap<string, Value>,
  sources: VariableSources,
): readonly string[] {
  if (workspace.override === null || sources.arguments.length === 0) return [];
  const posted = resolveVariables(workspace, { ...sources, arguments: [] }).values;
  return [...workspace.override.values.keys()].filter(
    (name) => workspace.variables.has(name) && !same(posted.get(name), values.get(name)),
  );
}

/** An error for what the command line fixes to another value than was posted. */
export function outvotedError(name: string): Diagnostic {
  return runError(
    'Fixed where the server was started',
    `properties.${name}: --var or --var-file gives var.${name} another value, which is stronger than what is posted.`,
  );
}

function hostsChange(was: readonly string[] | null, is: readonly string[]): string {
  if (was === null) return `not known -> ${list(is)}`;
  if (was.length <= SHOWN_HOSTS && is.length <= SHOWN_HOSTS) return `${list(was)} -> ${list(is)}`;
  const gone = was.filter((host) => !is.includes(host));
  const come = is.filter((host) => !was.includes(host));
  const parts = [
    ...(come.length === 0 ? [] : [`with ${few(come)}`]),
    ...(gone.length === 0 ? [] : [`without ${few(gone)}`]),
  ];
  return `${was.length} -> ${is.length} hosts, ${parts.length === 0 ? 'in another order' : parts.join(', ')}`;
}

function list(hosts: readonly string[]): string {
  return hosts.length === 0 ? 'none' : hosts.join(', ');
}

function few(hosts: readonly string[]): string {
  const rest = hosts.length - SHOWN_HOSTS;
  return rest <= 0 ? hosts.join(', ') : `${hosts.slice(0, SHOWN_HOSTS).join(', ')} and ${rest} more`;
}

function valueChange(was: Value | undefined, is: Value | undefined): string {
  if ([was, is].some((value) => value !== undefined && containsSensitive(value)))
    return was === undefined ? 'no value -> (sensitive)' : 'another sensitive value';
  return `${shown(was)} -> ${shown(is)}`;
}

function shown(value: Value | undefined): string {
  if (value === undefined) return 'no value';
  const text = jsonText(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (firstUnknown(a) !== undefined || firstUnknown(b) !== undefined) return a === b;
  return equal(revealDeep(a), revealDeep(b));
}

function place({ file, start }: SourceRange): string {
  return `${file}:${start.line}:${start.column}`;
}
