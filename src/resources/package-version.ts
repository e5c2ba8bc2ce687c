/**
 * Does an installed version match a pin? The pin is a shell pattern of `*`, `?` and `[...]` over the whole version,
 * which may leave out its epoch: `7.0.*` matches `5:7.0.15-1`.
 */
export function matchesVersion(version: string, glob: string): boolean {
  const pattern = new RegExp(
    `^${glob.replace(/\[[^\]]*\]|[*?]|[^\w]/g, (part) => {
      if (part === '*') return '.*';
      if (part === '?') return '.';
      if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
      return `\\${part}`;
    })}$`,
    's',
  );
  return pattern.test(version) || pattern.test(version.replace(/^\d+:/, ''));
}
