import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HostAccess, Ports } from '../../src/app/ports.ts';
import { HostError } from '../../src/host/connection.ts';
import { serve } from '../../src/server/serve.ts';
import { createParser } from '../../src/spec/hcl/parse.ts';
import { localProvider } from '../../providers/local/local.ts';
import { localStore } from '../../state/local/local-store.ts';

/** A server over a real cluster on loopback addresses of this machine. */
export interface ServedCluster {
  readonly directory: string;
  readonly url: string;
  /** What it could tell nobody who asked. */
  readonly problems: readonly string[];
  write(name: string, text: string): void;
  /** Stops the server; the directory goes as well. */
  close(): Promise<void>;
}

export async function serveCluster(
  files: Readonly<Record<string, string>>,
  {
    tokens,
    isOff = () => false,
  }: { readonly tokens?: string; readonly isOff?: (host: string) => boolean } = {},
): Promise<ServedCluster> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-api-'));
  const write = (name: string, text: string): void => {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  if (tokens !== undefined) write('tokens', tokens);
  const problems: string[] = [];
  const server = await serve(
    {
      host: '127.0.0.1',
      port: 0,
      tokenFile: tokens === undefined ? null : path.join(directory, 'tokens'),
      tls: null,
      insecure: false,
      allowOrigins: [],
      allowHosts: [],
    },
    { directory, variables: [], ports: localPorts(isOff), onProblem: (message) => problems.push(message) },
  );
  return {
    directory,
    url: server.url,
    problems,
    write,
    async close() {
      await server.close('now');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function localPorts(isOff: (host: string) => boolean): Ports {
  return {
    parser: createParser(),
    store: localStore,
    clock: Date.now,
    environment: {},
    owner: 'tester@here',
    hostAccess(directory): HostAccess {
      const local = localProvider(directory);
      return {
        layout: ({ address }) => local.layout({ host: address }),
        connect: ({ address }, options) =>
          isOff(address)
            ? Promise.reject(new HostError(address, 'unreachable', `${address} does not answer.`))
            : local.connect({ host: address }, options),
        offeredKeys: () => Promise.reject(new Error('local hosts have no keys')),
      };
    },
  };
}
