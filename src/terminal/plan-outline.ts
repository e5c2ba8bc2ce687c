import type { HostView, InstanceAction, InstanceView, PlanView } from '../plan/view.ts';
import { count } from './amounts.ts';
import { INDENT, pad, plainNode, type OutlineNode } from './outline.ts';
import { resourceNodes } from './plan-resources.ts';
import { span, type Line, type Tone } from './style.ts';
import { wrap } from './width.ts';

export interface OutlineOptions {
  /** Columns for a line. */
  readonly width: number;
  /** Names the instances that stay as they are, too. */
  readonly showUnchanged: boolean;
}

export const SYMBOLS: Readonly<Record<InstanceAction, { symbol: string; tone: Tone }>> = {
  install: { symbol: '+', tone: 'add' },
  update: { symbol: '~', tone: 'change' },
  replace: { symbol: '±', tone: 'replace' },
  remove: { symbol: '-', tone: 'remove' },
};

/** One node per host that has something to show. */
export function planOutline(view: PlanView, options: OutlineOptions): readonly OutlineNode[] {
  return view.hosts
    .filter((host) => host.changes.length > 0 || (options.showUnchanged && host.unchanged.length > 0))
    .map((host) => hostNode(host, options));
}

export function hostNode(host: HostView, options: OutlineOptions): OutlineNode {
  const unchanged = options.showUnchanged ? host.unchanged : [];
  const name = host.name === null ? [] : [span(` (${host.name})`, 'faint')];
  return {
    key: host.address,
    lines: [[span(host.address, 'strong'), ...name]],
    size: host.changes.length + unchanged.length,
    fold: 'open',
    children: () => [
      ...host.changes.map((change) => instanceNode(change, options)),
      ...unchanged.map((address) =>
        plainNode(address, [span(`${pad(INDENT.instance)}  ${address} as wanted`, 'faint')]),
      ),
    ],
  };
}

function instanceNode(change: InstanceView, options: OutlineOptions): OutlineNode {
  const { symbol, tone } = SYMBOLS[change.action];
  const head: Line = [
    span(`${pad(INDENT.instance)}${symbol} ${change.action} `, tone),
    span(change.address, 'strong'),
  ];
  const stay =
    change.unchanged === 0
      ? []
      : [
          plainNode(`${change.address} stay`, [
            span(`${pad(INDENT.resource)}  ${count(change.unchanged, 'resource')} as wanted`, 'faint'),
          ]),
        ];
  return {
    key: change.address,
    lines: [head, ...reasonLines(change.reasons, options.width), ...stoppedLines(change, options.width)],
    size: change.resources.length + stay.length,
    fold: 'open',
    children: () => [...resourceNodes(change, options.width), ...stay],
  };
}

function stoppedLines({ staysStopped, address }: InstanceView, width: number): readonly Line[] {
  if (staysStopped !== true) return [];
  const text = `stopped: stays stopped until \`slipway start ${address}\``;
  return wrap(text, width - INDENT.resource).map((part): Line => [
    span(`${pad(INDENT.resource)}${part}`, 'warn'),
  ]);
}

/** Reasons stand under the heading: beside it, long addresses would push them out of the screen. */
function reasonLines(reasons: readonly string[], width: number): readonly Line[] {
  if (reasons.length === 0) return [];
  const indent = INDENT.resource;
  return wrap(`because ${reasons.join('; ')}`, width - indent).map((text): Line => [
    span(`${pad(indent)}${text}`, 'faint'),
  ]);
}
