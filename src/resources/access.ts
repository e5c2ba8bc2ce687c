import { quote, sh } from '../host/sh.ts';
import type { AttributeMap, AttributeValue } from './resource.ts';

/** Who may do what with a path; null: as it is. */
export interface Access {
  readonly owner: string | null;
  readonly group: string | null;
  /** Four octal digits. */
  readonly mode: string | null;
}

export function accessOf(attributes: AttributeMap): Access {
  const text = (value: AttributeValue | undefined) => (typeof value === 'string' ? value : null);
  return {
    owner: text(attributes['owner']),
    group: text(attributes['group']),
    mode: text(attributes['mode']),
  };
}

/**
 * `owner:group` for chown, null where neither is wanted. An owner alone brings its login group along:
 * a file of an application is of no use to root's group.
 */
export function ownership(access: Pick<Access, 'owner' | 'group'>): string | null {
  if (access.owner === null && access.group === null) return null;
  return `${access.owner ?? ''}:${access.group ?? ''}`;
}

/** Lines that give a path its owner and mode. chown comes first: it clears set-user-id bits. */
export function setAccess(path: string, access: Access): string[] {
  const owner = ownership(access);
  return [
    ...(owner === null ? [] : [sh('chown', '-h', owner, path)]),
    ...(access.mode === null ? [] : [sh('chmod', access.mode, path)]),
  ];
}

/** Pattern of `case` over the output of `stat -c '%a %U %G'`. */
export function accessPattern(access: Access): string {
  const mode = access.mode === null ? null : Number.parseInt(access.mode, 8).toString(8);
  return [mode, access.owner, access.group].map((word) => (word === null ? '*' : quote(word))).join(`' '`);
}
