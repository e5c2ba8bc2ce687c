import type { PlanAnswer, RestartPlan } from '../../api/plan-types.ts';
import type { Diagnostic } from '../../api/types.ts';

/** What whoever applies a plan is to know before. */
export interface Approval {
  /** Instances. */
  readonly installs: readonly string[];
  readonly updates: readonly string[];
  readonly removes: readonly string[];
  /** Services that are interrupted, by instance. */
  readonly restarts: readonly (RestartPlan & { readonly instance: string })[];
  /** Directories and files that are taken away with what lies in them: `directory.data on nats@10.0.0.1`. */
  readonly deleted: number;
  /** Instances that were stopped and stay so. */
  readonly stopped: readonly string[];
  /** What is to be typed: nobody destroys a cluster by one click. null: nothing. */
  readonly typed: string | null;
}

/** Why a plan cannot be applied; null: it can. */
export function obstacleOf({ changes, view, diagnostics }: PlanAnswer): string | null {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return errors === 1 ? 'An error forbids it.' : `${errors} errors forbid it.`;
  const conflicts = view.hosts
    .flatMap((host) => host.changes)
    .flatMap((instance) =>
      instance.resources
        .filter(({ conflict }) => conflict !== null)
        .map(({ address }) => `${address} of ${instance.address}`),
    );
  if (conflicts.length > 0) return `Something stands in the way of ${conflicts.slice(0, 3).join(', ')}.`;
  return changes ? null : 'There is nothing to do.';
}

export function approvalOf({ does, view }: PlanAnswer): Approval {
  const instances = view.hosts.flatMap((host) => host.changes);
  const named = (...actions: readonly string[]): readonly string[] =>
    instances.filter(({ action }) => actions.includes(action)).map(({ address }) => address);
  return {
    installs: named('install'),
    updates: named('update', 'replace'),
    removes: named('remove'),
    restarts: instances.flatMap(({ address, restarts }) =>
      restarts.map((restart) => ({ ...restart, instance: address })),
    ),
    deleted: instances
      .flatMap(({ resources }) => resources)
      .filter(({ kind, fate }) => kind === 'directory' && fate?.fate === 'deleted').length,
    stopped: view.stopped ?? [],
    typed: does === 'destroy' ? (view.cluster ?? 'destroy') : null,
  };
}

/** `cluster.hcl:12:3`, `host 10.0.0.1`; null: nowhere in particular. */
export function placeOf({ subject }: Diagnostic): string | null {
  switch (subject.at) {
    case 'source':
      return `${subject.range.file}:${subject.range.start.line}:${subject.range.start.column}`;
    case 'host':
      return `host ${subject.host}`;
    default:
      return null;
  }
}
