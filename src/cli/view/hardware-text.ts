import type { HardwareReport, HostHardware, Machine } from '../../app/operate/hardware.ts';
import { count, wordAge, wordBytes, wordPercent } from '../../terminal/amounts.ts';
import { textTable, type TextColumn } from '../../terminal/columns.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { fit, wrapFacts } from '../../terminal/width.ts';
import { reasonLines, type Reason } from './reason-lines.ts';

export interface HardwareTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** All of each host, not a line. */
  readonly verbose: boolean;
}

type Fit = HostHardware['fits'][number];

/** What hosts consist of, for people; ends with a newline. */
export function renderHardware({ hosts }: HardwareReport, options: HardwareTextOptions): string {
  const body = options.verbose
    ? hosts.flatMap((host, i) => [...(i === 0 ? [] : ['']), ...block(host, options)])
    : table(hosts, options);
  return `${[...body, '', summary(hosts, options)].join('\n')}\n`;
}

function table(hosts: readonly HostHardware[], options: HardwareTextOptions): readonly string[] {
  const reasons = hosts.flatMap(({ address, problem, fits }): Reason[] => [
    ...(problem === null ? [] : [{ of: address, tone: 'bad' as const, text: problem }]),
    ...fits
      .filter(({ short }) => short !== null)
      .map((each) => ({ of: address, tone: 'warn' as const, text: wordFit(each) })),
  ]);
  return [
    ...textTable(hosts, COLUMNS, options),
    ...(reasons.length === 0 ? [] : ['', ...reasonLines(reasons, options)]),
  ];
}

const COLUMNS: readonly TextColumn<HostHardware>[] = [
  {
    title: 'HOST',
    align: 'left',
    rank: 0,
    cell: (host) => `${lookOf(host).icon} ${host.address}`,
    tone: (host) => lookOf(host).tone,
  },
  { title: 'NAME', align: 'left', rank: 6, cell: ({ name }) => name ?? '' },
  ofMachine('CORES', 'right', 1, ({ cores }) => String(cores)),
  ofMachine('MEMORY', 'right', 1, ({ memoryBytes }) => wordBytes(memoryBytes)),
  ofMachine('USED', 'right', 3, (machine) =>
    wordPercent(shareOf(machine.memoryBytes - machine.memoryAvailableBytes, machine.memoryBytes)),
  ),
  ofMachine('DISK', 'right', 1, ({ fileSystems }) => wordBytes(sizeOf(fileSystems))),
  ofMachine('USED', 'right', 3, ({ fileSystems }) => wordPercent(diskUsed(fileSystems))),
  ofMachine('OS', 'left', 2, ({ os }) => `${os.id} ${os.version}`.trim()),
  ofMachine('KERNEL', 'left', 7, ({ kernel }) => kernel),
  ofMachine('ARCH', 'left', 9, ({ arch }) => arch),
  ofMachine('VIRT', 'left', 8, ({ virtualization }) => virtualization),
  ofMachine('UP', 'right', 4, ({ uptimeSeconds }) => wordAge(uptimeSeconds * 1000)),
  ofMachine('CLOCK', 'right', 5, ({ clock }) => (clock === null ? '' : wordOffset(clock.offsetMs))),
  ofMachine('PROCESSOR', 'left', 10, ({ cpuModel }) => cpuModel),
  {
    title: 'FITS',
    align: 'left',
    rank: 1,
    cell: (host) => lookOf(host).word,
    tone: (host) => lookOf(host).tone,
  },
];

function ofMachine(
  title: string,
  align: 'left' | 'right',
  rank: number,
  cell: (machine: Machine) => string,
): TextColumn<HostHardware> {
  return { title, align, rank, cell: ({ machine }) => (machine === null ? '' : sanitize(cell(machine))) };
}

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly tone: Tone;
}

function lookOf({ problem, fits }: HostHardware): Look {
  if (problem !== null) return { icon: '?', word: 'no answer', tone: 'bad' };
  const short = fits.filter((each) => each.short !== null).map(({ what }) => what);
  if (short.length > 0)
    return { icon: '▲', word: `short of ${[...new Set(short)].join(', ')}`, tone: 'warn' };
  return { icon: '✔', word: fits.length === 0 ? 'nothing asked' : 'fits', tone: 'plain' };
}

