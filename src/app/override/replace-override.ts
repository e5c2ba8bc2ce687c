import { DiagnosticsError, hasErrors, runError, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { distinct } from '../../diagnostics/distinct.ts';
import { decodeJson, encodeJson } from '../../spec/eval/functions/json.ts';
import { containsSensitive } from '../../spec/eval/marks.ts';
import { openFileDigests } from '../../spec/file-digests.ts';
import { decodeOverride, OVERRIDE_FILE, overrideText, type Override } from '../../spec/override.ts';
import type { Value } from '../../spec/value.ts';
import { resolveVariables } from '../../spec/variables.ts';
import { loadWorkspace, type Workspace } from '../../spec/workspace.ts';
import { StateError } from '../../state/store.ts';
import { shownValue } from '../json-value.ts';
import { checkSpec } from './check-spec.ts';
import type { AcceptedConfig, ConfigUse } from './config.ts';
import { configOf, SENSITIVE } from './effective-config.ts';
import { readOverrideText, writeOverride } from './override-file.ts';
import { readPostedConfig, type PostedConfig } from './posted-config.ts';
import { outvotedError, outvotedValues, shadowWarnings } from './shadowing.ts';

/** Others may post at the same time. */
const ATTEMPTS = 5;
/** Nobody reads more, and a client may have sent anything. */
const SHOWN_PROBLEMS = 200;

/**
 * Takes a configuration: checks it together with the whole spec, and only then writes it to `deployment-engine_override.json`, mode
 * 0600. `posted` is JSON that was parsed, its numbers exact (a bigint beyond 2^53): `{"components": {NAME: [ADDRESS, ...]}, "properties": {NAME: value}}`, keys without regard to
 * case. A component that it leaves out gets no hosts; a sensitive variable given as `(sensitive)` keeps what it has. Throws
 * `DiagnosticsError` with everything that is wrong, `StateError` `io` where the file cannot be written; then nothing has changed.
 */
export async function replaceOverride(use: ConfigUse, posted: unknown): Promise<AcceptedConfig> {
  const { directory } = use;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await readOverrideText(directory);
    const proposal = await prepare(use, posted, before);
    // What stays as it is was taken from what was there before.
    if ((await readOverrideText(directory)) !== before) continue;
    // Also where it is the same: its mode may be wrong.
    await writeOverride(directory, proposal.text);
    return proposal.accepted;
  }
  throw new StateError('io', `${OVERRIDE_FILE} changes all the time.`, 'Post the configuration again.');
}

async function prepare(
  use: ConfigUse,
  posted: unknown,
  before: string | null,
): Promise<{ readonly text: string; readonly accepted: AcceptedConfig }> {
  const { directory, variables, ports } = use;
  const { parser, environment } = ports;
  const digests = openFileDigests(null);
  const sources = { environment, arguments: variables, directory };
  // A damaged override is one to replace.
  const earlier = before === null ? null : decodeOverride(before, () => undefined);
  const today = await loadWorkspace(directory, { parser, digests, override: earlier?.text ?? null });
  const config = readPostedConfig(posted, today.workspace.components, today.workspace.variables);
  const current = resolveVariables(today.workspace, sources).values;
  const kept = unchanged(config, today.workspace, current);
  const text = overrideText(config.hosts, valuesOf(config, kept, earlier));

  const { workspace, values, diagnostics } = await checkSpec(use, text, digests);
  const outvoted = outvotedValues(workspace, values, sources).filter((name) => !kept.has(name));
  const found = [...diagnostics, ...outvoted.map(outvotedError)];
  const problems = [...config.problems, ...inPosted(distinct(found), workspace.override)];
  if (hasErrors(problems)) throw new DiagnosticsError(shownProblems(problems));
  return {
    text,
    accepted: {
      config: configOf(workspace, values),
      changed: text !== before,
      warnings: shadowWarnings(workspace, values, sources),
      notes: config.notes,
    },
  };
}

/** Names of variables that were posted as they are shown, with the marker of a sensitive value: they stay as they are. */
function unchanged(
  { values }: PostedConfig,
  { variables }: Workspace,
  current: ReadonlyMap<string, Value>,
): ReadonlySet<string> {
  const names = [...values].filter(([name, value]) => {
    if (variables.get(name)?.sensitive === true) return value === SENSITIVE;
    const now = current.get(name);
    return now !== undefined && containsSensitive(now) && encodeJson(value) === encodeJson(shownValue(now));
  });
  return new Set(names.map(([name]) => name));
}

function valuesOf(
  { values }: PostedConfig,
  kept: ReadonlySet<string>,
  earlier: Override | null,
): ReadonlyMap<string, Value> {
  const result = new Map<string, Value>();
  for (const [name, value] of values) {
    const own = kept.has(name) ? earlier?.values.get(name)?.value : decodeJson(encodeJson(value));
    if (own !== undefined) result.set(name, own);
  }
  return result;
}

/** Names the places in what was posted: who posted it never saw the file that it would have become. */
function inPosted(diagnostics: readonly Diagnostic[], override: Override | null): readonly Diagnostic[] {
  const places = new Map([...(override?.places ?? [])].map(([path, { start }]) => [start.byte, path]));
  return diagnostics.map((diagnostic) => {
    const { subject, detail } = diagnostic;
    if (subject.at !== 'source' || subject.range.file !== OVERRIDE_FILE) return diagnostic;
    const place = places.get(subject.range.start.byte);
    return {
      ...diagnostic,
      detail: place === undefined ? detail : `${place}: ${detail}`,
      subject: { at: 'run' },
    };
  });
}

function shownProblems(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length <= SHOWN_PROBLEMS) return problems;
  const detail = `${errors.length} are wrong; these are the first ${SHOWN_PROBLEMS}.`;
  return [...errors.slice(0, SHOWN_PROBLEMS), runError('There are more errors', detail)];
}
