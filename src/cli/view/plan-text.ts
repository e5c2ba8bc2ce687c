import type { PlanView } from '../../plan/view.ts';
import { groupHosts, wordOthers, type HostGroup } from '../../terminal/plan-groups.ts';
import type { OutlineNode } from '../../terminal/outline.ts';
import { hostNode, type OutlineOptions } from '../../terminal/plan-outline.ts';
import { planSummaryLine, wordOrder, wordStopped } from '../../terminal/plan-summary.ts';
import { paintLine, span, type Line } from '../../terminal/style.ts';
import { wrap } from '../../terminal/width.ts';

export interface PlanTextOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Names the instances that stay as they are, too. */
  readonly showUnchanged?: boolean;
  /** Shows every host, even when many have the same change, and the text of new files. */
  readonly verbose?: boolean;
}

/** The plan for people, host by host; ends with its summary line and a newline. Diagnostics are the caller's. */
export function renderPlan(view: PlanView, options: PlanTextOptions): string {
  const { color, width, showUnchanged = false, verbose = false } = options;
  const outline: OutlineOptions = { width, showUnchanged };
  const hosts = view.hosts.filter(
    (host) => host.changes.length > 0 || (showUnchanged && host.unchanged.length > 0),
  );
  const groups: readonly HostGroup[] = verbose
    ? hosts.map((first) => ({ first, others: [] }))
    : groupHosts(hosts);
  const lines: Line[] = [];
  if (!view.refreshed) {
    lines.push([span('The hosts were not asked (--refresh=false): drift does not show.', 'warn')], []);
  }
  for (const { first, others } of groups) {
    flatten(hostNode(first, outline), verbose, lines);
    if (others.length > 0)
      lines.push(...wordOthers(others, width).map((text): Line => [span(text, 'accent')]));
    lines.push([]);
  }
  const order = wordOrder(view);
  if (order !== null) lines.push(...hanging('Order: ', order, width, 'faint'), []);
  const stopped = wordStopped(view);
  if (stopped !== null) lines.push(...hanging('Stopped: ', stopped, width, 'warn'), []);
  for (const warning of view.warnings) lines.push(...hanging('Warning: ', warning, width, 'warn'));
  if (view.warnings.length > 0) lines.push([]);
  lines.push(planSummaryLine(view));
  return lines.map((line) => `${paintLine(line, color).trimEnd()}\n`).join('');
}

function flatten(node: OutlineNode, verbose: boolean, lines: Line[]): void {
  lines.push(...node.lines);
  if (node.fold === 'on-demand' && !verbose) return;
  for (const child of node.children()) flatten(child, verbose, lines);
}

function hanging(label: string, text: string, width: number, tone: 'faint' | 'warn'): readonly Line[] {
  return wrap(text, width - label.length).map((part, i): Line => [
    span(i === 0 ? label : ' '.repeat(label.length), tone),
    span(part),
  ]);
}
