/** A word of a shell program, quoted so that sh takes it literally. Throws on NUL, which no shell can carry. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a NUL byte cannot stand in a shell word');
  return /^[A-Za-z0-9_\-./:=@%+,]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** One simple command, every word quoted: `sh('install', '-m', mode, from, to)`. */
export function sh(...words: readonly (string | number)[]): string {
  return words.map((word) => quote(String(word))).join(' ');
}
