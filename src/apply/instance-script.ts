import type { Blob, ScriptStep } from '../host/script.ts';
import type { HostRecord, RecordEntry } from '../host/record.ts';
import type { SessionScript } from '../host/session.ts';
import { recordField } from '../host/record-codec.ts';
import { sh } from '../host/sh.ts';
import type { KindContext, ResourceChange, ResourceRemoval } from '../resources/resource.ts';
import { kindNamed, kindOf } from '../resources/kinds.ts';
import { recordLine } from '../resources/ownership.ts';
import { STARTED_NOTE } from '../resources/service-driver.ts';
import { expectStartLine } from '../resources/service.ts';
import { encodeInstance } from '../state/codec.ts';
import { noteLines, type RecordNotes } from './record-notes.ts';
import type { InstanceState } from '../state/model.ts';
import { triggersDigests } from '../plan/resource-changes.ts';
import type { InstanceChange } from '../plan/plan.ts';
import { excludeEachOther } from '../plan/places.ts';

/** What is sent to a host for one change; `blobs` must lie there before it starts. */
export interface InstanceWork {
  readonly script: SessionScript;
  readonly blobs: readonly Blob[];
}

export type ActiveChange = Exclude<InstanceChange, { action: 'none' }>;

/**
 * The script of a change: what must go first (services and scripts no longer wanted), the resources in order, with the files
 * that go before its services start, what is left to go, then the instance's line in the host record, with what `notes` tell
 * beside it. null when the host has nothing to do.
 */
export function instanceScript(
  change: ActiveChange,
  after: InstanceState | null,
  record: HostRecord | null,
  context: Omit<KindContext, 'triggersDigest'>,
  notes: RecordNotes = {},
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
    const { address, key } = removal.recorded;
    const stale = staleOwners(entryOf(key), key, new Set([address]), plain);
    return [{ body: [...stale, step.body].join('\n'), id: address }];
  };
  const digests =
    change.action === 'remove'
      ? new Map<string, string>()
      : triggersDigests(change.desired.resources, plain, change.desired.ignoreChanges);
  // What this very script takes off first is new to the record when it comes again.
  const gone = new Set(change.action === 'update' ? change.removals.map(({ recorded }) => recorded.key) : []);
  const resourceStep = (resourceChange: ResourceChange): readonly ScriptStep[] => {
    if (resourceChange.action === 'none') return [];
    const { resource } = resourceChange;
    const kind = kindOf(resource);
    const kindContext: KindContext = { ...context, triggersDigest: digests.get(resource.address) ?? '' };
    const key = kind.key(resource, kindContext);
    const step = kind.apply(resourceChange, gone.has(key) ? null : entryOf(key), kindContext, secrets);
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
      const wanted = change.resources.map((c) => kindOf(c.resource).key(c.resource, plain));
      const first = change.removals.filter((removal) => goesFirst(removal, wanted));
      const last = change.removals.filter((removal) => !goesFirst(removal, wanted));
      if (change.movedFrom !== null) {
        const body = `record_rename ${sh(recordField(change.movedFrom), recordField(change.address))}`;
        steps.push({ id: 'moved', body });
      }
      // A service that starts anew must not find what goes; accounts, packages and directories may still be in use until then.
      const service = change.resources.findIndex(({ resource }) => resource.kind === 'service');
      const startsAt = service < 0 ? change.resources.length : service;
      steps.push(
        ...first.flatMap(removalStep),
        ...change.resources.slice(0, startsAt).flatMap(resourceStep),
        ...last.filter(isRead).flatMap(removalStep),
        ...change.resources.slice(startsAt).flatMap(resourceStep),
        ...last.filter((removal) => !isRead(removal)).flatMap(removalStep),
      );
      break;
    }
    case 'remove':
      steps.push(...change.removals.flatMap(removalStep));
      break;
  }
  const starts = change.action === 'remove' ? [] : notedStarts(change, record, digests, plain);
  if (change.action !== 'remove') {
    if (steps.length === 0 && starts.length === 0 && isRecorded(change, record, context.lineage)) return null;
    blobs = change.resources.filter(bringsContent).flatMap((c) => kindOf(c.resource).blobs(c.resource));
  }
  const line =
    after === null
      ? `record_gone ${sh(recordField(change.address))}`
      : `record_instance ${sh(recordField(change.address), recordField(encodeInstance(after)))}`;
  const disowned = change.action === 'remove' ? [] : renamedOwners(change, record, plain);
  const told = after === null ? [] : noteLines(change.component, notes, record, context.lineage);
  steps.push({ id: 'record', body: [...disowned, ...starts, line, ...told].join('\n') });
  const [first, ...rest] = steps;
  const expected =
    change.action === 'remove' ? [] : change.resources.flatMap((c) => expectStartLine(c) ?? []);
  if (first !== undefined && expected.length > 0)
    steps.splice(0, steps.length, { ...first, body: [...expected, first.body].join('\n') }, ...rest);
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

