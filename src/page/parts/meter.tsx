import type { JSX } from 'preact';
import { percentText } from './amounts.ts';

export interface MeterProps {
  /** 0 to 100; null: not known. */
  readonly percent: number | null;
  /** Of how much: `23.5 GiB`. */
  readonly note?: string | null;
  /** From which on it is a lot; from there to full it turns colour twice. */
  readonly highAt?: number;
  readonly fullAt?: number;
}

/** How much of something is used: in words, and below as a bar. */
export function Meter({ percent, note = null, highAt = 80, fullAt = 92 }: MeterProps): JSX.Element {
  if (percent === null) return <span class="soft">{note ?? '–'}</span>;
  const level = percent >= fullAt ? 'full' : percent >= highAt ? 'high' : 'normal';
  return (
    <span class="meter">
      <span class="meter-text">
        {percentText(percent)}
        {note === null ? null : <span class="meter-note"> of {note}</span>}
      </span>
      <span class="meter-track" aria-hidden="true">
        <span class="meter-fill" data-level={level} style={{ width: `${Math.min(100, percent)}%` }} />
      </span>
    </span>
  );
}
