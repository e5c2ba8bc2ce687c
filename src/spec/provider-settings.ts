import { errorAt } from '../diagnostics/diagnostic.ts';
import type { SourceRange } from '../diagnostics/diagnostic.ts';
import { isLoopback } from './address.ts';
import type { Scope } from './eval/compile.ts';
import type { Expression } from './hcl/ast.ts';
import type { ProviderSetting, ProviderSettings } from './model.ts';
import type { BoundBlock } from './schema/bind.ts';
import { readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { localProvider, sshProvider } from './schema/providers.ts';
import type { AttributeSchema } from './schema/schema.ts';
import { Sensitive, Unknown } from './value.ts';
import type { Workspace } from './workspace.ts';

/** The provider of a host: its own block merged over the default, attribute by attribute. Holds only what is set: defaults are the provider's. */
export function providerOf(
  address: string,
  host: BoundBlock | null,
  workspace: Workspace,
  scope: Scope,
  findings: Findings,
): ProviderSettings {
  const own = ownProvider(address, host, findings);
  const provider = own ? (own.label as 'ssh' | 'local') : isLoopback(address) ? 'local' : 'ssh';
  const fallback = workspace.providers.get(provider);
  const settings: Record<string, ProviderSetting> = {};
  const schema = provider === 'ssh' ? sshProvider : localProvider;
  for (const row of schema.attributes.values()) {
    const block = own?.attributes.has(row.name) ? own : fallback?.attributes.has(row.name) ? fallback : null;
    if (!block) continue;
    const setting = givenSetting(block, row, workspace, scope, findings);
    if (setting.value !== null && !(setting.value instanceof Unknown)) settings[row.name] = setting;
  }
  return { provider, settings };
}

function ownProvider(address: string, host: BoundBlock | null, findings: Findings): BoundBlock | undefined {
  const [own, second] = host?.blocks ?? [];
  if (second) {
    findings.report(errorAt(second.range, 'Two providers', 'A host has one provider: "ssh" or "local".'));
  }
  if (own?.label === 'local' && !isLoopback(address)) {
    const detail = `The provider "local" works on loopback addresses of this machine (127.0.0.0/8, ::1); ${address} is none.`;
    findings.report(errorAt(own.range, 'Not a local address', detail));
  }
  return own;
}

function givenSetting(
  block: BoundBlock,
  row: AttributeSchema,
  workspace: Workspace,
  scope: Scope,
  findings: Findings,
): ProviderSetting {
  const value = readAttribute(block, row.name, scope, findings);
  if (row.sensitive !== 'required' || value === null) return { value, variable: null };
  const { expression } = block.attributes.get(row.name)!.source;
  const variable = variableOf(expression, workspace);
  if (variable === undefined || !workspace.variables.get(variable)?.sensitive) {
    findings.report(secretNeeded(row, expression.range, variable));
    return { value: null, variable: null };
  }
  return { value: value instanceof Unknown ? value : new Sensitive(value), variable };
}

/** The state names the variable of a secret and never keeps the secret, so there must be exactly one. */
function secretNeeded(row: AttributeSchema, range: SourceRange, variable: string | undefined) {
  const detail =
    variable === undefined
      ? `"${row.name}" is a secret and must be a variable as it is, because the state keeps only its name. ${row.instead}`
      : `"${row.name}" is a secret: declare variable "${variable}" with sensitive = true.`;
  return errorAt(range, 'Secret outside of a variable', detail);
}

/** The variable that an expression is, by itself or through a local value. */
function variableOf(expression: Expression, workspace: Workspace, depth = 0): string | undefined {
  if (expression.kind !== 'traversal' || expression.steps.length !== 1 || depth > 32) return undefined;
  const [step] = expression.steps;
  const name = String(step!.kind === 'attribute' ? step!.name : step!.key);
  if (expression.root === 'var') return name;
  const local = expression.root === 'local' ? workspace.locals.get(name) : undefined;
  return local && variableOf(local.source.expression, workspace, depth + 1);
}
