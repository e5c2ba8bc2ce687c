// The tiers of tests, what each needs of the machine, and how it is brought there where we may.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ command: string, debian: string }} Tool a command and the Debian package that brings it
 * @typedef {{ name: string, folder: string, needs: Tool[], wants: Tool[], root: boolean, namespaces: boolean, processes?: number }} Tier
 *   Without `needs` a tier cannot run; without `wants` it runs and some of its tests skip themselves.
 */

const tool = (command, debian = command) => ({ command, debian });
/** What is sent to hosts is POSIX sh: tested on each of these. */
const shells = [tool('dash'), tool('bash'), tool('busybox', 'busybox-static')];
const openssh = [
  tool('sshd', 'openssh-server'),
  tool('ssh', 'openssh-client'),
  tool('ssh-keygen', 'openssh-client'),
];

/** @type {Tier[]} in the order in which they run; a project of vitest.config.ts bears the same name */
export const tiers = [
  {
    name: 'unit',
    folder: 'test',
    needs: [],
    wants: [...shells, tool('openssl')],
    root: false,
    namespaces: false,
  },
  {
    name: 'e2e-local',
    folder: 'test/e2e/local',
    needs: openssh,
    wants: [...shells, tool('ps', 'procps'), tool('tmux'), tool('xz', 'xz-utils'), tool('chromium')],
    root: false,
    namespaces: false,
  },
  {
    name: 'e2e-lab',
    folder: 'test/e2e/lab',
    needs: [
      ...openssh,
      tool('debootstrap'),
      tool('dpkg-scanpackages', 'dpkg-dev'),
      tool('ip', 'iproute2'),
      tool('unshare', 'util-linux'),
      tool('nsenter', 'util-linux'),
      tool('mount'),
      tool('apt-get', 'apt'),
    ],
    wants: [tool('tmux'), tool('chromium')],
    root: true,
    // Each brings up a lab of its own, and most of the time waits for hosts.
    processes: 2,
    namespaces: true,
  },
];

const isRoot = process.getuid?.() === 0;

/** Why a tier cannot run here, one reason a line; empty where it can. */
export function obstacles(tier) {
  if (tier.root && (process.platform !== 'linux' || !isRoot)) return ['it needs root on Linux'];
  const reasons = missing(tier.needs).map(
    ({ command, debian }) => `${command} is missing (Debian: ${debian})`,
  );
  if (reasons.length > 0 || !tier.namespaces) return reasons;
  return namespaceObstacles();
}

/** What a tier would like and does not find: it runs, but tests skip themselves. */
export function gaps(tier) {
  return missing(tier.wants).map(({ command, debian }) => `${command} is missing (Debian: ${debian})`);
}

function missing(tools) {
  return tools.filter(({ command }) => !isOnPath(command));
}

function isOnPath(command) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].filter(
    (folder) => folder !== '',
  );
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A lab host is a set of namespaces over an overlay file system: containers often forbid one or the other. */
function namespaceObstacles() {
  const reasons = [];
  const run = (script) =>
    spawnSync('unshare', ['-mpnuC', '--fork', 'sh', '-ec', script], { encoding: 'utf8' });
  const plain = run('true');
  if (plain.status !== 0) return [`namespaces are not allowed here: ${firstLine(plain)}`];
  const overlay = run(`
    d=/tmp; mount -t tmpfs lab $d; mkdir $d/lower $d/upper $d/work $d/merged
    mount -t overlay lab -o lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work $d/merged`);
  if (overlay.status !== 0) reasons.push(`overlayfs cannot be mounted here: ${firstLine(overlay)}`);
  return reasons;
}

function firstLine({ stderr, error }) {
  return (stderr || error?.message || 'unknown reason').trim().split('\n')[0];
}

/**
 * Installs what these tiers miss: as root on Debian or Ubuntu only, and not where SLIPWAY_TEST_INSTALL=0.
 * Services that a package brings are not started. Failures are left to `obstacles` to report.
 */
export function installMissing(selected) {
  const tools = missing(selected.flatMap(({ needs, wants }) => [...needs, ...wants]));
  const packages = [...new Set(tools.map(({ debian }) => debian))];
  if (packages.length > 0 && mayInstall()) {
    console.log(`installing what the tests need: ${packages.join(' ')}`);
    withoutServiceStarts(() => {
      apt('update');
      apt('install', '--yes', '--no-install-recommends', ...packages);
    });
  }
  // Only a started service makes this one, and sshd as root does not run without it.
  if (isRoot && process.platform === 'linux' && isOnPath('sshd'))
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
}

function mayInstall() {
  if (process.platform !== 'linux' || !isRoot || process.env.SLIPWAY_TEST_INSTALL === '0') return false;
  return existsSync('/etc/debian_version') && isOnPath('apt-get');
}

function apt(...args) {
  const { status } = spawnSync(
    'apt-get',
    ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', ...args],
    {
      // dpkg writes much that is of no interest here; its errors go to stderr.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    },
  );
  if (status !== 0) console.error(`apt-get ${args[0]} ended with ${status}`);
}

/** Debian's own way to install a server without starting it: a policy that says no. One that is there already stays. */
function withoutServiceStarts(work) {
  const policy = '/usr/sbin/policy-rc.d';
  const text = '#!/bin/sh\n# Put here by a test run that installs packages; safe to remove.\nexit 101\n';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, text, { mode: 0o755 });
  try {
    work();
  } finally {
    if (ours && readFileSync(policy, 'utf8') === text) rmSync(policy);
  }
}
