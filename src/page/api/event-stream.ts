/** One server-sent event. */
export interface ServerEvent {
  /** '' where it bears none. */
  readonly id: string;
  readonly type: string;
  /** JSON, already read. */
  readonly data: unknown;
}

/**
 * Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from pieces of text that may be cut anywhere.
 * Comments and events without data are left out.
 */
export function createEventReader(): (piece: string) => readonly ServerEvent[] {
  let rest = '';
  return (piece) => {
    rest += piece;
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.flatMap(eventOf);
  };
}

function eventOf(block: string): readonly ServerEvent[] {
  let id = '';
  let type = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const at = line.indexOf(':');
    if (at <= 0) continue;
    const value = line.slice(at + 1).replace(/^ /, '');
    const field = line.slice(0, at);
    if (field === 'id') id = value;
    else if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? [] : [{ id, type, data: JSON.parse(data.join('\n')) as unknown }];
}
