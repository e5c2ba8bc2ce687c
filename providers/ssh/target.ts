import { isIP } from 'node:net';
import { join } from 'node:path';
import { HostError } from '../../src/host/connection.ts';
import { expandHome } from './ssh-config.ts';
import type { HostConfig, SshConfig } from './ssh-config.ts';
import type { SshSettings } from './settings.ts';

export type HostKeyPolicy =
  | { readonly kind: 'accept-new' }
  | { readonly kind: 'strict' }
  | { readonly kind: 'pinned'; readonly fingerprint: string };

/** One server to log in to, all defaults applied. */
export interface Target {
  /** As the spec, or the list of jump hosts, names it. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The key the settings name: it must be usable. */
  readonly privateKey: string | null;
  readonly passphrase: string | null;
  /** Keys of `~/.ssh/config`: left out where they are absent. */
  readonly identityFiles: readonly string[];
  /** Tried after the agent: `~/.ssh/id_ed25519` and its like. */
  readonly defaultKeys: readonly string[];
  /** Offer only the agent's keys that are among the files. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | null;
  readonly password: string | null;
  readonly hostKey: HostKeyPolicy;
  readonly knownHostsName: string;
  /** The name to fall back to, as OpenSSH does, where the one with a port is not known; null: none. */
  readonly knownHostsPlainName: string | null;
  /** The first is written to. */
  readonly knownHostsFiles: readonly string[];
  readonly hashKnownHosts: boolean;
  /** null: work as the user. */
  readonly become: { readonly password: string | null } | null;
  readonly connectTimeoutMs: number;
  /** 0: none. */
  readonly keepaliveIntervalMs: number;
  /** The servers to go through, the first one first. */
  readonly jumps: readonly Target[];
}

