import { homedir, hostname, userInfo } from 'node:os';
import type { HostAccess, OfferedKeys, OfflinePorts, Ports } from './app/ports.ts';
import type { Screens } from './cli/command.ts';
import { runCli } from './cli/main.ts';

/*
 * The only place that wires the use cases to providers, stores and the world.
 */

async function offlinePorts(): Promise<OfflinePorts> {
  const [{ createParser }, { cachingParser }, { localStore }] = await Promise.all([
    import('./spec/hcl/parse.ts'),
    import('./spec/hcl/caching-parser.ts'),
    import('../state/local/local-store.ts'),
  ]);
  return {
    parser: cachingParser(createParser()),
    store: localStore,
    clock: Date.now,
    environment: process.env,
    owner: `${userInfo().username}@${hostname()}`,
  };
}

async function allPorts(): Promise<Ports> {
  const [offline, { localProvider }, { sshProvider }, { fingerprint }] = await Promise.all([
    offlinePorts(),
    import('../providers/local/local.ts'),
    import('../providers/ssh/ssh.ts'),
    import('../providers/ssh/host-key.ts'),
  ]);
  const hostAccess = (directory: string): HostAccess => {
    const local = localProvider(directory);
    const ssh = sshProvider({ homeDir: homedir(), prompter: askAtTerminal });
    return {
      layout: ({ address, provider, settings }) =>
        provider === 'local' ? local.layout({ host: address }) : ssh.layout({ ...settings, host: address }),
      connect: ({ address, provider, settings }, options) =>
        provider === 'local'
          ? local.connect({ host: address }, options)
          : ssh.connect({ ...settings, host: address }, options),
      async offeredKeys({ address, settings }, options): Promise<OfferedKeys> {
        const offered = await ssh.fetchHostKeys({ ...settings, host: address }, options);
        const { name, knownHostsPath, keys } = offered;
        return {
          name,
          knownHostsPath,
          keys: keys.map((key) => ({ type: key.type, fingerprint: fingerprint(key), status: key.status })),
          record: (chosen) =>
            ssh.recordHostKeys({ ...offered, keys: keys.filter((key) => chosen.has(fingerprint(key))) }),
        };
      },
    };
  };
  return { ...offline, hostAccess };
}

/** Passphrases of keys, and what keyboard-interactive asks beyond a password; undefined where nobody sits. */
async function askAtTerminal(question: {
  host: string;
  text: string;
  secret: boolean;
}): Promise<string | undefined> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  const { ask } = await import('./cli/prompt.ts');
  return ask({ stdin, stdout }, `${question.host}: ${question.text}`, { secret: question.secret });
}

async function screens(): Promise<Screens> {
  // Before React is loaded: its development build is several times slower.
  process.env['NODE_ENV'] ??= 'production';
  const [{ reviewPlan }, { startRunView }, { watchCluster }] = await Promise.all([
    import('./tui/plan-review.tsx'),
    import('./tui/run-view.tsx'),
    import('./tui/cluster-view.tsx'),
  ]);
  return { reviewPlan, startRunView, watchCluster };
}

process.exitCode = await runCli(process.argv.slice(2), process, {
  offline: offlinePorts,
  ports: allPorts,
  screens,
  server: async () => (await import('./server/serve.ts')).serve,
});
