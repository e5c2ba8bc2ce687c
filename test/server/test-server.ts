import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { localProvider } from '../../providers/local/local.ts';
import type { Ports } from '../../src/app/ports.ts';
import type { RunningServer, ServeOptions } from '../../src/app/serve/serve-options.ts';
import { openUseCases } from '../../src/server/open-use-cases.ts';
import type { Patience } from '../../src/server/patience.ts';
import type { ServerPlugin } from '../../src/server/plugin.ts';
import { PLUGINS } from '../../src/server/plugins.ts';
import { startServer } from '../../src/server/serve.ts';
import type { AuditLine, ServerUseCases } from '../../src/server/use-cases.ts';
import { createParser } from '../../src/spec/hcl/parse.ts';
import { localStore } from '../../state/local/local-store.ts';

const parser = createParser();
const made: (() => Promise<unknown> | void)[] = [];
afterAll(async () => {
  for (const undo of made.splice(0).reverse()) await undo();
});

/** A directory with these files, gone after the test file. */
export function testDirectory(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-serve-'));
  made.push(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text, { mode: 0o600 });
  }
  return directory;
}

/** Hosts of this machine, and a real state. */
export function testPorts(directory: string, environment: Ports['environment'] = {}): Ports {
  const provider = localProvider(directory);
  return {
    parser,
    store: localStore,
    clock: Date.now,
    environment,
    owner: 'me@here',
    hostAccess: () => ({
      layout: ({ address }) => provider.layout({ host: address }),
      connect: ({ address }, options) => provider.connect({ host: address }, options),
      offeredKeys: () => Promise.reject(new Error('there is no key to ask for')),
    }),
  };
}

export interface TestServer extends RunningServer {
  readonly directory: string;
  readonly use: ServerUseCases;
  /** What it told its own log. */
  readonly problems: readonly string[];
  /** Lines of the audit log, once everything is written. */
  audit(): readonly AuditLine[];
}

export const LOOPBACK: ServeOptions = {
  host: '127.0.0.1',
  port: 0,
  tokenFile: null,
  tls: null,
  insecure: false,
  allowOrigins: [],
  allowHosts: [],
};

/** A real server on a free port of loopback, for a directory with these files; closed after the test file. */
export async function testServer({
  options = {},
  plugins = PLUGINS,
  files = {},
  directory = testDirectory(files),
  patience,
}: {
  readonly options?: Partial<ServeOptions>;
  readonly plugins?: readonly ServerPlugin[];
  readonly files?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly patience?: Patience;
} = {}): Promise<TestServer> {
  const problems: string[] = [];
  const onProblem = (message: string): void => void problems.push(message);
  const use = openUseCases({ directory, variables: [], ports: testPorts(directory), onProblem });
  const parts = { plugins, onProblem, ...(patience === undefined ? {} : { patience }) };
  const server = await startServer({ ...LOOPBACK, ...options }, use, parts);
  const close = async (mode: 'graceful' | 'now'): Promise<void> => {
    await server.close(mode);
    await use.close();
  };
  made.push(() => close('now'));
  const log = path.join(directory, '.slipway', 'audit.log');
  return {
    ...server,
    close,
    directory,
    use,
    problems,
    audit: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as AuditLine)
        : [],
  };
}

/** Sends these bytes and resolves to all that comes until the server closes, or `waitMs` are over. */
export function exchange(port: number, bytes: string | Buffer, waitMs = 5_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, waitMs);
    socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
    socket.on('error', done);
    socket.on('close', done);
    socket.write(bytes);
  });
}

/** A request as somebody would type it; headers as they are, `Host` and `Connection: close` first unless given. */
export function request(
  port: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<{ readonly status: number; readonly head: string; readonly body: string }> {
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: 'close',
    ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return exchange(port, [`${line} HTTP/1.1`, ...head, '', body].join('\r\n')).then(parseAnswer);
}

export function parseAnswer(text: string): { status: number; head: string; body: string } {
  const at = text.indexOf('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
    head: at < 0 ? text : text.slice(0, at),
    body: at < 0 ? '' : text.slice(at + 4),
  };
}
