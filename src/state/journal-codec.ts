import { decoders } from './codec.ts';
import { DecodeError, oneOf, orNull, recordOf, shape, text, variant, whole, type Decoder } from './decode.ts';
import type { JournalEntry } from './store.ts';

/** First line of a journal: which state it continues. */
export interface JournalHeader {
  readonly version: number;
  readonly lineage: string;
  readonly serial: number;
  readonly run: string;
}

type Entry<T extends JournalEntry['type']> = Extract<JournalEntry, { type: T }>;

const outputs: Decoder<Entry<'outputs'>['outputs']> = (value, path) =>
  new Map(Object.entries(recordOf(decoders.output)(value, path)));

const entry = variant<JournalEntry>('type', {
  intent: shape<Entry<'intent'>>({
    type: oneOf('intent'),
    change: oneOf('install', 'update', 'remove', 'start', 'stop', 'restart'),
    instance: decoders.instance,
  }),
  outcome: shape<Entry<'outcome'>>({ type: oneOf('outcome'), instance: decoders.instance }),
  removed: shape<Entry<'removed'>>({ type: oneOf('removed'), address: text }),
  renamed: shape<Entry<'renamed'>>({ type: oneOf('renamed'), from: text, instance: decoders.instance }),
  host: shape<Entry<'host'>>({ type: oneOf('host'), address: text, host: orNull(decoders.host) }),
  component: shape<Entry<'component'>>({
    type: oneOf('component'),
    name: text,
    component: orNull(decoders.component),
  }),
  outputs: (value, path) => ({
    type: 'outputs',
    outputs: outputs((value as { outputs: unknown }).outputs, path),
  }),
});

const decodeHeader = shape<JournalHeader>({ version: whole, lineage: text, serial: whole, run: text });

export function encodeJournalHeader(header: JournalHeader): string {
  return `${JSON.stringify(header)}\n`;
}

export function encodeJournalEntry(item: JournalEntry): string {
  if (item.type !== 'outputs') return `${JSON.stringify(item)}\n`;
  return `${JSON.stringify({ type: 'outputs', outputs: Object.fromEntries(item.outputs) })}\n`;
}

/**
 * A journal's text decoded. A torn last line (the process was killed in the middle of a write) is dropped; anything
 * else that does not parse throws `DecodeError`. null: not even the header was written.
 */
export function decodeJournal(
  content: string,
): { header: JournalHeader; entries: readonly JournalEntry[] } | null {
  const lines = content.split('\n');
  lines.pop(); // what follows the last newline is empty, or torn
  const first = lines.shift();
  if (first === undefined) return null;
  const header = decodeHeader(parse(first, 1), 'line 1');
  return { header, entries: lines.map((line, i) => entry(parse(line, i + 2), `line ${i + 2}`)) };
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new DecodeError(`line ${number}`, 'JSON');
  }
}
