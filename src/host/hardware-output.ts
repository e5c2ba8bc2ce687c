import type { Disk } from './facts.ts';
import type { BlockDevice, HardwareObservation, NetworkInterface } from './hardware.ts';

/** Kinds of file systems that hold nothing of anybody, or only in memory. */
const UNREAL: ReadonlySet<string> = new Set([
  'autofs',
  'cgroup',
  'cgroup2',
  'devtmpfs',
  'efivarfs',
  'fuse.lxcfs',
  'fuse.snapfuse',
  'nsfs',
  'proc',
  'ramfs',
  'squashfs',
  'sysfs',
  'tmpfs',
]);
/** Layers over another file system, as of containers: only the root is what somebody asked for. */
const LAYERED: ReadonlySet<string> = new Set(['overlay', 'aufs', 'overlayfs']);
const NO_MAC = '00:00:00:00:00:00';

/** Decodes what HARDWARE_SECTION printed; `mounted` is what the facts say. */
export function parseHardware(
  text: string,
  addresses: string,
  mounted: readonly Disk[],
): HardwareObservation {
  const disks: BlockDevice[] = [];
  const interfaces: NetworkInterface[] = [];
  const byInterface = parseAddresses(addresses);
  let swapBytes = 0;
  for (const line of text.split('\n')) {
    const [what, name = '', ...words] = line.split(' ');
    if (what === 'disk') {
      const [sectors, rotational, ...model] = words;
      const sizeBytes = Number(sectors) * 512;
      if (!(sizeBytes > 0)) continue;
      disks.push({
        name: name.replaceAll('!', '/'),
        sizeBytes,
        model: model.join(' ').trim(),
        rotational: rotational === '1' ? true : rotational === '0' ? false : null,
      });
    } else if (what === 'net') {
      const [mac = '-', state = 'unknown', speed] = words;
      interfaces.push({
        name,
        addresses: byInterface.get(name) ?? [],
        mac: mac === '-' || mac === NO_MAC ? '' : mac,
        state: state === 'unknown' && name === 'lo' ? 'up' : state,
        speedMbit: Number(speed) > 0 ? Number(speed) : null,
      });
    } else if (what === 'swap') swapBytes = Number.parseInt(name, 10) * 1024 || 0;
  }
  return { disks, fileSystems: realFileSystems(mounted), interfaces, swapBytes };
}

/** `ip -o addr`: number, name, family, address; what follows does not matter. */
function parseAddresses(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, name, address] = /^\d+:\s+(\S+?)(?:@\S+)?:?\s+inet6?\s+(\S+)/.exec(line) ?? [];
    if (name === undefined || address === undefined) continue;
    const list = found.get(name);
    if (list === undefined) found.set(name, [address]);
    else list.push(address);
  }
  return found;
}

/** Of a device that is mounted at several places, the shortest one counts. */
function realFileSystems(mounted: readonly Disk[]): readonly Disk[] {
  const byDevice = new Map<string, Disk>();
  for (const each of mounted) {
    const { device, mount, type } = each;
    if (UNREAL.has(type) || (LAYERED.has(type) && mount !== '/')) continue;
    const key = device.startsWith('/') ? device : `${device} ${mount}`;
    const known = byDevice.get(key);
    if (known === undefined || known.mount.length > mount.length) byDevice.set(key, each);
  }
  return [...byDevice.values()].sort((a, b) => (a.mount < b.mount ? -1 : a.mount > b.mount ? 1 : 0));
}
