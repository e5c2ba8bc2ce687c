const ON_PATHS = ['file /', 'directory /', 'link /', 'archive /'] as const;

/** Where a thing stands on its host: a path, whatever is there; else its record key itself. */
export function placeOf(key: string): string {
  for (const start of ON_PATHS) if (key.startsWith(start)) return key.slice(start.length - 1);
  return key;
}

/** The kinds of record keys below whose path nothing else can lie. */
const LEAF = /^(?:file|link|archive) \//;

/** Can what `key` names not stand as long as what `other` names does? The same path taken twice, or one below a leaf. */
export function excludeEachOther(key: string, other: string): boolean {
  const [place, otherPlace] = [placeOf(key), placeOf(other)];
  if (place === otherPlace) return key !== other || LEAF.test(key) || !place.startsWith('/');
  return (
    (LEAF.test(other) && place.startsWith(`${otherPlace}/`)) ||
    (LEAF.test(key) && otherPlace.startsWith(`${place}/`))
  );
}