/**
 * Of an instance that stays stopped: what its services will be started with is noted as if they had been, so that the next
 * plan after their start has nothing to restart.
 */
function notedStarts(
  change: Exclude<ActiveChange, { action: 'remove' }>,
  record: HostRecord | null,
  digests: ReadonlyMap<string, string>,
  context: KindContext,
): string[] {
  if (change.desired.stopped !== true) return [];
  return change.resources.flatMap(({ resource }) => {
    if (resource.kind !== 'service') return [];
    const key = kindOf(resource).key(resource, context);
    const digest = digests.get(resource.address) ?? '';
    if (record?.entries.get(key)?.notes.get(STARTED_NOTE) === digest) return [];
    return [recordLine.note(key, STARTED_NOTE, digest)];
  });
}

/** Has the host this instance on its record? Then an update without a step has nothing to do there: it is only checked. */
function isRecorded(change: ActiveChange, record: HostRecord | null, lineage: string): boolean {
  return change.action === 'update' && (record?.instances.has(`${lineage} ${change.address}`) ?? true);
}

/** Lines by which an instance lets go of a thing under names that the resource had before in its definition. */
function staleOwners(
  entry: RecordEntry | null,
  key: string,
  addresses: ReadonlySet<string>,
  context: KindContext,
): string[] {
  return (entry?.owners ?? [])
    .filter((owner) => owner.lineage === context.lineage && owner.instance === context.instance)
    .filter((owner) => !addresses.has(owner.resource))
    .map((owner) => sh('disown', recordField(key), recordField(owner.resource)));
}

/** The same for all that stays: after the new names were written down. */
function renamedOwners(
  change: Exclude<ActiveChange, { action: 'remove' }>,
  record: HostRecord | null,
  context: KindContext,
): string[] {
  if (record === null) return [];
  const addresses = new Map<string, Set<string>>();
  for (const { resource } of change.resources) {
    const key = kindOf(resource).key(resource, context);
    addresses.set(key, (addresses.get(key) ?? new Set()).add(resource.address));
  }
  return [...addresses].flatMap(([key, names]) =>
    staleOwners(record.entries.get(key) ?? null, key, names, context),
  );
}

/** Old programs stop before new ones start; what stands where something new comes goes before that. */
function goesFirst({ recorded }: ResourceRemoval, wanted: readonly string[]): boolean {
  if (recorded.kind === 'service' || recorded.kind === 'script') return true;
  return wanted.some((key) => key === recorded.key || excludeEachOther(key, recorded.key));
}

/** What a program may read when it starts. */
function isRead({ recorded: { kind } }: ResourceRemoval): boolean {
  return kind === 'file' || kind === 'link';
}

/** Whether a change writes content, for which a blob may be needed. */
export function bringsContent(change: ResourceChange): boolean {
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
