/** What one may do: `read` looks, `operate` changes as well. */
export type Role = 'read' | 'operate';

/** Who asks, once the guard let them in. */
export interface Principal {
  readonly role: Role;
  /** Name of the token; `uid 1000` without tokens; `anyone` on a route that is open. */
  readonly name: string;
  /** Address of the peer, without its port. */
  readonly address: string;
}
