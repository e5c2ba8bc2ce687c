import type { Blob, ScriptStep } from '../host/script.ts';
import type { HostRecord } from '../host/record.ts';
import type { SessionScript } from '../host/session.ts';
import { recordField } from '../host/record-codec.ts';
import { sh } from '../host/sh.ts';
import type { KindContext, ResourceChange, ResourceRemoval } from '../resources/resource.ts';
import { kindNamed, kindOf } from '../resources/kinds.ts';
import { encodeInstance } from '../state/codec.ts';
import type { InstanceState } from '../state/model.ts';
import { triggersDigests } from '../plan/resource-changes.ts';
import type { InstanceChange } from '../plan/plan.ts';

/** What is sent to a host for one change; `blobs` must lie there before it starts. */
export interface InstanceWork {
  readonly script: SessionScript;
  readonly blobs: readonly Blob[];
}

export type ActiveChange = Exclude<InstanceChange, { action: 'none' }>;

/**
 * The script of a change: what must go first (services and scripts no longer wanted), the resources in order, what is
 * left to go, then the instance's line in the host record. null when the host has nothing to do.
 */
export function instanceScript(
  change: ActiveChange,
  after: InstanceState | null,
  record: HostRecord | null,
  context: Omit<KindContext, 'triggersDigest'>,
): InstanceWork | null {
  const secrets = new Map<string, Uint8Array | string>();
  const functions = new Map<string, string>();
  const plain: KindContext = { ...context, triggersDigest: '' };
  const entryOf = (key: string) => record?.entries.get(key) ?? null;

  const removalStep = (removal: ResourceRemoval): readonly ScriptStep[] => {
    const kind = kindNamed(removal.recorded.kind);
    const step = kind.remove(removal, entryOf(removal.recorded.key), plain);
    if (step === null) return [];
    functions.set(kind.kind, kind.functions);
    return [{ ...step, id: removal.recorded.address }];
  };
  const digests =
    change.action === 'remove' ? new Map<string, string>() : triggersDigests(change.desired.resources, plain);
  const resourceStep = (resourceChange: ResourceChange): readonly ScriptStep[] => {
    if (resourceChange.action === 'none') return [];
    const { resource } = resourceChange;
    const kind = kindOf(resource);
    const kindContext: KindContext = { ...context, triggersDigest: digests.get(resource.address) ?? '' };
    const step = kind.apply(resourceChange, entryOf(kind.key(resource, kindContext)), kindContext, secrets);
    if (step === null) return [];
    functions.set(kind.kind, kind.functions);
    return [step];
  };

  const steps: ScriptStep[] = [];
  let blobs: readonly Blob[] = [];
  switch (change.action) {
    case 'install':
      steps.push(...change.resources.flatMap(resourceStep));
      break;
    case 'update': {
      const wanted = new Set(change.resources.map((c) => kindOf(c.resource).key(c.resource, plain)));
      const first = change.removals.filter((removal) => goesFirst(removal, wanted));
      const last = change.removals.filter((removal) => !goesFirst(removal, wanted));
      if (change.movedFrom !== null) {
        const body = `record_rename ${sh(recordField(change.movedFrom), recordField(change.address))}`;
        steps.push({ id: 'moved', body });
      }
      steps.push(
        ...first.flatMap(removalStep),
        ...change.resources.flatMap(resourceStep),
        ...last.flatMap(removalStep),
      );
      break;
    }
    case 'remove':
      steps.push(...change.removals.flatMap(removalStep));
      break;
  }
  if (change.action !== 'remove') {
    if (steps.length === 0 && change.action === 'update') return null;
    blobs = change.resources.filter(bringsContent).flatMap((c) => kindOf(c.resource).blobs(c.resource));
  }
  const line =
    after === null
      ? `record_gone ${sh(recordField(change.address))}`
      : `record_instance ${sh(recordField(change.address), recordField(encodeInstance(after)))}`;
  steps.push({ id: 'record', body: line });
  return {
    script: {
      instance: change.address,
      functions: [...functions.values()].join('\n'),
      steps: uniqueIds(steps),
      secrets,
    },
    blobs,
  };
}

/** Old programs stop before new ones start; a thing whose place is taken again goes before it comes. */
function goesFirst(removal: ResourceRemoval, wanted: ReadonlySet<string>): boolean {
  const { kind, key } = removal.recorded;
  return (
    kind === 'service' || kind === 'script' || wanted.has(key) || wanted.has(key.replace(/^\w+ /, 'file '))
  );
}

function bringsContent(change: ResourceChange): boolean {
  return change.action === 'create' || change.action === 'update';
}

/** A resource that is replaced has two steps: its removal is told apart. */
function uniqueIds(steps: readonly ScriptStep[]): readonly ScriptStep[] {
  const seen = new Set<string>();
  return steps.map((step) => {
    const id = seen.has(step.id) ? `${step.id} (again)` : step.id;
    seen.add(id);
    return id === step.id ? step : { ...step, id };
  });
}
