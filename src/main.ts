import { homedir, hostname, userInfo } from 'node:os';
import type { HostAccess, Ports } from './app/ports.ts';
import { runCli } from './cli/main.ts';

/** The only place that wires the use cases to providers, stores and the world. */
async function makePorts(): Promise<Ports> {
  const [{ createParser }, { localStore }, { localProvider }, { sshProvider }] = await Promise.all([
    import('./spec/hcl/parse.ts'),
    import('../state/local/local-store.ts'),
    import('../providers/local/local.ts'),
    import('../providers/ssh/ssh.ts'),
  ]);
  const hostAccess = (directory: string): HostAccess => {
    const local = localProvider(directory);
    const ssh = sshProvider({ homeDir: homedir() });
    return {
      layout: ({ address, provider, settings }) =>
        provider === 'local' ? local.layout({ host: address }) : ssh.layout({ ...settings, host: address }),
      connect: ({ address, provider, settings }, options) =>
        provider === 'local'
          ? local.connect({ host: address }, options)
          : ssh.connect({ ...settings, host: address }, options),
    };
  };
  return {
    parser: createParser(),
    store: localStore,
    hostAccess,
    clock: Date.now,
    environment: process.env,
    owner: `${userInfo().username}@${hostname()}`,
  };
}

process.exitCode = await runCli(process.argv.slice(2), process, makePorts);
