/** What one may do: `read` looks, `operate` changes as well. */
export type Role = 'read' | 'operate';

/** The role that a route needs: what changes anything needs `operate`, and so does what names it. */
export function roleOf({
  changes,
  role = changes ? 'operate' : 'read',
}: {
  readonly changes: boolean;
  readonly role?: Role;
}): Role {
  return role;
}

/** Who asks, once the guard let them in. */
export interface Principal {
  readonly role: Role;
  /** Name of the token; `uid 1000` without tokens; `anyone` on a route that is open. */
  readonly name: string;
  /** Address of the peer, without its port. */
  readonly address: string;
}
