import { errorAt } from '../diagnostics/diagnostic.ts';
import type { SourceRange } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { canonicalAddress, looksLikeAddress } from './address.ts';
import type { Scope } from './eval/compile.ts';
import { emptyObject, isObject } from './eval/marks.ts';
import type { HostDeclaration } from './model.ts';
import { providerOf } from './provider-settings.ts';
import type { BoundBlock } from './schema/bind.ts';
import { BROKEN, readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { Unknown } from './value.ts';
import type { Value, ValueObject } from './value.ts';
import type { Workspace } from './workspace.ts';

/** A `host` block as the spec reads it: `host.NAME`. */
export function evaluateHostBlock(block: BoundBlock, scope: Scope, findings: Findings): Value {
  const written = readAttribute(block, 'address', scope, findings);
  const labels = readAttribute(block, 'labels', scope, findings);
  if (typeof written !== 'string' || !isObject(labels)) return written instanceof Unknown ? written : BROKEN;
  const at = block.attributes.get('address')?.source.expression.range ?? block.range;
  const address = canonicalAddress(written);
  if (address === undefined) {
    findings.report(errorAt(at, 'Invalid address', notAnAddress(written)));
    return BROKEN;
  }
  return Object.assign(emptyObject(), { address, name: block.label, labels });
}

function notAnAddress(text: string): string {
  return `"${text}" is neither an IPv4 address, nor an IPv6 address, nor a DNS name.`;
}

/** All machines of a spec: those of `host` blocks and those that only components name. */
export interface HostRegistry {
  /** Canonical addresses of what a component's `hosts` lists, or null while one is unknown or wrong. `placeOf` an entry: for messages. */
  resolve(
    entries: readonly Value[],
    placeOf: (index: number) => SourceRange,
    findings: Findings,
  ): string[] | null;
  readonly declarations: ReadonlyMap<string, HostDeclaration>;
}

/** `named` are the values of `host.NAME`. */
export function createHostRegistry(
  workspace: Workspace,
  named: ValueObject,
  scope: Scope,
  findings: Findings,
): HostRegistry {
  const declarations = new Map<string, HostDeclaration>();
  for (const [name, block] of workspace.hosts) {
    const host = named[name]!;
    if (!isObject(host)) continue;
    const address = host.address as string;
    const other = declarations.get(address);
    if (other) {
      const detail = `${address} is host "${other.name}" already. A machine has one name.`;
      findings.report(errorAt(block.range, 'Two names for one machine', detail));
      continue;
    }
    const provider = providerOf(address, block, workspace, scope, findings);
    const labels = { ...(host.labels as Record<string, string>) };
    declarations.set(address, { address, name, labels, provider, range: block.range });
  }

  function resolveEntry(entry: string, at: SourceRange, found: Findings): string | undefined {
    if (!looksLikeAddress(entry)) {
      const host = named[entry];
      if (host !== undefined) return isObject(host) ? (host.address as string) : undefined;
      const hint = didYouMean(entry, workspace.hosts.keys());
      const detail = `There is no host block "${entry}", and an address has a dot or a colon.${hint}`;
      found.report(errorAt(at, 'Unknown host', detail));
      return undefined;
    }
    const address = canonicalAddress(entry);
    if (address === undefined) found.report(errorAt(at, 'Invalid address', notAnAddress(entry)));
    else if (!declarations.has(address)) {
      const provider = providerOf(address, null, workspace, scope, findings);
      declarations.set(address, { address, name: null, labels: {}, provider, range: null });
    }
    return address;
  }

  function resolve(
    entries: readonly Value[],
    placeOf: (index: number) => SourceRange,
    found: Findings,
  ): string[] | null {
    const seen = new Map<string, string>();
    let complete = true;
    for (const [i, entry] of entries.entries()) {
      const at = placeOf(i);
      if (typeof entry !== 'string') {
        complete = false;
        continue;
      }
      const address = resolveEntry(entry, at, found);
      if (address === undefined) complete = false;
      else if (seen.has(address)) {
        const first = seen.get(address)!;
        const same = first === entry ? '' : ` ("${first}" and "${entry}" are the same machine)`;
        found.report(errorAt(at, 'Given twice', `The host ${address} is in the list twice${same}.`));
        complete = false;
      } else seen.set(address, entry);
    }
    return complete ? [...seen.keys()] : null;
  }

  return { resolve, declarations };
}
