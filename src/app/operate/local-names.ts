import path from 'node:path';

/** Names of the copies of one log's files; whatever a host calls them, they lie below their folder. */
export interface LocalNames {
  /** `pattern`: what of the name is the same for all is left off. */
  of(file: string, pattern: string): string;
}

/** Names below `folder/log`. */
export function localNames(folder: string, log: string): LocalNames {
  const root = path.join(path.dirname(folder), safeName(path.basename(folder)), safeName(log));
  const taken = new Set<string>();
  return {
    of(file, pattern) {
      const parts = relative(file, pattern)
        .split('/')
        .filter((part) => part !== '')
        .map(safeName);
      const name = parts.length === 0 ? '_' : parts.join('/');
      let chosen = name;
      for (let n = 2; taken.has(chosen); n++) chosen = `${name}~${n}`;
      taken.add(chosen);
      return path.join(root, chosen);
    },
  };
}

/** Of `/srv/*\/x.log` what begins with the first part that varies. */
function relative(file: string, pattern: string): string {
  const fixed = pattern.slice(0, pattern.search(/[*?[\\]|$/));
  const folder = fixed.slice(0, fixed.lastIndexOf('/') + 1);
  return folder !== '' && file.startsWith(folder) ? file.slice(folder.length) : path.posix.basename(file);
}

/** One part of a path that means itself: no separators, no way up, nothing that a terminal would obey. */
function safeName(name: string): string {
  const plain = name.replace(/[/\\\u0000-\u001f\u007f-\u009f]/g, '_');
  return plain === '.' || plain === '..' || plain === '' ? '_' : plain;
}
