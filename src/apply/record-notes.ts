import type { HostRecord } from '../host/record.ts';
import { recordField } from '../host/record-codec.ts';
import { sh } from '../host/sh.ts';
import type { Plan } from '../plan/plan.ts';
import { encodeClusterNote, encodeComponent } from '../state/codec.ts';
import type { ClusterNote } from '../state/model.ts';

/** What a script writes into the host record beside its instance, so that a lost state can be rebuilt from the hosts. */
export interface RecordNotes {
  /** A `ComponentState` as JSON. */
  readonly component?: string;
  /** A `ClusterNote` as JSON. */
  readonly cluster?: string;
}

/** Counts of the whole cluster once the run under way came off. */
export type RunTotals = Pick<ClusterNote, 'deployments' | 'instances'>;

export function recordNotes(plan: Plan, component: string, totals: RunTotals): RecordNotes {
  const after = plan.components.get(component)?.after ?? null;
  const { cluster, specVersion } = plan;
  return {
    ...(after === null ? {} : { component: encodeComponent(after) }),
    cluster: encodeClusterNote({ cluster, specVersion, ...totals }),
  };
}

/** Lines of a script that bring the record up to date; none where it says so already. */
export function noteLines(
  component: string,
  notes: RecordNotes,
  record: HostRecord | null,
  lineage: string,
): readonly string[] {
  const lines: string[] = [];
  const known = record?.components.get(`${lineage} ${component}`)?.json;
  if (notes.component !== undefined && notes.component !== known) {
    lines.push(`record_component ${sh(recordField(component), recordField(notes.component))}`);
  }
  if (notes.cluster !== undefined && notes.cluster !== record?.clusters.get(lineage)?.json) {
    lines.push(`record_cluster ${sh(recordField(notes.cluster))}`);
  }
  return lines;
}

/** The record once a script wrote its notes. */
export function withNotes(
  record: HostRecord,
  component: string,
  notes: RecordNotes,
  { lineage, run }: { readonly lineage: string; readonly run: string },
): HostRecord {
  const components = new Map(record.components);
  const clusters = new Map(record.clusters);
  if (notes.component !== undefined) {
    components.set(`${lineage} ${component}`, { lineage, component, run, json: notes.component });
  }
  if (notes.cluster !== undefined) clusters.set(lineage, { lineage, run, json: notes.cluster });
  return { ...record, components, clusters };
}
