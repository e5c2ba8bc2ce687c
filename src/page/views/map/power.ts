import type { Cluster } from '../../api/types.ts';
import { counted } from '../../parts/amounts.ts';
import { dependentsOf } from './model.ts';

export type PowerAction = 'start' | 'stop' | 'restart';

/** What is to be started, stopped or restarted: one instance, or all of a component. */
export interface PowerOrder {
  readonly does: PowerAction;
  readonly component: string;
  /** null: all of the component. */
  readonly instance: string | null;
}

export function selectorOf({ component, instance }: PowerOrder): string {
  return instance ?? component;
}

/** `Restart backend@10.0.0.1?` */
export function questionOf(order: PowerOrder, cluster: Pick<Cluster, 'components'>): string {
  const verb = { start: 'Start', stop: 'Stop', restart: 'Restart' }[order.does];
  if (order.instance !== null) return `${verb} ${order.instance}?`;
  const count = cluster.components.find(({ name }) => name === order.component)?.instances.length ?? 0;
  return `${verb} ${count === 1 ? '' : 'all '}${counted(count, 'instance')} of ${order.component}?`;
}

/** What will happen, a sentence each. */
export function consequencesOf(order: PowerOrder, cluster: Pick<Cluster, 'components'>): readonly string[] {
  const { does, component, instance } = order;
  const isOne = instance !== null;
  const dependents = dependentsOf(component, cluster);
  const own = isOne ? 'Its services' : 'Their services';
  const sentences = {
    start: [`${own} are started, and their checks awaited.`],
    stop: [
      `${own} are stopped. ${isOne ? 'It stays' : 'They stay'} stopped until started here or by \`slipway start\`; an apply does not change that.`,
    ],
    restart: [
      `${own} are stopped and started again, and their checks awaited.`,
      ...(isOne ? [] : ['They take turns, in batches as the spec says.']),
    ],
  }[does];
  if (does === 'start' || dependents.length === 0) return sentences;
  const names =
    dependents.length === 1
      ? `${dependents[0] ?? ''} depends`
      : `${dependents.slice(0, -1).join(', ')} and ${dependents.at(-1) ?? ''} depend`;
  return [...sentences, `${names} on ${component}, and may notice.`];
}
