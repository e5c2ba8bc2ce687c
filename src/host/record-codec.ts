import type { HostRecord } from './record.ts';

/** One field of a record line: `%` and control characters percent-encoded, so that no tab or newline is left. */
export function recordField(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(
    /[%\u0000-\u001f\u007f]/g,
    (char) => '%' + char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase(),
  );
}

/** The text of a record file decoded. Throws `HostError` of kind 'protocol' for one that a newer slipway wrote. */
export function parseRecord(_host: string, _text: string): HostRecord {
  throw new Error('not written yet');
}

/** The shortest text that says the same: what a compaction writes. '' for an empty record. */
export function encodeRecord(_record: HostRecord): string {
  throw new Error('not written yet');
}
