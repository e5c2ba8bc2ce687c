import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { parse as parseConfig } from 'ssh-config';

/** What `~/.ssh/config` says of one host; absent where it says nothing. */
export interface HostConfig {
  readonly hostName?: string;
  readonly port?: number;
  readonly user?: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Path of a socket; `none`: no agent. */
  readonly identityAgent?: string;
  readonly proxyJump?: string;
  readonly proxyCommand?: string;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyPolicy?: 'strict' | 'accept-new';
  readonly hostKeyAlias?: string;
  readonly hashKnownHosts: boolean;
  readonly connectTimeoutSeconds?: number;
}

/** Answers for a host by the name the user gives it. `user`: the one the settings name, for the token `%r`. */
export type SshConfig = (host: string, user: string | undefined) => HostConfig;

export interface ConfigSurroundings {
  readonly homeDir: string;
  readonly localUser: string;
}

/**
 * Reads an OpenSSH client configuration. `Match` blocks are left out: most need a command run or a name resolved, and a
 * plan must not depend on that. `Include` is followed; what comes after it belongs to the section around it. An absent file is empty.
 */
export function readSshConfig(path: string, surroundings: ConfigSurroundings): SshConfig {
  const text = textWithIncludes(path, surroundings.homeDir);
  if (text.trim() === '') return () => NOTHING;
  // Not needed where there is no configuration; and `import()` would make every reader wait.
  const { parse } = createRequire(import.meta.url)('ssh-config') as { parse: typeof parseConfig };
  const config = parse(text);
  for (let i = config.length - 1; i >= 0; i--) {
    const line = config[i];
    if (line !== undefined && 'param' in line && /^match$/i.test(line.param)) config.splice(i, 1);
  }
  return (host, user) => {
    const found = config.compute(host, { ignoreCase: true, matchExec: false });
    return hostConfig(new Map(Object.entries(found)), host, user, surroundings);
  };
}

const NOTHING: HostConfig = {
  identityFiles: [],
  identitiesOnly: false,
  knownHostsFiles: [],
  hashKnownHosts: false,
};

const DEEPEST_INCLUDE = 16;

/** `around`: the line that begins the section in which the file is included. */
function textWithIncludes(path: string, homeDir: string, depth = 0, around = 'Host *'): string {
  const text = orElse(() => readFileSync(path, 'utf8'), '');
  const lines: string[] = [];
  let section = around;
  for (const line of text.split('\n')) {
    if (/^\s*(?:host|match)[\s=]/i.test(line)) section = line;
    const include = /^\s*include[\s=]+(.+)$/i.exec(line)?.[1];
    // Names are canonicalized by asking a resolver, which is a command as well.
    if (/^\s*canonicalizehostname\b/i.test(line)) continue;
    if (include === undefined || depth >= DEEPEST_INCLUDE) lines.push(line);
    else {
      for (const word of include.trim().split(/\s+/)) {
        const pattern = expandHome(word.replace(/^"(.*)"$/, '$1'), homeDir);
        // What follows belongs to the section around the Include, not to the last one of the included file.
        for (const file of matchingFiles(isAbsolute(pattern) ? pattern : join(homeDir, '.ssh', pattern)))
          lines.push(textWithIncludes(file, homeDir, depth + 1, section), section);
      }
    }
  }
  return lines.join('\n');
}

/** Wildcards stand in the last part of the path only, as in `config.d/*`. */
function matchingFiles(pattern: string): string[] {
  if (!/[*?]/.test(basename(pattern))) return [pattern];
  const names = orElse(() => readdirSync(dirname(pattern)), []);
  const wanted = wildcard(basename(pattern));
  return names
    .filter((name) => !name.startsWith('.') && wanted.test(name))
    .sort()
    .map((name) => join(dirname(pattern), name));
}

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** A pattern of `*` and `?` as OpenSSH writes them. */
export function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

export function expandHome(path: string, homeDir: string): string {
  return path === '~' || path.startsWith('~/') ? join(homeDir, path.slice(1)) : path;
}

function hostConfig(
  found: ReadonlyMap<string, string | string[]>,
  host: string,
  user: string | undefined,
  { homeDir, localUser }: ConfigSurroundings,
): HostConfig {
  const all = (name: string): string[] => [found.get(name) ?? []].flat();
  const first = (name: string): string | undefined => all(name)[0];
  const number = (name: string): number | undefined => {
    const text = first(name);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const hostName = first('hostname')?.replaceAll('%h', host).replaceAll('%%', '%');
  const remoteUser = user ?? first('user');
  const tokens: Record<string, string> = {
    '%%': '%',
    '%d': homeDir,
    '%h': hostName ?? host,
    '%n': host,
    '%p': first('port') ?? '22',
    '%r': remoteUser ?? localUser,
    '%u': localUser,
  };
  const path = (text: string): string =>
    expandHome(text, homeDir).replace(/%[%dhnpru]/g, (token) => tokens[token] ?? token);
  // `no` would accept a changed key as well; slipway never goes below accept-new. `ask` cannot ask: accept-new, the default.
  const policies: Record<string, 'strict' | 'accept-new'> = {
    yes: 'strict',
    'accept-new': 'accept-new',
    no: 'accept-new',
    off: 'accept-new',
  };
  return {
    ...definite({
      hostName,
      port: number('port'),
      user: first('user'),
      identityAgent: first('identityagent'),
      proxyJump: first('proxyjump'),
      proxyCommand: all('proxycommand').join(' ') || undefined,
      hostKeyPolicy: policies[first('stricthostkeychecking')?.toLowerCase() ?? ''],
      hostKeyAlias: first('hostkeyalias'),
      connectTimeoutSeconds: number('connecttimeout'),
    }),
    identityFiles: all('identityfile')
      .filter((file) => file.toLowerCase() !== 'none')
      .map(path),
    identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
    knownHostsFiles: all('userknownhostsfile')
      .flatMap((files) => files.split(/\s+/))
      .filter((file) => file !== '' && file.toLowerCase() !== 'none')
      .map(path),
    hashKnownHosts: first('hashknownhosts')?.toLowerCase() === 'yes',
  };
}

type Definite<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the properties that are undefined. */
function definite<T extends object>(properties: T): Definite<T> {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined),
  ) as Definite<T>;
}
