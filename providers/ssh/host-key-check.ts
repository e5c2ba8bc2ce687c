import { HostError } from '../../src/host/connection.ts';
import { HOST_KEY_TYPES, fingerprint, hostKeyFromBlob, offeredAlgorithms } from './host-key.ts';
import type { HostKey } from './host-key.ts';
import { judgeKey } from './known-hosts.ts';
import type { KnownHost, KnownHosts } from './known-hosts.ts';
import type { Target } from './target.ts';

/** The verification of one server's key: before the key exchange it says what to offer, in it it judges, after it it records. */
export interface HostKeyCheck {
  readonly algorithms: readonly string[];
  /** Whether to go on with this key. When not, `failure` tells why. */
  verify(blob: Buffer): boolean;
  readonly failure: () => HostError | undefined;
  /** Whether the key was known, or pinned, before this connection. */
  readonly isKnown: () => boolean;
  /** A pinned key was not shown, but the server may have one of another type: these are left to ask for. */
  readonly otherTypes: () => readonly string[];
  /** Writes an accepted new key down. Call it only after the server has proven to own the key. */
  record(): Promise<void>;
}

/** `types`: offer keys of these types only. */
export async function hostKeyCheck(
  target: Target,
  knownHosts: KnownHosts,
  types: readonly string[] = HOST_KEY_TYPES,
): Promise<HostKeyCheck> {
  const named = await knownKeysOf(target, knownHosts, target.knownHostsName);
  const plain =
    target.knownHostsPlainName === null
      ? []
      : await knownKeysOf(target, knownHosts, target.knownHostsPlainName);
  const preferred = [...named, ...plain].filter((entry) => !entry.revoked).map((entry) => entry.key.type);
  let shown: HostKey | undefined;
  let failure: HostError | undefined;
  let isKnown = false;

  function judge(key: HostKey): HostError | undefined {
    const verdict = judgeKey(named, key);
    if (verdict.kind === 'revoked') return revokedKey(target, verdict.entry);
    const { hostKey } = target;
    if (hostKey.kind === 'pinned') {
      isKnown = fingerprint(key) === hostKey.fingerprint;
      return isKnown ? undefined : otherThanPinned(target, key, hostKey.fingerprint);
    }
    if (verdict.kind === 'changed') return changedKey(target, key, verdict.entry);
    // A host known without a port may be met on another port, as with OpenSSH, if it shows the same key.
    isKnown = verdict.kind === 'known' || judgeKey(plain, key).kind === 'known';
    return isKnown || hostKey.kind === 'accept-new' ? undefined : strictlyUnknown(target, key);
  }

  return {
    algorithms: offeredAlgorithms(preferred).filter((algorithm) =>
      types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm),
    ),
    verify(blob) {
      shown = hostKeyFromBlob(blob);
      failure = judge(shown);
      return failure === undefined;
    },
    failure: () => failure,
    isKnown: () => isKnown,
    otherTypes: () =>
      failure !== undefined && target.hostKey.kind === 'pinned' && shown !== undefined
        ? types.filter((type) => type !== shown?.type)
        : [],
    async record() {
      if (shown === undefined || isKnown || target.hostKey.kind !== 'accept-new') return;
      const file = target.knownHostsFiles[0];
      if (file === undefined) return;
      try {
        await knownHosts.add(file, target.knownHostsName, shown, { hashed: target.hashKnownHosts });
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new HostError(
          target.host,
          'host-key-unknown',
          `the new host key of ${target.host} cannot be written to ${file}: ${reason}`,
          'Make the file writable, or name another one in known_hosts of provider "ssh".',
          { cause },
        );
      }
    },
  };
}

/** What the target's files say of a name. Rejects with `HostError` when one of them cannot be read. */
export function knownKeysOf(target: Target, knownHosts: KnownHosts, name: string): Promise<KnownHost[]> {
  return knownHosts.find(target.knownHostsFiles, name).catch((cause: unknown) => {
    throw unreadable(target, cause);
  });
}

function unreadable(target: Target, cause: unknown): HostError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HostError(
    target.host,
    'host-key-unknown',
    `known host keys cannot be read, so that of ${target.host} cannot be verified: ${reason}`,
    'Set the permissions of the file right, or name another one in known_hosts of provider "ssh".',
    { cause },
  );
}

function changedKey(target: Target, key: HostKey, entry: KnownHost): HostError {
  const place = entry.line === 0 ? entry.file : `${entry.file}:${entry.line}`;
  return new HostError(
    target.host,
    'host-key-changed',
    `${target.host} shows another host key (${key.type} ${fingerprint(key)}) than the one in ${place} (${entry.key.type} ${fingerprint(entry.key)}): either the host was set up anew, or somebody answers in its place`,
    `If the change is expected, remove the old key: ssh-keygen -R ${shellName(target.knownHostsName)} -f ${entry.file}`,
  );
}

function shellName(name: string): string {
  return name.startsWith('[') ? `'${name}'` : name;
}

function revokedKey(target: Target, entry: KnownHost): HostError {
  return new HostError(
    target.host,
    'host-key-changed',
    `${target.host} shows a host key that is marked as revoked in ${entry.file}:${entry.line}`,
    'Give the host a new key; a revoked one may be in the hands of others.',
  );
}

function otherThanPinned(target: Target, key: HostKey, wanted: string): HostError {
  return new HostError(
    target.host,
    'host-key-changed',
    `${target.host} shows the host key ${fingerprint(key)} (${key.type}), not ${wanted} as host_key demands`,
    'Compare with what the host itself prints: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  );
}

function strictlyUnknown(target: Target, key: HostKey): HostError {
  return new HostError(
    target.host,
    'host-key-unknown',
    `the host key of ${target.host} (${key.type} ${fingerprint(key)}) is not in ${target.knownHostsFiles[0]}, and host_key = "strict" accepts known keys only`,
    `Compare and record its key first: slipway trust ${target.host}`,
  );
}
