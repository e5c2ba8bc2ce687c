import { posix } from 'node:path';
import { recordField } from '../host/record-codec.ts';
import { quote } from '../host/sh.ts';

/** Note on a directory that slipway made only because something was to lie in it. */
export const PARENT_NOTE = 'parent';

/** Directories above a path, outermost first, without the root. */
export function ancestors(path: string): string[] {
  const result: string[] = [];
  for (let dir = posix.dirname(path); dir !== '/' && dir !== '.'; dir = posix.dirname(dir))
    result.unshift(dir);
  return result;
}

/** Line of a step that makes the missing directories above a path. Nothing is forked where all are there. */
export function makeParents(path: string): string {
  const above = ancestors(path);
  const nearest = above.at(-1);
  if (nearest === undefined) return ':';
  return `[ -d ${quote(nearest)} ] || make_parents ${words(above)}`;
}

/** Line of a step that takes off the directories above a path that `makeParents` made, as far as they are empty now. */
export function pruneParents(path: string): string {
  const above = ancestors(path).reverse();
  return above.length === 0 ? ':' : `prune_parents ${words(above)}`;
}

function words(paths: readonly string[]): string {
  return paths.map((path) => `${quote(recordField(`directory ${path}`))} ${quote(path)}`).join(' ');
}

/**
 *   is_empty PATH                     a directory without entries; builtins only
 *   make_parents KEY PATH...          outermost first; noted before they are made
 *   prune_parents KEY PATH...         innermost first; ends at the first that is not empty or not ours; one in which only
 *                                     other people's things are left is theirs
 * Needs OWNERSHIP_FUNCTIONS.
 */
export const PARENTS_FUNCTIONS = `
is_empty() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 1
  for _entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$_entry" ] || [ -L "$_entry" ]; then return 1; fi
  done
}
make_parents() {
  while [ $# -gt 1 ]; do
    if [ ! -d "$2" ]; then
      note "$1" ${PARENT_NOTE} yes
      mkdir -m 0755 "$2"
    fi
    shift 2
  done
}
prune_parents() {
  while [ $# -gt 1 ]; do
    if [ -e "$2" ]; then
      read_entry "$1"
      [ -n "$_known" ] && [ -z "$_owners" ] || return 0
      if ! is_empty "$2"; then
        holds_owned "\${1#* }/" || forget "$1"
        return 0
      fi
      rmdir "$2"
      forget "$1"
    fi
    shift 2
  done
}
`;
