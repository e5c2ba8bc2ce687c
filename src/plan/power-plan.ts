import type { PowerAction } from '../resources/service-power.ts';
import { decodeRecorded, type RecordedService } from '../resources/service-driver.ts';
import type { UpdateRules } from '../spec/model.ts';
import type { InstanceState, State } from '../state/model.ts';

/** What a start, stop or restart does to one instance. */
export interface PowerWork {
  readonly address: string;
  readonly component: string;
  readonly host: string;
  readonly prior: InstanceState;
  /** In the order of work: a stop goes from the last to the first. */
  readonly services: readonly { readonly resource: string; readonly service: RecordedService }[];
}

export interface PowerComponent {
  readonly name: string;
  /** Components of the plan that have to be done before it. */
  readonly after: readonly string[];
  /** All that may be done at the same time has the same stage; from 0. */
  readonly stage: number;
  readonly update: UpdateRules;
  /** How many instances it has in all: what a share of `max_in_flight` counts. */
  readonly size: number;
  readonly work: readonly PowerWork[];
}

/** A start, stop or restart of some instances, in its order. */
export interface PowerPlan {
  readonly action: PowerAction;
  /** In an order that keeps `after`. */
  readonly components: readonly PowerComponent[];
  /** What is selected and left alone. */
  readonly skipped: readonly { readonly instance: string; readonly because: string }[];
}

/** Rules of a component that state knows no rules of: the defaults of the spec. */
const DEFAULT_RULES: UpdateRules = {
  canaries: 0,
  maxInFlight: { unit: 'percent', amount: 25 },
  watchSeconds: 0,
};

/**
 * Plans a start, stop or restart of instances by what the state tells of them. Pure. Dependencies come up before what needs
 * them, also where a component between them is not selected; a stop goes the other way round.
 */
export function planPower(
  state: Pick<State, 'instances' | 'components'>,
  action: PowerAction,
  selected: readonly InstanceState[],
): PowerPlan {
  const skipped: PowerPlan['skipped'][number][] = [];
  const work = new Map<string, PowerWork[]>();
  for (const prior of selected) {
    const because = reasonToSkip(prior, action);
    if (because !== null) {
      skipped.push({ instance: prior.address, because });
      continue;
    }
    const { address, component, host } = prior;
    const known = work.get(component) ?? [];
    known.push({ address, component, host, prior, services: servicesOf(prior, action) });
    work.set(component, known);
  }
  const sizes = new Map<string, number>();
  for (const { component } of state.instances.values()) sizes.set(component, (sizes.get(component) ?? 0) + 1);
  const components: PowerComponent[] = [];
  const stages = new Map<string, number>();
  for (const { name, after } of ordered([...work.keys()], state, action)) {
    const stage = Math.max(-1, ...after.map((other) => stages.get(other) ?? -1)) + 1;
    stages.set(name, stage);
    const update = state.components.get(name)?.update ?? DEFAULT_RULES;
    const size = sizes.get(name) ?? 0;
    components.push({ name, after, stage, update, size, work: work.get(name) ?? [] });
  }
  return { action, components, skipped };
}

function reasonToSkip(prior: InstanceState, action: PowerAction): string | null {
  if (!prior.resources.some(({ kind }) => kind === 'service')) return 'it has no service';
  if (action === 'restart' && prior.stopped === true)
    return `it is stopped; \`slipway start ${prior.address}\` starts it`;
  if (action !== 'stop' && prior.status === 'removing') return 'a run that removes it was not finished';
  return null;
}

function servicesOf(prior: InstanceState, action: PowerAction): PowerWork['services'] {
  const services = prior.resources
    .filter(({ kind }) => kind === 'service')
    .map((recorded) => ({ resource: recorded.address, service: decodeRecorded(recorded) }));
  return action === 'stop' ? services.reverse() : services;
}

/** Dependencies first, or last for a stop. A state may hold a circle, which no spec can: it is cut open somewhere. */
function ordered(
  names: readonly string[],
  { components }: Pick<State, 'components'>,
  action: PowerAction,
): readonly { readonly name: string; readonly after: readonly string[] }[] {
  const needs = new Map<string, ReadonlySet<string>>();
  const order: string[] = [];
  const visit = (name: string): ReadonlySet<string> => {
    const known = needs.get(name);
    if (known !== undefined) return known;
    const all = new Set<string>();
    needs.set(name, all);
    for (const dependency of components.get(name)?.dependsOn ?? []) {
      all.add(dependency);
      for (const further of visit(dependency)) all.add(further);
    }
    order.push(name);
    return all;
  };
  for (const name of [...names].sort()) visit(name);
  const wanted = new Set(names);
  const line = order.filter((name) => wanted.has(name));
  if (action === 'stop') line.reverse();
  return line.map((name, i) => ({
    name,
    after: line
      .slice(0, i)
      .filter((other) =>
        action === 'stop' ? needs.get(other)?.has(name) === true : needs.get(name)?.has(other) === true,
      ),
  }));
}
