import type { Disk, Facts } from './facts.ts';

/** File systems that hold nothing of anybody. */
const PSEUDO: ReadonlySet<string> = new Set(['devtmpfs', 'squashfs', 'efivarfs', 'proc', 'sysfs', 'cgroup2']);

/** Decodes what FACTS_SECTION printed. */
export function parseFacts(text: string, disks: string, clockSeconds: number): Facts {
  const values = new Map<string, string>();
  const os = new Map<string, string>();
  const memory = new Map<string, number>();
  const status = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, rest] = cut(line, ' ');
    if (name === 'os') {
      const [key, value] = cut(rest, '=');
      os.set(key, unquote(value));
    } else if (name === 'memory') {
      const [key, value] = cut(rest, ' ');
      memory.set(key, Number.parseInt(value, 10) * 1024);
    } else if (name === 'status') {
      const [key, value] = cut(rest, ' ');
      status.set(key, value);
    } else if (name !== '') values.set(name, rest);
  }
  const value = (name: string): string => values.get(name) ?? '';
  const total = memory.get('MemTotal:') ?? 0;
  return {
    hostname: value('hostname'),
    os: {
      id: os.get('ID') ?? '',
      version: os.get('VERSION_ID') ?? '',
      name: os.get('PRETTY_NAME') ?? '',
      like: (os.get('ID_LIKE') ?? '').split(' ').filter((word) => word !== ''),
    },
    arch: value('arch'),
    kernel: value('kernel'),
    cores: countCpus(status.get('Cpus_allowed_list:') ?? ''),
    cpuModel: value('cpu').trim(),
    memoryBytes: total,
    memoryAvailableBytes: memory.get('MemAvailable:') ?? total,
    disks: parseDisks(disks),
    init: value('init') === 'systemd' ? 'systemd' : value('init') === 'monit' ? 'monit' : 'none',
    packageManager: value('packages') === 'apt' ? 'apt' : 'none',
    virtualization: virtualization(value('container'), value('vendor'), value('product')),
    bootId: value('boot'),
    uptimeSeconds: Number.parseFloat(value('uptime')) || 0,
    clockSeconds,
    uid: Number.parseInt((status.get('Uid:') ?? '').split(/\s+/)[1] ?? '-1', 10),
    home: value('home'),
  };
}

function cut(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function unquote(value: string): string {
  const inner = /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
  return inner.replace(/\\(.)/g, '$1');
}

/** `0-3,8` names five. */
function countCpus(list: string): number {
  let count = 0;
  for (const range of list.split(',')) {
    const [from, to] = range.split('-');
    if (from === undefined || from === '') continue;
    count += Number(to ?? from) - Number(from) + 1;
  }
  return Math.max(1, count);
}

/** Lines of `df -kP`, with or without a column for the type. Two lines for one mount: the later hides the earlier. */
function parseDisks(text: string): readonly Disk[] {
  const disks = new Map<string, Disk>();
  const pattern = /^(.+?)\s+(?:([A-Za-z][\w.-]*)\s+)?(\d+)\s+(\d+)\s+(-?\d+)\s+\d+%\s+(\/.*)$/;
  for (const line of text.split('\n')) {
    const match = pattern.exec(line);
    if (match === null) continue;
    const [, device = '', type = '', size = '0', used = '0', available = '0', mount = ''] = match;
    if (size === '0' || PSEUDO.has(type)) continue;
    disks.set(mount, {
      mount,
      device,
      type,
      sizeBytes: Number(size) * 1024,
      usedBytes: Number(used) * 1024,
      availableBytes: Math.max(0, Number(available) * 1024),
    });
  }
  return [...disks.values()];
}

function virtualization(container: string, vendor: string, product: string): string {
  if (container !== '') return container;
  const machine = `${vendor} ${product}`.toLowerCase();
  const known: readonly (readonly [string, string])[] = [
    ['qemu', 'kvm'],
    ['kvm', 'kvm'],
    ['vmware', 'vmware'],
    ['virtualbox', 'virtualbox'],
    ['innotek', 'virtualbox'],
    ['xen', 'xen'],
    ['hyper-v', 'hyper-v'],
    ['microsoft corporation virtual', 'hyper-v'],
    ['amazon ec2', 'amazon'],
    ['google compute', 'google'],
  ];
  return known.find(([text]) => machine.includes(text))?.[1] ?? '';
}
