/** A text, or what opens, closes or parts. Other tokens do not matter here. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/**
 * The first name that an object has twice, at any depth, in a text that is valid JSON; null: there is none. `JSON.parse` would let the last
 * one win. In one pass and with no paths: the text may be anything that a client sends.
 */
export function repeatedName(text: string): string | null {
  /** Names of the objects around; null: a list. */
  const levels: (Set<string> | null)[] = [];
  let wantsName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const names = levels.at(-1);
    switch (token) {
      case '{':
        levels.push(new Set());
        wantsName = true;
        break;
      case '[':
        levels.push(null);
        wantsName = false;
        break;
      case '}':
      case ']':
        levels.pop();
        wantsName = false;
        break;
      case ',':
        wantsName = names !== null;
        break;
      default: {
        if (!wantsName || names === undefined || names === null) break;
        const name = JSON.parse(token) as string;
        if (names.has(name)) return name;
        names.add(name);
        wantsName = false;
      }
    }
  }
  return null;
}
