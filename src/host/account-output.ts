import type { UserObservation } from './observation.ts';

export interface Accounts {
  readonly users: ReadonlyMap<string, UserObservation>;
  /** Group ids by name. */
  readonly groups: ReadonlyMap<string, number>;
}

/** Decodes the probe's `NAME:UID:GID:COMMENT:HOME:SHELL` and `NAME:GID:MEMBERS` lines. The first of a name counts, as for the system. */
export function parseAccounts(userLines: string, groupLines: string): Accounts {
  const groups = new Map<string, number>();
  const names = new Map<number, string>();
  const members = new Map<string, string[]>();
  for (const line of groupLines.split('\n')) {
    const [name = '', gid = '', list = ''] = line.split(':');
    if (name === '' || groups.has(name)) continue;
    groups.set(name, Number(gid));
    if (!names.has(Number(gid))) names.set(Number(gid), name);
    for (const member of list.split(',')) members.set(member, [...(members.get(member) ?? []), name]);
  }
  const users = new Map<string, UserObservation>();
  for (const line of userLines.split('\n')) {
    const [name = '', uid, gid, comment = '', home = '', shell = ''] = line.split(':');
    if (name === '' || users.has(name)) continue;
    users.set(name, {
      uid: Number(uid),
      gid: Number(gid),
      group: names.get(Number(gid)) ?? `${gid}`,
      groups: members.get(name) ?? [],
      home,
      shell,
      comment,
    });
  }
  return { users, groups };
}
