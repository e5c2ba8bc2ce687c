const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_]|[ -/]+[0-~])/g;
/** The same, and what has no width at all. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A line that came from a host, safe to print: no escape sequences, no control characters, no tricks with the direction
 * of text. Of a line that rewrote itself (a progress bar) the last version stays.
 */
export function sanitize(line: string, limit = 2000): string {
  const cut = line.length > limit ? `${line.slice(0, limit)}…` : line;
  if (/^[\x20-\x7e]*$/.test(cut)) return cut;
  const plain = cut.replace(ESCAPES, '').replace(/\r+$/, '');
  return plain
    .slice(plain.lastIndexOf('\r') + 1)
    .replaceAll('\t', '    ')
    .replaceAll('\n', ' ')
    .replace(CONTROLS, '');
}

/**
 * A line of a file, or a value, safe to print: control characters show (`^[`, `^M`, `<U+202E>`), so that no text can hide itself or
 * another in a diff.
 */
export function visible(line: string, limit = 2000): string {
  const cut = line.length > limit ? `${line.slice(0, limit)}…` : line;
  if (/^[\x20-\x7e]*$/.test(cut)) return cut;
  return cut.replaceAll('\t', '    ').replace(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x7f) return '^?';
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
