const TILDE = 0x7e;
const DOT = 0x2e;
const CARRIAGE_RETURN = 0x0d;
const NEWLINE = 0x0a;

/** What becomes of typed bytes. */
export interface Typed {
  readonly send: Buffer;
  /** The person wants to be cut off; what was typed after that is dropped. */
  readonly leave: boolean;
}

/**
 * The escape of OpenSSH: `~.` at the start of a line ends the session from here, also when the host does not answer any
 * more; `~~` is a tilde. A tilde is held back until the next byte tells what it is.
 */
export function escapeReader(): (typed: Uint8Array) => Typed {
  let place: 'start' | 'tilde' | 'within' = 'start';
  return (typed) => {
    const send: number[] = [];
    for (const byte of typed) {
      if (place === 'start' && byte === TILDE) {
        place = 'tilde';
        continue;
      }
      if (place === 'tilde' && byte === DOT) return { send: Buffer.from(send), leave: true };
      if (place === 'tilde' && byte !== TILDE) send.push(TILDE);
      send.push(byte);
      place = byte === CARRIAGE_RETURN || byte === NEWLINE ? 'start' : 'within';
    }
    return { send: Buffer.from(send), leave: false };
  };
}
