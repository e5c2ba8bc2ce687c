import type { BaseAgent, ParsedKey } from 'ssh2';
import { HostError } from '../../src/host/connection.ts';
import type { KeyFile, KeyRing } from './private-key.ts';
import type { Prompter } from './prompter.ts';
import type { Target } from './target.ts';

/** What a user has to prove himself with to one server, in the order of trying. */
export interface Identities {
  /** The keys of the settings and of `~/.ssh/config`. */
  readonly keys: readonly ReadyKey[];
  readonly agent: AgentKeys | null;
  /** Keys that could be used, were they not absent, locked or damaged: told when nothing else fits. */
  readonly notes: readonly string[];
  /** The keys of `~/.ssh/id_*`, looked for only when all before were refused. */
  defaults(): Promise<{ readonly keys: readonly ReadyKey[]; readonly notes: readonly string[] }>;
}

export type ReadyKey = Extract<KeyFile, { status: 'ready' }>;

export interface AgentKeys {
  readonly agent: BaseAgent;
  readonly count: number;
}

/** Loads what a target names. Throws `HostError` of kind `key-unreadable` when the key of the settings cannot be used. */
export async function findIdentities(
  target: Target,
  keyRing: KeyRing,
  prompter: Prompter | undefined,
): Promise<Identities> {
  const passphraseOf = (path: string) =>
    prompter === undefined
      ? undefined
      : () => prompter({ host: target.host, text: `Passphrase of ${path}`, secret: true });
  const explicit =
    target.privateKey === null
      ? null
      : await keyRing.load(target.privateKey, target.passphrase, passphraseOf(target.privateKey));
  const configured = await Promise.all(
    target.identityFiles.filter((path) => path !== target.privateKey).map((path) => keyRing.load(path, null)),
  );
  const files = [...(explicit === null ? [] : [explicit]), ...configured];
  const ready = files.filter((file) => file.status === 'ready');
  const held = target.agentSocket === null ? null : await agentIdentities(target.agentSocket);
  const agentKeys = Array.isArray(held) ? held : [];
  if (explicit !== null && explicit.status !== 'ready' && !isHeld(explicit, agentKeys))
    throw unusableKey(target, explicit);

  // The agent's turn leaves out what was tried as a file before.
  const fresh = agentKeys.filter(
    (key) => !ready.some((file) => file.key.getPublicSSH().equals(key.getPublicSSH())),
  );
  const named = (key: ParsedKey): boolean => files.some((file) => isSame(file, key));
  const offered = target.identitiesOnly ? fresh.filter(named) : fresh;
  // A server refuses after some keys (MaxAuthTries, 6): those that were named come first.
  offered.sort((a, b) => Number(named(b)) - Number(named(a)));
  const notes = configured.flatMap((file) => keyNote(file));
  if (typeof held === 'string') notes.push(`agent at ${target.agentSocket}: ${held}`);
  return {
    keys: ready,
    agent:
      target.agentSocket === null || offered.length === 0
        ? null
        : { agent: await limitedAgent(target.agentSocket, offered), count: offered.length },
    notes,
    async defaults() {
      const tried = new Set(files.map((file) => file.path));
      const others = await Promise.all(
        target.defaultKeys.filter((path) => !tried.has(path)).map((path) => keyRing.load(path, null)),
      );
      const usable = others.filter((file) => file.status === 'ready');
      return {
        keys: usable.filter((file) => !agentKeys.some((key) => isSame(file, key))),
        notes: others.filter((file) => file.status !== 'absent' && !isHeld(file, agentKeys)).flatMap(keyNote),
      };
    },
  };
}

/** Public keys of the agent, or why there are none. */
async function agentIdentities(socket: string): Promise<ParsedKey[] | string> {
  const { createAgent, utils } = (await import('ssh2')).default;
  return new Promise((settle) => {
    createAgent(socket).getIdentities((error, keys) => {
      if (error) return settle(error.message);
      const parsed = (keys ?? []).map((key) => utils.parseKey(key as ParsedKey));
      settle(parsed.filter((key): key is ParsedKey => !(key instanceof Error)));
    });
  });
}

/** The agent at a socket, showing the given keys only. */
async function limitedAgent(socket: string, keys: readonly ParsedKey[]): Promise<BaseAgent> {
  const { OpenSSHAgent } = (await import('ssh2')).default;
  class LimitedAgent extends OpenSSHAgent {
    override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
      done(undefined, [...keys]);
    }
  }
  return new LimitedAgent(socket);
}

function isSame(file: KeyFile, key: ParsedKey): boolean {
  if (file.status === 'ready') return file.key.getPublicSSH().equals(key.getPublicSSH());
  return file.status === 'locked' && file.publicBlob !== null && file.publicBlob.equals(key.getPublicSSH());
}

function isHeld(file: KeyFile, agentKeys: readonly ParsedKey[]): boolean {
  return agentKeys.some((key) => isSame(file, key));
}

function keyNote(file: KeyFile): string[] {
  switch (file.status) {
    case 'ready':
      return [];
    case 'absent':
      return [`${file.path} does not exist`];
    case 'locked':
      return [`${file.path} needs a passphrase`];
    case 'unusable':
      return [`${file.path} cannot be used: ${file.reason}`];
  }
}

function unusableKey(target: Target, file: Exclude<KeyFile, ReadyKey>): HostError {
  const { path } = file;
  switch (file.status) {
    case 'absent':
      return new HostError(
        target.host,
        'key-unreadable',
        `the private key ${path} does not exist`,
        'Correct private_key of provider "ssh", or leave it out to use ~/.ssh/config, the agent and the keys in ~/.ssh.',
      );
    case 'locked':
      return file.passphrase === 'wrong'
        ? new HostError(
            target.host,
            'key-unreadable',
            `the passphrase does not open the private key ${path}`,
            'Correct passphrase of provider "ssh".',
          )
        : new HostError(
            target.host,
            'key-unreadable',
            `the private key ${path} needs a passphrase`,
            `Set passphrase of provider "ssh", or give the key to an agent: ssh-add ${path}`,
          );
    case 'unusable':
      return new HostError(
        target.host,
        'key-unreadable',
        `the private key ${path} cannot be used: ${file.reason}`,
        'private_key of provider "ssh" names a private key in OpenSSH, PEM or PuTTY format.',
      );
  }
}
