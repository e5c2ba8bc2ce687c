import type { Facts } from '../../host/facts.ts';
import type { RequirementsState } from '../../state/model.ts';
import { formatBytes } from './amounts.ts';
import { diskOf, runsOn } from './capacity.ts';

/** What an instance on a host asks for. */
export interface Need {
  readonly component: string;
  /** Where its things lie. */
  readonly dir: string;
  readonly requires: RequirementsState;
}

/** One thing that is asked of a host, compared with what it has. */
export interface Fit {
  readonly what: 'cpu' | 'memory' | 'disk' | 'os';
  readonly components: readonly string[];
  /** `3 GiB`, `2 cores`, `debian, ubuntu` */
  readonly needs: string;
  readonly has: string;
  /** By how much it falls short: `1 GiB`; null: it fits. Of an operating system '': it is another one. */
  readonly short: string | null;
}

/**
 * Compares a host with what its instances ask for, whether they are there or shall come. Memory and disk are summed, and
 * compared with all that the host has of it: what is used may be used by these very instances. Processors are shared: the
 * largest demand counts.
 */
export function fitOf(facts: Facts, needs: readonly Need[]): readonly Fit[] {
  const fits: Fit[] = [];
  const asking = (read: (requires: RequirementsState) => number | null) =>
    needs.flatMap(({ component, requires, dir }) => {
      const amount = read(requires);
      return amount === null ? [] : [{ component, amount, dir }];
    });
  const compare = (
    what: Fit['what'],
    demands: readonly { readonly component: string }[],
    [wanted, there]: readonly [number, number],
    word: (amount: number) => string,
  ): void => {
    fits.push({
      what,
      components: namesOf(demands),
      needs: word(wanted),
      has: word(there),
      short: wanted > there ? word(wanted - there) : null,
    });
  };
  const cpu = asking(({ cpu: cores }) => cores);
  if (cpu.length > 0) {
    const most = Math.max(...cpu.map(({ amount }) => amount));
    compare(
      'cpu',
      cpu.filter(({ amount }) => amount === most),
      [most, facts.cores],
      wordCores,
    );
  }
  const memory = asking(({ memoryBytes }) => memoryBytes);
  if (memory.length > 0) compare('memory', memory, [total(memory), facts.memoryBytes], formatBytes);
  for (const disk of new Set(asking(({ diskBytes }) => diskBytes).map(({ dir }) => diskOf(facts, dir)))) {
    if (disk === null) continue;
    const there = asking(({ diskBytes }) => diskBytes).filter(({ dir }) => diskOf(facts, dir) === disk);
    compare('disk', there, [total(there), disk.sizeBytes], formatBytes);
  }
  for (const { component, requires } of needs) {
    if (
      requires.os.length === 0 ||
      fits.some((fit) => fit.what === 'os' && fit.components.includes(component))
    )
      continue;
    const needed = requires.os.join(', ');
    const short = runsOn(facts, requires.os) ? null : '';
    fits.push({ what: 'os', components: [component], needs: needed, has: facts.os.name, short });
  }
  return fits;
}

function total(demands: readonly { readonly amount: number }[]): number {
  return demands.reduce((sum, { amount }) => sum + amount, 0);
}

function namesOf(demands: readonly { readonly component: string }[]): readonly string[] {
  return [...new Set(demands.map(({ component }) => component))];
}

function wordCores(amount: number): string {
  return amount === 1 ? '1 core' : `${amount} cores`;
}
