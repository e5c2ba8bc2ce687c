import { bytesText, counted } from '../../parts/amounts.ts';
import type { LogListing } from './log-types.ts';

/** A line of the tree of components, their instances and their logs. */
export type TreeRow = {
  /** `nats`, `nats@10.0.0.1`, `nats@10.0.0.1 server` */
  readonly key: string;
  readonly level: 1 | 2 | 3;
  /** Its place among those beside it, from 1, and their number. */
  readonly place: number;
  readonly among: number;
  readonly label: string;
  /** `4 instances`, `1.2 MiB` */
  readonly note: string;
} & (
  | { readonly kind: 'component' | 'instance'; readonly selector: string; readonly isOpen: boolean }
  | { readonly kind: 'log'; readonly instance: string; readonly log: string; readonly detail: string }
  | { readonly kind: 'words'; readonly isBad: boolean }
);

export interface TreeInput {
  readonly components: readonly { readonly name: string; readonly instances: readonly string[] }[];
  /** Of an instance; absent: not asked for yet. */
  readonly listings: ReadonlyMap<string, readonly LogListing[]>;
  /** Components and instances whose children show. */
  readonly open: ReadonlySet<string>;
  /** Of the names those that hold this text; '' for all. */
  readonly filter: string;
}

/** The rows that show, in their order. A filter opens the components in which it finds something. */
export function treeRows({ components, listings, open, filter }: TreeInput): readonly TreeRow[] {
  const wanted = filter.trim().toLowerCase();
  const found = components
    .map(({ name, instances }) => ({
      name,
      instances:
        wanted === '' || name.toLowerCase().includes(wanted)
          ? instances
          : instances.filter(
              (instance) =>
                instance.toLowerCase().includes(wanted) ||
                listings.get(instance)?.some(({ log }) => log.toLowerCase().includes(wanted)) === true,
            ),
    }))
    .filter(({ instances }) => wanted === '' || instances.length > 0);
  const rows: TreeRow[] = [];
  for (const [at, { name, instances }] of found.entries()) {
    const isOpen = open.has(name) || (wanted !== '' && !name.toLowerCase().includes(wanted));
    rows.push({
      kind: 'component',
      key: name,
      selector: name,
      level: 1,
      place: at + 1,
      among: found.length,
      label: name,
      note: counted(instances.length, 'instance'),
      isOpen,
    });
    if (!isOpen) continue;
    for (const [place, instance] of instances.entries()) {
      const isInstanceOpen = open.has(instance);
      rows.push({
        kind: 'instance',
        key: instance,
        selector: instance,
        level: 2,
        place: place + 1,
        among: instances.length,
        label: instance.slice(name.length + 1),
        note: noteOf(listings.get(instance)),
        isOpen: isInstanceOpen,
      });
      if (isInstanceOpen) rows.push(...logRows(instance, listings.get(instance)));
    }
  }
  return rows;
}

function logRows(instance: string, listings: readonly LogListing[] | undefined): readonly TreeRow[] {
  const words = (label: string, isBad: boolean): readonly TreeRow[] => [
    { kind: 'words', key: `${instance} …`, level: 3, place: 1, among: 1, label, note: '', isBad },
  ];
  if (listings === undefined) return words('asking the host', false);
  if (listings.length === 0) return words('it has no logs', false);
  const problems = listings.map(problemOf).filter((text) => text !== null);
  const [problem] = problems;
  if (problem !== undefined && problems.length === listings.length) return words(problem, true);
  return listings.map((listing, at): TreeRow => ({
    kind: 'log',
    key: `${instance} ${listing.log}`,
    level: 3,
    place: at + 1,
    among: listings.length,
    label: listing.log,
    instance,
    log: listing.log,
    ...contentOf(listing),
  }));
}

/** How much there is, and where. */
function contentOf({ content }: LogListing): { readonly note: string; readonly detail: string } {
  switch (content.from) {
    case 'files': {
      const { files, pattern } = content;
      const size = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const [only] = files;
      if (only === undefined) return { note: 'no file', detail: pattern };
      if (files.length === 1) return { note: bytesText(size), detail: only.path };
      const paths = files.map(({ path, sizeBytes }) => `${path} (${bytesText(sizeBytes)})`).join('\n');
      return { note: `${bytesText(size)} in ${files.length}`, detail: paths };
    }
    case 'journal':
      return { note: content.lastMs === null ? 'empty' : 'journal', detail: `journal of ${content.unit}` };
    case 'nowhere':
      return { note: 'not readable', detail: content.problem };
    default:
      return content satisfies never;
  }
}

function noteOf(listings: readonly LogListing[] | undefined): string {
  if (listings === undefined || listings.length === 0) return '';
  if (listings.some((listing) => problemOf(listing) !== null)) return 'not readable';
  let size = 0;
  for (const { content } of listings)
    if (content.from === 'files') for (const { sizeBytes } of content.files) size += sizeBytes;
  return size === 0 ? counted(listings.length, 'log') : bytesText(size);
}

function problemOf({ content }: LogListing): string | null {
  return content.from === 'nowhere' ? content.problem : null;
}

/** Instances that selectors mean, by what is known of the cluster. */
export function selectedInstances(
  selectors: readonly string[],
  components: readonly { readonly name: string; readonly instances: readonly string[] }[],
): readonly string[] {
  return components.flatMap(({ name, instances }) =>
    instances.filter((instance) =>
      selectors.some(
        (selector) =>
          selector === name ||
          selector === instance ||
          (selector.startsWith('@') && instance.endsWith(selector)),
      ),
    ),
  );
}
