import type { AnyAuthMethod, AuthenticationType, KeyboardInteractiveAuthMethod, NextAuthHandler } from 'ssh2';
import { HostError } from '../../src/host/connection.ts';
import type { Identities, ReadyKey } from './identities.ts';
import type { Prompter } from './prompter.ts';
import type { Target } from './target.ts';

export interface Authentication {
  /** ssh2's `authHandler`: asked for the next method whenever one was refused. */
  readonly next: (
    allowed: AuthenticationType[] | null,
    partial: boolean | null,
    next: NextAuthHandler,
  ) => void;
  /** Why nothing was accepted; asked for once the server gave up on us. */
  failure(): HostError;
}

export interface AuthenticationOptions {
  readonly target: Target;
  readonly identities: Identities;
  /** Whether the host's key stood in known_hosts, or was pinned, before this connection. Asked after the key exchange. */
  readonly isKeyKnown: () => boolean;
  readonly prompter: Prompter | undefined;
}

/**
 * The order of trying: key of the settings, keys of `~/.ssh/config`, agent, `~/.ssh/id_*`, and where there is a
 * password: password, else keyboard-interactive. A password goes only to a host whose key was known before: whoever
 * answers at an address for the first time could be anybody.
 */
export function authentication(options: AuthenticationOptions): Authentication {
  const { target, identities, isKeyKnown } = options;
  const tried: string[] = [];
  const notes = [...identities.notes];
  let allowed: readonly string[] | null = null;
  let refusal: HostError | undefined;
  const steps = methods();

  async function* methods(): AsyncGenerator<AnyAuthMethod> {
    const username = target.user;
    const keysAllowed = (): boolean => allowed === null || allowed.includes('publickey');
    const offer = (file: ReadyKey): AnyAuthMethod => {
      tried.push(`key ${file.path}`);
      return { type: 'publickey', username, key: file.key };
    };
    for (const file of identities.keys) if (keysAllowed()) yield offer(file);
    if (identities.agent !== null && keysAllowed()) {
      const { agent, count } = identities.agent;
      tried.push(`agent (${count} ${count === 1 ? 'key' : 'keys'})`);
      yield { type: 'agent', username, agent };
    }
    if (keysAllowed()) {
      const defaults = await identities.defaults();
      notes.push(...defaults.notes);
      for (const file of defaults.keys) if (keysAllowed()) yield offer(file);
    }
    // Asks what the server allows, where no key has asked before.
    if (allowed === null) yield { type: 'none', username };
    const { password } = target;
    if (password === null) return;
    const takesPassword = allowed?.includes('password') === true;
    if (!takesPassword && allowed?.includes('keyboard-interactive') !== true) return;
    if (!isKeyKnown()) {
      refusal = unknownKey(target, 'a password is needed to log in');
      return;
    }
    // One of both: they ask the same question, and every wrong answer counts towards a lock-out.
    if (takesPassword) {
      tried.push('password');
      yield { type: 'password', username, password };
    }
    // After a password that was accepted in part, a second factor may be asked for this way.
    if (allowed?.includes('keyboard-interactive') === true && (!takesPassword || partly)) {
      tried.push('keyboard-interactive');
      yield interactive(username, takesPassword ? null : password, options);
    }
  }

  let partly = false;
  return {
    next(methodsLeft, partialSuccess, next) {
      if (methodsLeft !== null) allowed = methodsLeft;
      partly = partialSuccess === true;
      const stop = (): void => (next as unknown as (nothing: false) => void)(false);
      steps.next().then(
        (step) => (step.done === true ? stop() : next(step.value)),
        (error: unknown) => {
          refusal ??= new HostError(target.host, 'authentication', String(error), '', { cause: error });
          stop();
        },
      );
    },
    failure: () => refusal ?? notAccepted(target, tried, notes, allowed),
  };
}

/** Answers the first hidden question with the password, and asks the person for the rest. */
function interactive(
  username: string,
  password: string | null,
  { target, prompter }: AuthenticationOptions,
): KeyboardInteractiveAuthMethod {
  let unused = password;
  return {
    type: 'keyboard-interactive',
    username,
    prompt(_name, instructions, _language, prompts, finish) {
      const answer = async (): Promise<string[]> => {
        const answers: string[] = [];
        for (const { prompt, echo } of prompts) {
          if (unused !== null && echo !== true) {
            answers.push(unused);
            unused = null;
          } else {
            const text = [instructions, prompt].filter((line) => line !== '').join(' ');
            answers.push((await prompter?.({ host: target.host, text, secret: echo !== true })) ?? '');
          }
        }
        return answers;
      };
      // Without answers the server refuses, which is then told.
      answer().then(finish, () => finish([]));
    },
  };
}

/** A password would have to go to a host that nobody has vouched for. */
export function unknownKey(target: Target, what: string): HostError {
  return new HostError(
    target.host,
    'host-key-unknown',
    `the host key of ${target.host} is not known, and ${what}: a password is not sent to a host that might be another`,
    `Compare and record its key first: slipway trust ${target.host}`,
  );
}

function notAccepted(
  target: Target,
  tried: readonly string[],
  notes: readonly string[],
  allowed: readonly string[] | null,
): HostError {
  const what = tried.length === 0 ? 'there was nothing to try' : `tried ${tried.join(', ')}`;
  const server = allowed === null || allowed.length === 0 ? '' : `; the host allows ${allowed.join(', ')}`;
  const unused = notes.length === 0 ? '' : ` (not used: ${notes.join('; ')})`;
  const passwords = allowed?.some((method) => method !== 'publickey') === true;
  return new HostError(
    target.host,
    'authentication',
    `${target.host} does not let ${target.user} in: ${what}${server}${unused}`,
    tried.includes('password') || tried.includes('keyboard-interactive')
      ? 'Check user and password of provider "ssh".'
      : `Check user and private_key of provider "ssh"${passwords && target.password === null ? ', or set password' : ''}.`,
  );
}
