/** Where a thing stands on its host: a path, whatever is there; else its record key itself. */
export function placeOf(key: string): string {
  return /^(?:file|link|directory|archive) (\/.*)$/s.exec(key)?.[1] ?? key;
}

/** Does a thing at `place` stand in the way of what comes at `wanted`, which nothing can lie below? */
export function isInPlace(place: string, wanted: string): boolean {
  return place === wanted || place.startsWith(`${wanted}/`);
}
