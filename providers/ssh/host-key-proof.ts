import type { Client } from 'ssh2';

type GlobalRequest = (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void;
/** What the library's protocol keeps inside; it has no setting for this. */
interface Inside {
  readonly _protocol?: { readonly _handlers?: { GLOBAL_REQUEST?: GlobalRequest } };
}

/**
 * OpenSSH tells its other host keys after a login, and the library then lets each of them be proven at once: a round trip
 * and a signature per key on both sides, for something nobody here listens to. Left out, a connection costs about a tenth
 * less. Call it right after `connect`. Where the library has changed inside, nothing happens.
 */
export function ignoreHostKeyProofs(client: Client): void {
  const handlers = (client as unknown as Inside)._protocol?._handlers;
  const original = handlers?.GLOBAL_REQUEST;
  if (handlers === undefined || original === undefined) return;
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    if (name === 'hostkeys-00@openssh.com' && !wantReply) return;
    original(protocol, name, wantReply, data);
  };
}
