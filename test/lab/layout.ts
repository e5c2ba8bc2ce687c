import { constants } from 'node:fs';
import { access, mkdir, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** What of labs concerns the whole machine: who uses which network, what to put back. Gone after a reboot, as the labs are. */
export const machineDirectory = '/run/slipway-lab';

/** Where base, mirror, keys and the disks of hosts lie. Readable by all; the private key in it only by root. */
export function labDirectory(): string {
  return process.env.SLIPWAY_LAB_DIR ?? path.join(os.tmpdir(), 'slipway-lab');
}

/** One lab's network, 10.10.NUMBER.0/24, and the names that follow from it. */
export interface LabNetwork {
  readonly number: number;
  readonly prefix: string;
  /** The same hosts over IPv6: `prefix6` and the host's number, /64. */
  readonly prefix6: string;
  /** The controller's address on the bridge; serves the package mirror. */
  readonly gateway: string;
  readonly bridge: string;
  /** Directory of everything this lab keeps while it is up. */
  readonly directory: string;
}

const FIRST_NETWORK = 102;
const LAST_NETWORK = 109;

export function labNetwork(
  number: number,
  directory = path.join(labDirectory(), String(number)),
): LabNetwork {
  const prefix = `10.10.${number}`;
  return {
    number,
    prefix,
    prefix6: `fd53:6c69:7000:${number}::`,
    gateway: `${prefix}.1`,
    bridge: `slip${number - FIRST_NETWORK}`,
    directory,
  };
}

/** All networks a lab may take, in order of preference; one alone when SLIPWAY_LAB_NETWORK names its number. */
export function labNetworks(): LabNetwork[] {
  const wanted = process.env.SLIPWAY_LAB_NETWORK;
  if (wanted !== undefined) return [labNetwork(Number(wanted))];
  return Array.from({ length: LAST_NETWORK - FIRST_NETWORK + 1 }, (_, n) => labNetwork(FIRST_NETWORK + n));
}

/** Why no lab can run on this machine, or undefined when one can. */
export async function labObstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `a lab needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'a lab needs root';
  const missing: string[] = [];
  for (const program of [
    'debootstrap',
    'dpkg-scanpackages',
    'unshare',
    'nsenter',
    'ip',
    'ssh-keygen',
    'apt-get',
  ]) {
    if (!(await onPath(program))) missing.push(program);
  }
  if (missing.length > 0) return `a lab needs the programs ${missing.join(', ')}`;
  if (!(await readFile('/proc/filesystems', 'utf8')).includes('overlay'))
    return 'the kernel has no overlayfs';
  return undefined;
}

async function onPath(program: string): Promise<boolean> {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  for (const directory of directories) {
    const found = await access(path.join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** Makes the lab's directory; refuses one that another user has put there. */
export async function makeLabDirectory(): Promise<string> {
  const directory = labDirectory();
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const { uid } = await stat(directory);
  if (uid !== process.getuid?.()) throw new Error(`${directory} belongs to another user`);
  return directory;
}
