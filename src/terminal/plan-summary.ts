import { hasChanges, type PlanView } from '../plan/view.ts';
import { count } from './amounts.ts';
import { span, type Line } from './style.ts';

/** `Plan: 3 to install, 1 to update, 1 to remove; 2 restarts.` */
export function planSummaryLine(view: PlanView): Line {
  const { install, update, remove, unchanged, restarts } = view.summary;
  if (!hasChanges(view)) {
    if (view.mode === 'destroy') return [span('No changes. ', 'strong'), span('There is nothing to remove.')];
    const hosts = view.hosts.filter((host) => host.unchanged.length > 0).length;
    const are = unchanged === 1 ? 'is' : 'are';
    return [
      span('No changes. ', 'strong'),
      span(
        `${count(unchanged, 'instance')} on ${count(hosts, 'host')} ${are} as the spec wants ${unchanged === 1 ? 'it' : 'them'}.`,
      ),
    ];
  }
  return [
    span('Plan: ', 'strong'),
    span(`${install} to install`, install > 0 ? 'add' : 'plain'),
    span(', '),
    span(`${update} to update`, update > 0 ? 'change' : 'plain'),
    span(', '),
    span(`${remove} to remove`, remove > 0 ? 'remove' : 'plain'),
    ...(restarts > 0 ? [span('; '), span(count(restarts, 'restart'), 'warn')] : []),
    span('.'),
  ];
}

/** More of them are counted. */
const NAMED_STOPPED = 5;

/** Who stays stopped, for the end of a plan: applying would not start it. null: nobody. */
export function wordStopped({ stopped = [] }: PlanView): string | null {
  if (stopped.length === 0) return null;
  const named = stopped.slice(0, NAMED_STOPPED).join(', ');
  const more = stopped.length > NAMED_STOPPED ? ` and ${stopped.length - NAMED_STOPPED} more` : '';
  return `${named}${more}. Applying starts none of what was stopped: \`slipway start\` does.`;
}

/** `nats, redis, then api; then removal of old`, or null where there is only one stage. */
export function wordOrder({ order }: PlanView): string | null {
  if (order.length < 2) return null;
  const parts: string[] = [];
  let last: 'place' | 'remove' | null = null;
  for (const { does, components } of order) {
    const names = components.join(', ');
    if (does === last) parts.push(`, then ${names}`);
    else parts.push(`${last === null ? '' : '; then '}${does === 'remove' ? 'removal of ' : ''}${names}`);
    last = does;
  }
  return parts.join('');
}
