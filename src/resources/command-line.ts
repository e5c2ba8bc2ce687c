/**
 * The command of a service, read by systemd's rules (systemd.service(5), "Command lines"), so that it means the same
 * under every driver: split at white space, 'single' and "double" quotes, C escapes, `${NAME}` inside a word, `$NAME` as a
 * word of its own (split at white space), `$$` for a dollar. No shell takes part.
 */

/** What is wrong with a command, in words; null when nothing is. */
export function commandProblem(command: string): string | null {
  const words = splitCommand(command);
  if (typeof words === 'object' && 'problem' in words) return words.problem;
  return words.length === 0 ? 'it is empty' : null;
}

/** What is wrong with the variables of a service, in words; null when nothing is. */
export function environmentProblem(environment: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `"${name}" cannot be the name of a variable`;
    if (value.includes('\0')) return `${name} contains a NUL character`;
  }
  return null;
}

/** The words of a command, quotes and escapes resolved, `$` not yet. */
export function splitCommand(command: string): readonly string[] | { readonly problem: string } {
  const words: string[] = [];
  let word: string | null = null;
  let open: '"' | "'" | null = null;
  for (let at = 0; at < command.length; at++) {
    const char = command.charAt(at);
    if (char === '\0') return { problem: 'it contains a NUL character' };
    if (char === '\\') {
      if (at === command.length - 1) return { problem: 'it ends in a backslash' };
      const escape = readEscape(command, at);
      // A continued line: systemd puts a space in its place.
      if (escape.text === null) {
        if (open !== null) word += ' ';
        else if (word !== null) {
          words.push(word);
          word = null;
        }
      } else word = (word ?? '') + escape.text;
      at = escape.last;
    } else if (open !== null) {
      if (char === open) open = null;
      else word += char;
    } else if (char === '"' || char === "'") {
      open = char;
      word ??= '';
    } else if (/[ \t\r\n]/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (open !== null) return { problem: `a ${open} is not closed` };
  if (word !== null) words.push(word);
  return words.map((text) => (text === '\\;' ? ';' : text));
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** The escape whose backslash stands at `at`; an unknown one stays as it is written, as systemd leaves it. `text` null: a continued line. */
function readEscape(command: string, at: number): { readonly text: string | null; readonly last: number } {
  const rest = command.slice(at + 1, at + 11);
  if (rest.startsWith('\r\n')) return { text: null, last: at + 2 };
  if (rest.startsWith('\n')) return { text: null, last: at + 1 };
  const simple = SIMPLE_ESCAPES[rest.charAt(0)];
  if (simple !== undefined) return { text: simple, last: at + 1 };
  const coded = /^(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  if (coded === null) return { text: '\\' + rest.charAt(0), last: at + 1 };
  const code = coded[2] === undefined ? parseInt(coded[0].slice(1), 16) : parseInt(coded[2], 8);
  if (code === 0 || code > 0x10ffff) return { text: '\\' + rest.charAt(0), last: at + 1 };
  return { text: String.fromCodePoint(code), last: at + coded[0].length };
}

/** The command as one line of a unit file: the user's own text, `%` doubled since specifiers are not offered. */
export function unitCommandLine(command: string): string {
  let open: string | null = null;
  let line = '';
  const text = command.trim();
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') {
      const escape = readEscape(text, at);
      line += escape.text === null ? ' ' : text.slice(at, escape.last + 1);
      at = escape.last;
    } else if (char === '\n') line += open === null ? ' ' : '\\n';
    else if (char === '\r') line += open === null ? ' ' : '\\r';
    else {
      if (char === open) open = null;
      else if (open === null && (char === '"' || char === "'")) open = char;
      line += char;
    }
  }
  return line.replaceAll('%', '%%');
}

/** The words for sh, each quoted; variables are left for sh to fill in (`set -f` must be on: `$NAME` alone is split). */
export function shellCommandLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string, index: number): string {
  // systemd never expands the program itself.
  if (index > 0) {
    const alone = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word);
    if (alone !== null) return `\${${alone[1]}-}`;
  }
  const parts = index === 0 ? [word] : word.split(/(\$\$|\$\{[A-Za-z_][A-Za-z0-9_]*\})/);
  const quoted = parts.map((part, position) => {
    if (part === '') return '';
    if (position % 2 === 0) return quoteLiterally(part);
    return part === '$$' ? `'$'` : `"\${${part.slice(2, -1)}-}"`;
  });
  return quoted.join('') || `''`;
}

/** Always in quotes: a bare `A=b` at the front would be an assignment. */
function quoteLiterally(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
