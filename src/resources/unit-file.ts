import type { DesiredService } from './resource.ts';
import { unitCommandLine } from './command-line.ts';

/** Where units that slipway writes lie. */
export const UNIT_FOLDER = '/etc/systemd/system';
export const WANTS_FOLDER = `${UNIT_FOLDER}/multi-user.target.wants`;

/** `nats` is `nats.service`; a name that carries one of systemd's suffixes stays. */
export function unitName(name: string): string {
  return /\.(service|socket|timer|path|target|mount|automount|swap|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}

const HEADER = '# managed by slipway: changes made here are overwritten';

/** Was a unit file written by slipway? */
export function isManagedUnit(text: string): boolean {
  return text.startsWith(HEADER);
}

/**
 * The text of the unit of a service with a command. A crashing program is started again every second for ever (no start
 * limit), so that one whose address or peer comes up late at boot needs no hands.
 */
export function renderUnit(service: DesiredService): string {
  if (service.command === null) throw new Error(`${service.address} has no command`);
  const lines = [
    HEADER,
    '[Unit]',
    `Description=${escapeSpecifiers(service.name)}`,
    'After=network-online.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${unitCommandLine(service.command)}`,
  ];
  if (service.user !== null) lines.push(`User=${escapeSpecifiers(service.user)}`);
  if (service.group !== null) lines.push(`Group=${escapeSpecifiers(service.group)}`);
  if (service.workingDirectory !== null)
    lines.push(`WorkingDirectory=${escapeSpecifiers(service.workingDirectory)}`);
  for (const name of Object.keys(service.environment).sort())
    lines.push(`Environment=${quoteAssignment(`${name}=${service.environment[name] ?? ''}`)}`);
  lines.push(
    'Restart=on-failure',
    'RestartSec=1',
    `TimeoutStopSec=${service.stopTimeoutSeconds}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  );
  return lines.join('\n') + '\n';
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** In double quotes, with C escapes; `$` means nothing in `Environment=`. */
function quoteAssignment(text: string): string {
  const escaped = text
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escapeSpecifiers(escaped)}"`;
}
