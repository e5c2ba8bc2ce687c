import type { OpenCluster } from '../app/operate/open-cluster.ts';
import type { TransferOptions, TransferOutcome } from '../app/operate/transfer.ts';
import type { CommandContext } from './command.ts';
import { hostParallelism, hostRequest, hostSelectors } from './host-commands.ts';
import type { Parsed } from './options.ts';
import { UsageError } from './usage-error.ts';
import { jsonTransferView, textTransferView } from './view/transfer-text.ts';

/** More at once are no faster on one controller. */
const HOSTS_AT_ONCE = 16;

/** `SELECTOR... FROM TO`. Throws `UsageError`. */
export function transferArguments(
  args: Parsed,
  usage: string,
): { readonly selectors: readonly string[]; readonly from: string; readonly to: string } {
  const [from, to] = args.positionals.slice(-2);
  if (from === undefined || to === undefined || from === '' || to === '')
    throw new UsageError(`An argument is missing. Usage: slipway ${usage}`);
  return { selectors: hostSelectors(args, args.positionals.slice(0, -2), usage), from, to };
}

export interface TransferWork {
  readonly cluster: OpenCluster;
  readonly hosts: readonly string[];
  readonly signal: AbortSignal;
  /** Shows the work; told how many bytes it is in all, where that is known. */
  readonly viewFor: (totalBytes: number | null) => TransferOptions;
}

/** Opens the cluster, does the work on the selected hosts and shows it. Resolves to the exit code: 0 when all went well, else 1. */
export async function transferOnHosts(
  context: CommandContext,
  selectors: readonly string[],
  work: (work: TransferWork) => Promise<readonly TransferOutcome[]>,
  shown: (path: string) => string = (path) => path,
): Promise<number> {
  const { args, directory, terminal } = context;
  const parallelism = hostParallelism(args, HOSTS_AT_ONCE);
  const [{ openCluster }, { selectHosts }, ports] = await Promise.all([
    import('../app/operate/open-cluster.ts'),
    import('../app/operate/select-hosts.ts'),
    context.ports(),
  ]);
  const interrupts = context.interrupts();
  const signal = interrupts.stopping;
  // A host that is lost meanwhile is not begun with a second time, so it is not waited for.
  const request = { ...hostRequest(context, ports.clock, signal), outageMs: 0 };
  const cluster = await openCluster(directory, request, ports);
  try {
    const hosts = selectHosts(cluster.state, selectors);
    const makeView = args.flag('json') ? jsonTransferView : textTransferView;
    let finish: (outcomes: readonly TransferOutcome[]) => void = () => undefined;
    const outcomes = await work({
      cluster,
      hosts,
      signal,
      viewFor(totalBytes) {
        const nameOf = (host: string): string | null => cluster.state.hosts.get(host)?.name ?? null;
        const view = makeView({ ...terminal, clock: ports.clock, nameOf, shown, hosts, totalBytes });
        finish = (ended) => view.finish(ended);
        return {
          parallelism,
          signal,
          clock: ports.clock,
          onBytes: (bytes) => view.onBytes(bytes),
          onEnd: (outcome) => view.onEnd(outcome),
        };
      },
    });
    finish(outcomes);
    return outcomes.every(({ failure }) => failure === null) ? 0 : 1;
  } finally {
    await cluster.close();
    interrupts.dispose();
  }
}
