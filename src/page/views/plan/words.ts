import { unreachable } from '../../../diagnostics/unreachable.ts';
import { bytesText, counted } from '../../parts/amounts.ts';
import { visible } from '../../../terminal/sanitize.ts';
import type {
  AttributePlan,
  AttributeValue,
  InstanceAction,
  PlanSummary,
  ResourceAction,
  ResourceFate,
  ResourcePlan,
} from '../../api/plan-types.ts';

/** An action is told by a sign and a word; its colour only repeats them. */
export interface ActionWords {
  readonly sign: string;
  readonly word: string;
  readonly tone: 'add' | 'change' | 'remove' | 'replace' | 'keep';
}

export const INSTANCE_ACTIONS: Readonly<Record<InstanceAction, ActionWords>> = {
  install: { sign: '+', word: 'install', tone: 'add' },
  update: { sign: '~', word: 'update', tone: 'change' },
  replace: { sign: '±', word: 'replace', tone: 'replace' },
  remove: { sign: '−', word: 'remove', tone: 'remove' },
};

const RESOURCE_ACTIONS: Readonly<Record<ResourceAction, ActionWords>> = {
  create: { sign: '+', word: 'create', tone: 'add' },
  adopt: { sign: '=', word: 'take over as it is', tone: 'keep' },
  update: { sign: '~', word: 'change', tone: 'change' },
  replace: { sign: '±', word: 'make anew', tone: 'replace' },
  start: { sign: '~', word: 'start', tone: 'change' },
  restart: { sign: '~', word: 'restart', tone: 'change' },
  reload: { sign: '~', word: 'reload', tone: 'change' },
  stop: { sign: '~', word: 'stop', tone: 'change' },
  run: { sign: '~', word: 'run', tone: 'change' },
  remove: { sign: '−', word: 'remove', tone: 'remove' },
};

export function wordsOf({ action, fate }: ResourcePlan): ActionWords {
  if (action === 'remove' && fate?.fate === 'kept') return { sign: '=', word: 'keep', tone: 'keep' };
  return RESOURCE_ACTIONS[action];
}

/** What becomes of something that goes; '' where nothing does. */
export function wordFate(fate: ResourceFate | null, kind: string): string {
  if (fate === null) return '';
  switch (fate.fate) {
    case 'deleted':
      if (kind === 'service') return 'stopped and deleted';
      return kind === 'script' ? 'undone' : 'deleted';
    case 'restored':
      return 'put back as it was before slipway';
    case 'gone':
      return kind === 'script' ? 'has nothing to undo' : 'not there any more';
    case 'kept':
      if (fate.why === 'adopted') return 'stays: it was there before slipway';
      if (fate.why === 'shared') return 'stays: it is still needed';
      return ['kept (on_remove = "keep")', ...amountOf(fate)].join(', ');
    default:
      return unreachable(fate);
  }
}

function amountOf({ entries, bytes }: Extract<ResourceFate, { fate: 'kept' }>): readonly string[] {
  return [
    ...(entries === null ? [] : [entries === 1 ? '1 entry' : `${entries} entries`]),
    ...(bytes === null ? [] : [bytesText(bytes)]),
  ];
}

/** Attributes that are worth a line; of a diff's digests it says more itself. */
export function shownAttributes({
  action,
  attributes,
  diff,
  content,
}: ResourcePlan): readonly AttributePlan[] {
  return attributes.filter(({ name, after, sensitive }) => {
    if ((diff !== null || content !== null) && (name === 'content' || name === 'unit')) return false;
    return action === 'update' || sensitive || after !== null;
  });
}

/** A value on one line; digests by their beginning. */
export function wordValue(value: AttributeValue): string {
  if (value === null) return '(none)';
  if (typeof value !== 'string') return String(value);
  if (value === '') return '""';
  const digest = /^(?:sha256:)?([0-9a-f]{64})$/.exec(value);
  if (digest !== null) return `sha256:${(digest[1] ?? '').slice(0, 12)}`;
  return value
    .trimEnd()
    .split('\n')
    .map((line) => visible(line))
    .join('\n');
}

/** `3 to install`, `1 to remove`, `2 restarts`, as far as there is any. */
export function summaryParts({
  install,
  update,
  remove,
  restarts,
}: PlanSummary): readonly { readonly sign: string; readonly tone: string; readonly text: string }[] {
  const { install: plus, update: wave, remove: minus } = INSTANCE_ACTIONS;
  return [
    ...(install > 0 ? [{ ...plus, text: `${install} to install` }] : []),
    ...(update > 0 ? [{ ...wave, text: `${update} to update` }] : []),
    ...(remove > 0 ? [{ ...minus, text: `${remove} to remove` }] : []),
    ...(restarts > 0 ? [{ sign: '↻', tone: 'restart', text: counted(restarts, 'restart') }] : []),
  ];
}

/** The same in one line. */
export function wordSummary(summary: PlanSummary): string {
  const parts = summaryParts(summary).map(({ text }) => text);
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}