export interface TargetSurroundings {
  readonly homeDir: string;
  readonly localUser: string;
  readonly agentSocket: string | undefined;
  readonly globalKnownHostsPath: string;
  readonly config: SshConfig;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const DEEPEST_JUMP = 8;

/** Merges settings over `~/.ssh/config` over defaults. Throws `HostError` when they say what cannot be done. */
export function resolveTarget(settings: SshSettings, surroundings: TargetSurroundings): Target {
  return resolve(settings, surroundings, 0);
}

function resolve(settings: SshSettings, surroundings: TargetSurroundings, depth: number): Target {
  const { homeDir } = surroundings;
  const { host } = settings;
  const useConfig = settings.config ?? true;
  const config: HostConfig = useConfig
    ? surroundings.config(host, settings.user ?? undefined)
    : { identityFiles: [], identitiesOnly: false, knownHostsFiles: [], hashKnownHosts: false };
  const jump = settings.proxy_jump ?? config.proxyJump ?? 'none';
  if (
    jump === 'none' &&
    config.proxyCommand !== undefined &&
    config.proxyCommand !== 'none' &&
    (settings.proxy_jump ?? null) === null
  )
    throw new HostError(
      host,
      'protocol',
      `~/.ssh/config reaches ${host} by a ProxyCommand, which slipway does not run`,
      'Name the jump hosts in proxy_jump, or set proxy_jump = "none" for a direct connection.',
    );
  const port = settings.port ?? config.port ?? 22;
  const name = config.hostKeyAlias ?? config.hostName ?? host;
  const become = settings.become === 'sudo';
  const userFiles =
    typeof settings.known_hosts === 'string'
      ? [expandHome(settings.known_hosts, homeDir)]
      : config.knownHostsFiles.length > 0
        ? config.knownHostsFiles
        : [join(homeDir, '.ssh', 'known_hosts')];
  return {
    host,
    address: config.hostName ?? host,
    port,
    user: settings.user ?? config.user ?? surroundings.localUser,
    privateKey: typeof settings.private_key === 'string' ? expandHome(settings.private_key, homeDir) : null,
    passphrase: settings.passphrase ?? null,
    identityFiles: config.identityFiles,
    defaultKeys: config.identitiesOnly ? [] : DEFAULT_KEYS.map((key) => join(homeDir, '.ssh', key)),
    identitiesOnly: config.identitiesOnly,
    agentSocket: agentSocket(settings, config, surroundings),
    password: settings.password ?? null,
    hostKey: hostKeyPolicy(settings, config),
    knownHostsName: port === 22 || config.hostKeyAlias !== undefined ? name : `[${name}]:${port}`,
    knownHostsPlainName: port === 22 || config.hostKeyAlias !== undefined ? null : name,
    knownHostsFiles: [...userFiles, surroundings.globalKnownHostsPath],
    hashKnownHosts: config.hashKnownHosts,
    become: become ? { password: settings.become_password ?? settings.password ?? null } : null,
    connectTimeoutMs: (settings.connect_timeout ?? config.connectTimeoutSeconds ?? 10) * 1000,
    keepaliveIntervalMs: (settings.keepalive_interval ?? 5) * 1000,
    jumps: jump === 'none' ? [] : jumpTargets(jump, settings, surroundings, depth),
  };
}

function agentSocket(
  settings: SshSettings,
  config: HostConfig,
  { homeDir, agentSocket: fromEnvironment }: TargetSurroundings,
): string | null {
  if (settings.agent === false) return null;
  if (typeof settings.agent === 'string') return expandHome(settings.agent, homeDir);
  if (config.identityAgent === 'none') return null;
  if (config.identityAgent !== undefined && config.identityAgent !== 'SSH_AUTH_SOCK')
    return expandHome(config.identityAgent, homeDir);
  return fromEnvironment ?? null;
}

function hostKeyPolicy(settings: SshSettings, config: HostConfig): HostKeyPolicy {
  const wanted = settings.host_key ?? config.hostKeyPolicy ?? 'accept-new';
  if (wanted === 'accept-new' || wanted === 'strict') return { kind: wanted };
  const digest = /^sha256:([A-Za-z0-9+/]{43})=?$/i.exec(wanted)?.[1];
  if (digest === undefined)
    throw new HostError(
      settings.host,
      'host-key-unknown',
      `host_key = ${JSON.stringify(wanted)} is neither "accept-new" nor "strict" nor "sha256:" and 43 characters of base64`,
      'A host prints its fingerprints with: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    );
  return { kind: 'pinned', fingerprint: `SHA256:${digest}` };
}

/**
 * Jump hosts share the key, the agent and the known hosts of their target, and have their own part of `~/.ssh/config`.
 * The password is not theirs, and so never sent to them.
 */
function jumpTargets(
  list: string,
  settings: SshSettings,
  surroundings: TargetSurroundings,
  depth: number,
): Target[] {
  if (depth >= DEEPEST_JUMP)
    throw new HostError(
      settings.host,
      'protocol',
      `the jump hosts of ${settings.host} go in a circle: ${list}`,
    );
  return list.split(',').flatMap((text, position) => {
    const jump = parseJump(text.trim());
    if (jump === undefined)
      throw new HostError(
        settings.host,
        'protocol',
        `${JSON.stringify(text)} in proxy_jump is not of the form user@host:port`,
        'Several hosts are separated by commas; an IPv6 address with a port stands in brackets.',
      );
    const target = resolve(
      {
        ...jump,
        private_key: settings.private_key ?? null,
        passphrase: settings.passphrase ?? null,
        agent: settings.agent ?? null,
        known_hosts: settings.known_hosts ?? null,
        // A pinned key is that of the target.
        host_key: settings.host_key === 'strict' ? 'strict' : null,
        connect_timeout: settings.connect_timeout ?? null,
        keepalive_interval: settings.keepalive_interval ?? null,
        config: settings.config ?? null,
        // Only the first hop may have hops of its own before it: the others are reached from the hop before.
        proxy_jump: position === 0 ? null : 'none',
      },
      surroundings,
      depth + 1,
    );
    return [...target.jumps, { ...target, jumps: [] }];
  });
}

/** `[user@]host[:port]`, also with `ssh://` before it. */
function parseJump(text: string): { host: string; user?: string; port?: number } | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^\s@]+?)(?::(\d+))?$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  // `fe80::1` is an address and no `fe80:` with port 1.
  const bare = text.replace(/^(?:ssh:\/\/)?(?:[^@]+@)?/, '');
  const whole = isIP(bare) === 6;
  const host = whole ? bare : match[2].replace(/^\[(.*)\]$/, '$1');
  if (!whole && host.includes(':') && isIP(host) !== 6) return undefined;
  const user = match[1];
  const port = whole ? undefined : match[3];
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}
