import type { InstanceCondition, InstanceReport } from '../app/operate/cluster-report.ts';
import type { Tone } from './style.ts';

/** How what an instance is in is told: shapes differ, not only colours. */
export interface ConditionLook {
  readonly icon: string;
  readonly tone: Tone;
  readonly word: string;
}

const LOOKS: Readonly<Record<InstanceCondition, ConditionLook>> = {
  running: { icon: '✔', tone: 'good', word: 'running' },
  stopped: { icon: '■', tone: 'bad', word: 'stopped' },
  failed: { icon: '✖', tone: 'bad', word: 'failed' },
  degraded: { icon: '▲', tone: 'warn', word: 'degraded' },
  drifted: { icon: '≠', tone: 'warn', word: 'drifted' },
  unreachable: { icon: '?', tone: 'bad', word: 'unreachable' },
};
/** What is down because someone wanted it down is no reason to worry. */
const STOPPED_BY_USER: ConditionLook = { icon: '–', tone: 'faint', word: 'stopped' };

/** All looks, the worst first: the order in which they are counted and sorted. */
export const CONDITION_LOOKS: readonly ConditionLook[] = [
  LOOKS.failed,
  LOOKS.unreachable,
  LOOKS.stopped,
  LOOKS.degraded,
  LOOKS.drifted,
  STOPPED_BY_USER,
  LOOKS.running,
];

export function conditionLook(instance: Pick<InstanceReport, 'condition' | 'stoppedByUser'>): ConditionLook {
  return instance.condition === 'stopped' && instance.stoppedByUser
    ? STOPPED_BY_USER
    : LOOKS[instance.condition];
}

/** 0 is the worst. */
export function conditionRank(instance: Pick<InstanceReport, 'condition' | 'stoppedByUser'>): number {
  return CONDITION_LOOKS.indexOf(conditionLook(instance));
}
