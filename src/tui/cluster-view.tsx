import type { ClusterReport } from '../app/operate/cluster-report.ts';
import type { ClusterSource } from '../app/operate/cluster-watch.ts';
import type { ScreenOptions } from './screen.tsx';

/** Watches the cluster on the whole screen until a person quits. */
export async function watchCluster(
  source: ClusterSource,
  options: ScreenOptions & { readonly stopping?: AbortSignal },
): Promise<ClusterReport | null> {
  return source.look(null, options.stopping ?? new AbortController().signal);
}