/** Everything that is known of a host. */
function block(host: HostHardware, { color, width }: HardwareTextOptions): readonly string[] {
  const { address, name, problem, machine, fits } = host;
  const { icon, tone } = lookOf(host);
  const title = `${paint(`${icon} ${address}`, tone === 'plain' ? 'strong' : tone, color)}${name === null ? '' : ` (${name})`}`;
  if (machine === null) {
    const said = { of: address, tone: 'bad', text: problem ?? '' } as const;
    return reasonLines([said], { color, width });
  }
  const fact = (label: string, values: readonly string[]): readonly string[] =>
    values.map((value, i) => {
      const column = paint(fit(i === 0 ? label : '', LABEL_COLUMNS), 'faint', color);
      return `  ${column}${value}`;
    });
  const wrapped = (label: string, values: readonly string[]): readonly string[] =>
    fact(
      label,
      wrapFacts(
        values.map((value) => sanitize(value)),
        width - LABEL_COLUMNS - 2,
      ),
    );
  const { os, arch, kernel, init, packageManager, virtualization, cores, cpuModel, clock } = machine;
  const swap = machine.swapBytes === 0 ? 'no swap' : `${wordBytes(machine.swapBytes)} of swap`;
  return [
    title,
    ...wrapped('system', [
      os.name,
      arch,
      `kernel ${kernel}`,
      ...(init === 'none' ? ['no init system'] : [init]),
      ...(packageManager === 'none' ? ['no package manager that slipway knows'] : [packageManager]),
      ...(virtualization === '' ? [] : [virtualization]),
    ]),
    ...wrapped('up', [wordAge(machine.uptimeSeconds * 1000)]),
    ...wrapped('clock', clock === null ? ['not told'] : [wordClockOffset(clock)]),
    ...wrapped('cpu', [count(cores, 'core'), ...(cpuModel === '' ? [] : [cpuModel])]),
    ...wrapped('memory', [
      wordBytes(machine.memoryBytes),
      `${wordBytes(machine.memoryAvailableBytes)} available`,
      swap,
    ]),
    ...fact('disks', rowsOf(machine.disks.map(diskCells))),
    ...fact('files', rowsOf(machine.fileSystems.map(fileSystemCells))),
    ...machine.interfaces
      .filter(isReal)
      .flatMap((card, i) => [
        ...fact(i === 0 ? 'network' : '', [interfaceLine(card)]),
        ...wrapped('', card.addresses),
      ]),
    ...fits.flatMap((each, i) =>
      fact(i === 0 ? 'requires' : '', [paint(wordFit(each), each.short === null ? 'plain' : 'warn', color)]),
    ),
  ];
}

const LABEL_COLUMNS = 10;

/** Cells below each other, each column as wide as its widest. */
function rowsOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => sanitize(cell).padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function diskCells({ name, sizeBytes, rotational, model }: Machine['disks'][number]): readonly string[] {
  return [
    name,
    wordBytes(sizeBytes),
    rotational === null ? '' : rotational ? 'rotating' : 'solid state',
    model,
  ];
}

function fileSystemCells(system: Machine['fileSystems'][number]): readonly string[] {
  const { mount, device, type, sizeBytes, usedBytes, availableBytes } = system;
  const share = wordPercent(diskUsed([system]));
  return [
    mount,
    wordBytes(sizeBytes),
    `${wordBytes(usedBytes)} used (${share})`,
    `${wordBytes(availableBytes)} free`,
    type,
    device,
  ];
}

/** The loopback says nothing of a machine. */
function isReal({ name }: Machine['interfaces'][number]): boolean {
  return name !== 'lo';
}

function interfaceLine({ name, state, speedMbit, mac }: Machine['interfaces'][number]): string {
  const facts = [state, ...(speedMbit === null ? [] : [`${speedMbit} Mbit/s`]), ...(mac === '' ? [] : [mac])];
  return sanitize(`${name} ${facts.join(', ')}`);
}

/** `memory: web, db need 5 GiB, has 2 GiB: falls short by 3 GiB` */
function wordFit({ what, components, needs, has, short }: Fit): string {
  const verb = components.length === 1 ? 'needs' : 'need';
  const verdict = short === null ? 'fits' : short === '' ? 'does not fit' : `falls short by ${short}`;
  return `${what}: ${components.join(', ')} ${verb} ${needs}, has ${has}: ${verdict}`;
}

function wordOffset(offsetMs: number): string {
  const sign = offsetMs < 0 ? '-' : '+';
  const size = Math.abs(offsetMs);
  return size < 10_000 ? `${sign}${size} ms` : `${sign}${wordAge(size)}`;
}

function wordClockOffset({ offsetMs, roundTripMs }: NonNullable<Machine['clock']>): string {
  const where =
    offsetMs === 0
      ? 'as here'
      : `${wordOffset(Math.abs(offsetMs)).slice(1)} ${offsetMs < 0 ? 'behind' : 'ahead of'} the clock here`;
  return `${where} (±${Math.max(1, Math.ceil(roundTripMs / 2))} ms)`;
}

function sizeOf(fileSystems: Machine['fileSystems']): number {
  return fileSystems.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** As `df` counts: of what can be used at all. */
function diskUsed(fileSystems: Machine['fileSystems']): number | null {
  const used = fileSystems.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  const free = fileSystems.reduce((sum, { availableBytes }) => sum + availableBytes, 0);
  return shareOf(used, used + free);
}

function shareOf(part: number, whole: number): number | null {
  return whole <= 0 ? null : (part / whole) * 100;
}

function summary(hosts: readonly HostHardware[], { color }: HardwareTextOptions): string {
  const silent = hosts.filter(({ problem }) => problem !== null).length;
  const short = hosts.filter(({ fits }) => fits.some((each) => each.short !== null)).length;
  const parts = [
    ...(silent === 0 ? [] : [paint(`${silent} did not answer`, 'bad', color)]),
    ...(short === 0 ? [] : [paint(`${count(short, 'host')} short of what is required there`, 'warn', color)]),
  ];
  const fine = hosts.length === 1 ? 'fits what is required there' : 'all fit what is required there';
  const rest = silent === 0 && short === 0 ? fine : parts.join(', ');
  return `${count(hosts.length, 'host')}: ${rest}.`;
}
