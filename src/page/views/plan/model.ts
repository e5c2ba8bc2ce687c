import type { InstanceAction, InstancePlan, PlanView } from '../../api/plan-types.ts';

/** What the plan does to one component in one stage. */
export interface PlanSection {
  readonly key: string;
  readonly component: string;
  readonly does: 'place' | 'remove';
  /** Counts from 1: all that has the same number may happen at the same time. */
  readonly stage: number;
  readonly instances: readonly PlannedInstance[];
}

export interface PlannedInstance {
  readonly plan: InstancePlan;
  readonly host: string;
  readonly hostName: string | null;
  /** Something was changed on the host that slipway did not change. */
  readonly drifted: boolean;
  /** All that a filter looks at, in small letters. */
  readonly searched: string;
}

export type PlanRow =
  | {
      readonly row: 'section';
      readonly key: string;
      readonly section: PlanSection;
      /** How many of its instances pass the filter. */
      readonly shown: number;
      readonly folded: boolean;
    }
  | {
      readonly row: 'instance';
      readonly key: string;
      readonly instance: PlannedInstance;
      readonly open: boolean;
    };

export interface PlanFilter {
  /** None: every action. */
  readonly actions: ReadonlySet<InstanceAction | 'restart' | 'drift'>;
  /** An address, or a part of the name of a host, component, resource or path; all words must be there. */
  readonly text: string;
}

export const NO_FILTER: PlanFilter = { actions: new Set(), text: '' };

/** Components in the order of the work, each with its instances. */
export function sectionsOf(view: PlanView): readonly PlanSection[] {
  const waiting = new Map<string, PlannedInstance[]>();
  for (const host of view.hosts)
    for (const plan of host.changes) {
      const key = sectionKey(plan.action === 'remove' ? 'remove' : 'place', plan.component);
      const members = waiting.get(key);
      const instance = plannedInstance(plan, host.address, host.name);
      if (members === undefined) waiting.set(key, [instance]);
      else members.push(instance);
    }
  const sections: PlanSection[] = [];
  const take = (does: PlanSection['does'], component: string, stage: number): void => {
    const key = sectionKey(does, component);
    const instances = waiting.get(key);
    if (instances === undefined) return;
    waiting.delete(key);
    sections.push({ key, component, does, stage, instances });
  };
  for (const [at, { does, components }] of view.order.entries())
    for (const component of components) take(does, component, at + 1);
  // What no stage names would else be hidden.
  for (const key of [...waiting.keys()]) {
    const [does = '', component = ''] = key.split(' ');
    take(does === 'remove' ? 'remove' : 'place', component, view.order.length + 1);
  }
  return sections;
}

/** What stands below each other: a heading for each section that has something to show, and its instances. */
export function rowsOf(
  sections: readonly PlanSection[],
  filter: PlanFilter,
  folded: ReadonlySet<string>,
  open: ReadonlySet<string>,
): readonly PlanRow[] {
  const passes = filterOf(filter);
  return sections.flatMap((section): PlanRow[] => {
    const shown = section.instances.filter(passes);
    if (shown.length === 0) return [];
    const isFolded = folded.has(section.key);
    const heading: PlanRow = {
      row: 'section',
      key: section.key,
      section,
      shown: shown.length,
      folded: isFolded,
    };
    if (isFolded) return [heading];
    return [
      heading,
      ...shown.map((instance): PlanRow => {
        const key = instanceKey(instance.plan);
        return { row: 'instance', key, instance, open: open.has(key) };
      }),
    ];
  });
}

export function filterOf({ actions, text }: PlanFilter): (instance: PlannedInstance) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ plan, drifted, searched }) =>
    (actions.size === 0 ||
      actions.has(plan.action) ||
      (actions.has('restart') && isInterrupted(plan)) ||
      (actions.has('drift') && drifted)) &&
    words.every((word) => searched.includes(word));
}

/** An instance that leaves and comes back in one plan stands there twice. */
export function instanceKey({ action, address }: InstancePlan): string {
  return `${action === 'remove' ? 'remove ' : ''}${address}`;
}

/** Whether a service of it is down for a moment; one that is reloaded is not. */
export function isInterrupted({ restarts }: InstancePlan): boolean {
  return restarts.some(({ how }) => how === 'restart');
}

export function isDrift(reason: string | null): boolean {
  return reason !== null && reason.startsWith('drifted');
}

function sectionKey(does: PlanSection['does'], component: string): string {
  return `${does} ${component}`;
}

function plannedInstance(plan: InstancePlan, host: string, hostName: string | null): PlannedInstance {
  const words = [plan.address, plan.action, hostName, ...plan.reasons];
  for (const { address, subject, action } of plan.resources) words.push(address, subject, action);
  return {
    plan,
    host,
    hostName,
    drifted: plan.reasons.some(isDrift) || plan.resources.some(({ reason }) => isDrift(reason)),
    searched: words.join('\n').toLowerCase(),
  };
}
