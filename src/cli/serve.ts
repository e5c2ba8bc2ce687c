import path from 'node:path';
import type { RunningServer, ServeOptions } from '../app/serve/serve-options.ts';
import { sanitize } from '../terminal/sanitize.ts';
import { VARIABLE_OPTIONS, type Command, type CommandContext, type Terminal } from './command.ts';
import type { Parsed } from './options.ts';
import { variableArguments } from './plan-request.ts';
import { positionals } from './positionals.ts';
import { UsageError } from './usage-error.ts';

const LISTEN = '127.0.0.1:50000';

export const serve: Command = {
  name: 'serve',
  summary: 'the cluster over HTTP: an API with live runs and logs',
  usage: '[options]',
  options: {
    listen: { type: 'string', value: 'ADDRESS:PORT', help: `where to listen (${LISTEN})` },
    'token-file': {
      type: 'string',
      value: 'FILE',
      help: 'who may: lines TOKEN ROLE NAME; a role is read or operate',
    },
    'tls-cert': { type: 'string', value: 'FILE', help: 'certificate, with its chain (PEM)' },
    'tls-key': { type: 'string', value: 'FILE', help: 'its key (PEM)' },
    insecure: { type: 'boolean', help: 'no TLS on another address than loopback; tokens stay needed' },
    'allow-origin': {
      type: 'string',
      multiple: true,
      value: 'ORIGIN',
      help: 'pages of it may ask too: https://ops.example.com',
    },
    'allow-host': {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'a name by which clients call this server',
    },
    install: { type: 'boolean', help: 'as a systemd service of this machine, with these options' },
    uninstall: { type: 'boolean', help: 'take that service off' },
    ...VARIABLE_OPTIONS,
  },
  details: [
    'Without --token-file only connections of your own user and of root on this machine are served. Another address than',
    'loopback needs --token-file and TLS. Ctrl-C (SIGTERM) lets a run finish what is in flight; a second one stops it at once.',
  ].join('\n'),
  async run(context) {
    const { args } = context;
    positionals(args, serve, { max: 0 });
    if (args.flag('install') && args.flag('uninstall'))
      throw new UsageError('--install or --uninstall: one of them.');
    const options = serveOptions(args);
    if (args.flag('install') || args.flag('uninstall')) return changeService(options, context);
    return serveUntilStopped(options, context);
  },
};

async function serveUntilStopped(options: ServeOptions, context: CommandContext): Promise<number> {
  const { directory, terminal, args } = context;
  const { stdout, stderr } = terminal;
  const [ports, startServing] = await Promise.all([context.ports(), context.server()]);
  const interrupts = context.interrupts();
  try {
    const starting = startServing(options, {
      directory,
      variables: variableArguments(args),
      ports,
      onProblem: (message) => stderr.write(`${message}\n`),
    });
    interrupts.onReload(() => {
      void starting.then((server) => renewCertificate(server, terminal)).catch(() => undefined);
    });
    const server = await starting;
    stdout.write(welcome(server, options, directory));
    await ended(interrupts.stopping);
    stdout.write('Stopping: a run finishes what is in flight.\n');
    const graceful = server.close('graceful');
    const severe = ended(interrupts.abort).then(() => server.close('now'));
    await Promise.race([graceful, severe]);
    return 0;
  } finally {
    interrupts.dispose();
  }
}

/** Tokens and the audit log need nobody to ask: the files are looked at as they are. */
async function renewCertificate(server: RunningServer, { stdout, stderr }: Terminal): Promise<void> {
  try {
    const until = await server.renewCertificate();
    stdout.write(
      until === null
        ? 'There is no certificate to read anew.\n'
        : `The certificate was read anew. It is good until ${until.toISOString().slice(0, 10)}.\n`,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    stderr.write(`${sanitize(why)}. The one from before stays in use.\n`);
  }
}

function welcome({ url, interrupted }: RunningServer, options: ServeOptions, directory: string): string {
  const who =
    options.tokenFile === null
      ? 'your own user and root, on this machine'
      : `who has a token of ${options.tokenFile}`;
  const lines = [`Serving ${directory} at ${url}`, `to ${who}. Ctrl-C ends it.`];
  if (interrupted !== null) {
    const { run, unfinished } = interrupted;
    const left = unfinished.length === 0 ? '' : ` in the middle of ${unfinished.join(', ')}`;
    lines.push(`Run ${run} was killed${left}. The next apply takes it up again.`);
  }
  return `${lines.map((line) => sanitize(line)).join('\n')}\n`;
}

async function changeService(options: ServeOptions, context: CommandContext): Promise<number> {
  const { directory, terminal, args } = context;
  const { installService, uninstallService } = await import('../app/serve/install-service.ts');
  if (args.flag('uninstall')) {
    const unit = await uninstallService(directory);
    terminal.stdout.write(`${unit} is stopped, disabled and removed.\n`);
    return 0;
  }
  const { parser } = await context.offline();
  const { unit, name, user } = await installService(
    { directory, options, variables: variableArguments(args) },
    parser,
  );
  terminal.stdout.write(
    `${unit} is enabled and runs as ${user}.\n\`systemctl status ${name}\` and \`journalctl -u ${name}\` tell of it; \`slipway serve --uninstall\` takes it off.\n`,
  );
  return 0;
}

function serveOptions(args: Parsed): ServeOptions {
  const [cert, key] = [args.text('tls-cert'), args.text('tls-key')];
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--tls-cert and --tls-key belong together.');
  const tokenFile = args.text('token-file');
  return {
    ...listenAddress(args.text('listen') ?? LISTEN),
    tokenFile: tokenFile === undefined ? null : path.resolve(tokenFile),
    tls:
      cert === undefined || key === undefined
        ? null
        : { certFile: path.resolve(cert), keyFile: path.resolve(key) },
    insecure: args.flag('insecure'),
    allowOrigins: args.list('allow-origin').map(originOf),
    allowHosts: args.list('allow-host').map(hostOf),
  };
}

function listenAddress(text: string): Pick<ServeOptions, 'host' | 'port'> {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new UsageError(`--listen takes ADDRESS:PORT, as in ${LISTEN} or [::1]:50000, not "${text}".`);
  const host = match[1] ?? match[2] ?? '';
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '').toLowerCase())
    throw new UsageError(`--allow-origin takes an origin, as in https://ops.example.com, not "${text}".`);
  return url.origin;
}

function hostOf(text: string): string {
  if (!/^[a-z0-9._-]+$|^[0-9a-f:]+$/i.test(text))
    throw new UsageError(`--allow-host takes a name without port, as in ops.example.com, not "${text}".`);
  return text;
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
