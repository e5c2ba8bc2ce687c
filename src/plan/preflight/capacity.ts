import type { Disk, Facts } from '../../host/facts.ts';
import { formatBytes } from './amounts.ts';
import { findingsOn, type PreflightFinding } from './finding.ts';
import { newInstances, type HostLoad } from './host-load.ts';

/** Operating system, processors, memory and disk: what the instances of a host need of it together, and each by itself. */
export function checkCapacity(load: HostLoad): readonly PreflightFinding[] {
  const { facts } = load.observation;
  const { pass, fail } = findingsOn(load.host);
  const isNew = newInstances(load);
  const findings: PreflightFinding[] = [];
  const needs = { cores: 0, memory: 0, disk: 0 };
  let wrongOs = false;
  for (const { declaration, requires } of load.desired) {
    const { component } = declaration;
    needs.memory += requires.memoryBytes ?? 0;
    if (!load.inScope(component)) continue;
    if (isNew(declaration.address)) needs.disk += requires.diskBytes ?? 0;
    needs.cores = Math.max(needs.cores, requires.cpu ?? 0);
    if (requires.cpu !== null && facts.cores < requires.cpu) {
      const detail = `${component} needs ${requires.cpu} cores, the host has ${facts.cores}.`;
      findings.push(fail('cpu', 'Not enough processors', detail, 'Place it on a larger host.', component));
    }
    if (requires.os.length > 0 && !runsOn(facts, requires.os)) {
      wrongOs = true;
      const detail = `${component} runs on ${requires.os.join(', ')}; the host has ${facts.os.name}.`;
      findings.push(fail('os', 'Wrong operating system', detail, 'Place it on such a host.', component));
    }
  }
  if (!wrongOs) findings.push(pass('os', `${facts.os.name}, ${facts.arch}`));
  if (facts.cores >= needs.cores) findings.push(pass('cpu', wordHas(`${facts.cores} cores`, needs.cores)));
  if (needs.memory > facts.memoryBytes) {
    const detail = `${namesOf(load)} together need ${formatBytes(needs.memory)}, the host has ${formatBytes(facts.memoryBytes)}.`;
    findings.push(fail('memory', 'Not enough memory', detail, 'Move an instance to another host.'));
  } else {
    findings.push(pass('memory', wordHas(formatBytes(facts.memoryBytes), needs.memory, formatBytes)));
  }
  const dir = load.desired[0]?.dir ?? '/';
  const free = freeDiskBytes(facts, dir);
  if (needs.disk > 0 && needs.disk > free) {
    const detail = `New instances there need ${formatBytes(needs.disk)}, ${formatBytes(free)} are free.`;
    findings.push(fail('disk', 'Not enough free disk', detail, 'Free some, or place them elsewhere.'));
  } else if (load.desired.length > 0 && free < Number.MAX_SAFE_INTEGER) {
    findings.push(pass('disk', wordHas(`${formatBytes(free)} free for ${dir}`, needs.disk, formatBytes)));
  }
  return findings;
}

function wordHas(has: string, needed: number, word: (amount: number) => string = String): string {
  return needed === 0 ? has : `${has}, ${word(needed)} needed`;
}

/** Is the operating system, or one that it is like, among the wanted? */
export function runsOn(facts: Facts, wanted: readonly string[]): boolean {
  return wanted.some(
    (os) => facts.os.id === os || facts.os.like.includes(os) || `${facts.os.id}-${facts.os.version}` === os,
  );
}

function namesOf(load: HostLoad): string {
  return [...new Set(load.desired.map((instance) => instance.declaration.component))].join(', ');
}

/** The file system that holds a path: the one with the longest mount point that is its prefix. */
export function diskOf(facts: Facts, path: string): Disk | null {
  let best: Disk | null = null;
  for (const disk of facts.disks) {
    const covers = disk.mount === '/' || path === disk.mount || path.startsWith(`${disk.mount}/`);
    if (covers && (best === null || disk.mount.length > best.mount.length)) best = disk;
  }
  return best;
}

function freeDiskBytes(facts: Facts, path: string): number {
  return diskOf(facts, path)?.availableBytes ?? Number.MAX_SAFE_INTEGER;
}
