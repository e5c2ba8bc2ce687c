import { serviceInit, type Facts } from '../../host/facts.ts';
import type { HostLayout } from '../../host/layout.ts';
import type { ProbeRequest } from '../../host/observation.ts';
import { probeKey } from '../../host/observation.ts';
import { kindOf } from '../../resources/kinds.ts';
import { formatBytes } from './amounts.ts';
import { diskOf } from './capacity.ts';
import { findingsOn, type PreflightFinding } from './finding.ts';
import { newInstances, type HostLoad } from './host-load.ts';

/** TLS, tokens and logs of several machines begin to contradict each other. */
const CLOCK_WARN_MS = 2_000;
/** Nobody set this clock. */
const CLOCK_FAIL_MS = 60_000;

/** How far a host's clock is ahead of the controller's (negative: behind), known to half of a round trip. */
export function checkClock(host: string, offsetMs: number, roundTripMs: number): PreflightFinding {
  const { pass, warn, fail } = findingsOn(host);
  const apart = Math.abs(offsetMs);
  const seconds = apart < 10_000 ? (apart / 1000).toFixed(2) : String(Math.round(apart / 1000));
  const where = `${seconds} s ${offsetMs < 0 ? 'behind' : 'ahead of'} the clock here`;
  if (apart <= roundTripMs / 2) return pass('clock', 'agrees with the clock here');
  if (apart <= CLOCK_WARN_MS) return pass('clock', where);
  const detail = `The host's clock is ${where}.`;
  const remedy =
    'Run a time service there (chrony, systemd-timesyncd), and see that the clock here is right.';
  return apart > CLOCK_FAIL_MS
    ? fail('clock', 'Clock is wrong', detail, remedy)
    : warn('clock', 'Clock is off', detail, remedy);
}

/** Exit code 3: there is nothing to ask with. */
export const HOSTNAME_REQUEST: Extract<ProbeRequest, { probe: 'command' }> = {
  probe: 'command',
  key: 'preflight hostname',
  program: `command -v getent >/dev/null || exit 3
read -r name </proc/sys/kernel/hostname
exec getent hosts "$name"`,
  timeoutSeconds: 5,
};

/** Whether a host knows an address for its own name: sudo, mail and clusters of Erlang or Java stumble where it does not. */
export function checkHostname({ host, observation }: HostLoad): readonly PreflightFinding[] {
  const answer = observation.answers.get(probeKey(HOSTNAME_REQUEST));
  if (answer?.probe !== 'command' || answer.code === 3) return [];
  const { pass, warn } = findingsOn(host);
  const { hostname } = observation.facts;
  if (answer.code === 0) return [pass('hostname', `${hostname} is ${answer.output.split(/\s/)[0] ?? ''}`)];
  const detail =
    answer.code === 124
      ? `Its resolver did not say within 5 s what ${hostname} is.`
      : `It has no address for its own name, ${hostname}.`;
  return [
    warn('hostname', 'Host does not know itself', detail, `Add "127.0.1.1 ${hostname}" to its /etc/hosts.`),
  ];
}

/** Who will start services there. */
export function checkInit(load: HostLoad): readonly PreflightFinding[] {
  const { pass, warn } = findingsOn(load.host);
  const { facts } = load.observation;
  const init = serviceInit(facts);
  if (init !== 'none') return [pass('init', init)];
  const wanting = load.desired.filter(({ resources }) => resources.some(({ kind }) => kind === 'service'));
  if (wanting.length === 0) return [pass('init', 'none, which nothing there needs')];
  const why =
    facts.init === 'none'
      ? 'It has neither systemd nor monit'
      : `Only root can give orders to its ${facts.init}`;
  const detail = `${why}: slipway keeps services running there by itself, and nothing starts them after a reboot.`;
  return [warn('init', 'Services do not start at boot', detail, 'After a reboot, run slipway apply.')];
}

/** Below this, records, logs of runs and uploads of a few files do not fit. */
const STATE_FAIL_BYTES = 16 * 1024 * 1024;
const STATE_WARN_BYTES = 256 * 1024 * 1024;
/** Scripts with their secrets. */
const SECRETS_FAIL_BYTES = 1024 * 1024;
const SECRETS_WARN_BYTES = 16 * 1024 * 1024;

/** Room for what slipway itself puts there: records, runs and uploads, and scripts on tmpfs. */
export function checkSpace(load: HostLoad, layout: HostLayout): readonly PreflightFinding[] {
  const { facts } = load.observation;
  const stateDir = absolute(layout.stateDir, facts);
  const secretsDir = absolute(layout.secretsDir, facts);
  const state = diskOf(facts, stateDir);
  const secrets = diskOf(facts, secretsDir);
  const uploads = uploadBytes(load);
  return [
    ...(state === null
      ? []
      : [
          judgeSpace(load.host, stateDir, state.availableBytes, {
            least: STATE_FAIL_BYTES + uploads,
            comfortable: STATE_WARN_BYTES + uploads,
            what: uploads === 0 ? 'records and runs' : `records, runs and uploads of ${formatBytes(uploads)}`,
          }),
        ]),
    ...(secrets === null || secrets.mount === state?.mount
      ? []
      : [
          judgeSpace(load.host, secretsDir, secrets.availableBytes, {
            least: SECRETS_FAIL_BYTES,
            comfortable: SECRETS_WARN_BYTES,
            what: 'scripts of runs',
          }),
        ]),
  ];
}

function judgeSpace(
  host: string,
  directory: string,
  free: number,
  { least, comfortable, what }: { least: number; comfortable: number; what: string },
): PreflightFinding {
  const { pass, warn, fail } = findingsOn(host);
  if (free >= comfortable) return pass('space', `${formatBytes(free)} free for ${directory}`);
  const words = `slipway keeps ${what} in ${directory}, where ${formatBytes(free)} are free`;
  const remedy = 'Free some, or enlarge that file system.';
  return free < least
    ? fail('space', `No room in ${directory}`, `${words}; ${formatBytes(least)} are needed.`, remedy)
    : warn('space', `Little room in ${directory}`, `${words}.`, remedy);
}

/** What new instances bring along and the host has not got yet. */
function uploadBytes(load: HostLoad): number {
  const isNew = newInstances(load);
  const blobs = new Map<string, number>();
  for (const { declaration, resources } of load.desired) {
    if (!isNew(declaration.address)) continue;
    for (const resource of resources)
      for (const { digest, sizeBytes } of kindOf(resource).blobs(resource))
        if (!load.observation.blobs.has(digest)) blobs.set(digest, sizeBytes);
  }
  return [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function absolute(directory: string, { home }: Facts): string {
  return directory.startsWith('~/') ? `${home}${directory.slice(1)}` : directory;
}
