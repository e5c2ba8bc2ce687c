import path from 'node:path';
import type { ServeOptions } from './serve-options.ts';

/** All that a unit file of the server says of one. */
export interface ServiceDescription {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Working directory of the spec. */
  readonly directory: string;
  readonly options: ServeOptions;
  readonly variableFiles: readonly string[];
  /** How this program is started: Node and the script. */
  readonly program: readonly string[];
  readonly user: string;
  readonly group: string;
  readonly home: string;
}

/** Ports below are root's, or need a capability. */
const FREE_PORT = 1024;

/** `slipway-shop.service`; what a unit's name cannot hold becomes a dash. */
export function unitName(cluster: string): string {
  return `slipway-${cluster.replace(/[^\w.-]+/g, '-')}.service`;
}

/** File with secrets for the service, as `SLIPWAY_VAR_db_password=...`; not ours, and need not be there. */
export function environmentFile(cluster: string): string {
  return `/etc/slipway/${unitName(cluster).replace(/^slipway-|\.service$/g, '')}.env`;
}

/**
 * The text of the unit. The server runs as the owner of the spec's directory and can write there, and to known hosts, and nowhere
 * else.
 */
export function serviceUnit(service: ServiceDescription): string {
  const { cluster, directory, program, user, group, home, options } = service;
  const isRoot = user === 'root';
  const needsPort = options.port > 0 && options.port < FREE_PORT;
  const capabilities = needsPort ? 'CAP_NET_BIND_SERVICE' : '';
  const lines = [
    '# Written by `slipway serve --install`; `slipway serve --uninstall` in the directory below takes it off.',
    '[Unit]',
    `Description=slipway serve: cluster ${specifiers(cluster)}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=exec',
    `User=${user}`,
    `Group=${group}`,
    `WorkingDirectory=${specifiers(directory)}`,
    `EnvironmentFile=-${specifiers(environmentFile(cluster))}`,
    `ExecStart=${[...program, ...serveArguments(service)].map(word).join(' ')}`,
    // It reads a renewed certificate.
    'ExecReload=/bin/kill -HUP $MAINPID',
    'Restart=on-failure',
    // Systemd takes an end by it for a clean one; only a server that has hardly begun ends so.
    'RestartForceExitStatus=SIGHUP',
    'RestartSec=2s',
    '# A stop lets the current run finish what is in flight. What the local provider has started belongs to the cluster: it goes on.',
    'KillMode=process',
    'TimeoutStopSec=30min',
    'UMask=0077',
    '',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ProtectHome=read-only',
    `ReadWritePaths=${word(directory)} ${word(`-${path.join(home, '.ssh')}`)}`,
    // Below /tmp the directory itself would be hidden.
    ...(/^\/(var\/)?tmp\//.test(directory) ? [] : ['PrivateTmp=yes']),
    'PrivateDevices=yes',
    'ProtectControlGroups=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    // Root without capabilities could not read what others own.
    ...(isRoot ? [] : [`CapabilityBoundingSet=${capabilities}`, `AmbientCapabilities=${capabilities}`]),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return `${lines.join('\n')}\n`;
}

function serveArguments({ options, variableFiles }: ServiceDescription): readonly string[] {
  const { host, port, tokenFile, tls, insecure, allowOrigins, allowHosts } = options;
  return [
    'serve',
    `--listen=${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...(tokenFile === null ? [] : [`--token-file=${tokenFile}`]),
    ...(tls === null ? [] : [`--tls-cert=${tls.certFile}`, `--tls-key=${tls.keyFile}`]),
    ...(insecure ? ['--insecure'] : []),
    ...allowOrigins.map((origin) => `--allow-origin=${origin}`),
    ...allowHosts.map((host) => `--allow-host=${host}`),
    ...variableFiles.map((file) => `--var-file=${file}`),
  ];
}

/** A word of a command line or of a list of paths (systemd.syntax(7), systemd.service(5)). */
function word(text: string): string {
  const literal = specifiers(text).replaceAll('$', '$$$$');
  return /^[\w@%+=:,./[\]-]+$/.test(literal) ? literal : `"${literal.replace(/["\\]/g, '\\$&')}"`;
}

/** A percent sign begins a specifier. */
function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}
