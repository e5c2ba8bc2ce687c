import { posix } from 'node:path';
import type { AttributeReader } from './attribute-reader.ts';

/** Where a path is read: relative ones lie in `dir`, the instance's directory. */
export interface PathPlace {
  readonly read: AttributeReader;
  readonly dir: string;
  /** Nothing outside `dir` may be managed. */
  readonly confined: boolean;
}

/** The path of something that slipway puts on the host. */
export function managedPath(place: PathPlace, name: string): string {
  const { read, dir, confined } = place;
  const given = read.text(name);
  const path = checkedPath(place, name, given);
  if (path === null) return dir;
  const inside = path === dir || path.startsWith(`${dir}/`);
  const relative = !given.startsWith('/') || given.startsWith(`${dir}/`);
  if (relative && !inside) {
    read.fail('Path leaves the instance', `"${given}" leads out of the instance's directory ${dir}.`, name);
  } else if (confined && !inside) {
    read.fail(
      'Path outside the instance',
      `"${given}" lies outside ${dir}. On a host of the local provider only paths in the instance's directory may be managed: give a relative path.`,
      name,
    );
  }
  return path;
}

export function optionalPath(place: PathPlace, name: string): string | null {
  const given = place.read.optionalText(name);
  return given === null ? null : checkedPath(place, name, given);
}

/** An absolute, normal path; null where it was reported. */
function checkedPath({ read, dir }: PathPlace, name: string, given: string): string | null {
  if (given === '' || /[\u0000-\u001f\u007f]/.test(given)) {
    read.fail('Invalid path', `"${name}" must be a path without control characters, and not empty.`, name);
    return null;
  }
  const joined = given.startsWith('/') || given.startsWith('~/') ? given : posix.join(dir, given);
  const path = posix.normalize(joined).replace(/(.)\/+$/, '$1');
  if (path === '/') {
    read.fail('Invalid path', `"${name}" must not be the root directory.`, name);
    return null;
  }
  return path;
}
