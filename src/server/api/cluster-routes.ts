import { deploymentsSoFar } from '../../app/history-read.ts';
import type { ClusterReport } from '../../app/operate/cluster-report.ts';
import { hardwareOfCluster, type HardwareReport } from '../../app/operate/hardware.ts';
import { projectPaths } from '../../app/project-paths.ts';
import type { State } from '../../state/model.ts';
import type { Principal } from '../guard/principal.ts';
import { HttpError } from '../http-error.ts';
import type { PluginContext } from '../plugin.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { ClusterAnswer, HostAnswer, HostsAnswer } from './answers.ts';
import { appliedState, storedState } from './known.ts';
import type { Handler } from './operation.ts';

/** Hosts asked for their hardware at the same time. */
const PARALLELISM = 64;

export function clusterHandlers(): Readonly<Record<'cluster' | 'instances' | 'hosts', Handler>> {
  const hardware = sharedHardware();
  return {
    cluster: ({ principal }, _reply, { use }) => clusterAnswer(use, principal),

    async instances(request, _reply, { use }) {
      const { look = 'live', maxAgeMs = 0 } = request.query as { look?: string; maxAgeMs?: number };
      await appliedState(use);
      if (look === 'live') return use.look({ maxAgeMs });
      const report = use.lastLook();
      if (report === null) throw new HttpError(404, 'Nobody has looked yet', 'Ask with look=live.');
      return report;
    },

    async hosts(request, _reply, context) {
      const { look = 'live' } = request.query as { look?: string };
      const { use } = context;
      const state = await appliedState(use);
      const [report, found] =
        look === 'live'
          ? await Promise.all([use.look(), hardware.look(context, [...state.hosts.keys()])])
          : [use.lastLook(), hardware.last()];
      return hostsAnswer(state, report, found);
    },
  };
}

async function clusterAnswer(use: ServerUseCases, { role }: Principal): Promise<ClusterAnswer> {
  const state = await storedState(use);
  const instances = [...(state?.instances.values() ?? [])].sort((a, b) => a.index - b.index);
  const outputs = [...(state?.outputs ?? [])].map(([name, output]) => [
    name,
    output.sensitive ? null : output.value,
  ]);
  return {
    cluster: state?.cluster ?? null,
    specVersion: state?.specVersion ?? null,
    lineage: state?.lineage ?? null,
    serial: state?.serial ?? 0,
    deployments: await deploymentsSoFar(state, projectPaths(use.directory).history),
    components: [...(state?.components ?? [])].map(([name, { dependsOn, preventDestroy }]) => ({
      name,
      dependsOn,
      instances: instances.filter(({ component }) => component === name).map(({ address }) => address),
      preventDestroy,
    })),
    hosts: addressesOf(state),
    outputs: Object.fromEntries(outputs) as ClusterAnswer['outputs'],
    run: use.desk.current()?.id ?? null,
    interrupted: await use.interruptedRun(),
    role,
  };
}

function hostsAnswer(state: State, report: ClusterReport | null, found: HardwareReport | null): HostsAnswer {
  const usages = new Map(report?.hosts.map((host) => [host.address, host]));
  const machines = new Map(found?.hosts.map((host) => [host.address, host]));
  const answerOf = (address: string): HostAnswer => {
    const { address: _of, name: _its, ...usage } = usages.get(address) ?? {};
    const { address: _same, name: _too, ...hardware } = machines.get(address) ?? {};
    return {
      address,
      name: state.hosts.get(address)?.name ?? null,
      instances: [...state.instances.values()]
        .filter(({ host }) => host === address)
        .map((instance) => instance.address),
      usage: usages.has(address) ? (usage as HostAnswer['usage']) : null,
      hardware: machines.has(address) ? (hardware as HostAnswer['hardware']) : null,
    };
  };
  return { time: report?.time ?? null, hosts: addressesOf(state).map(answerOf) };
}

function addressesOf(state: State | null): readonly string[] {
  return [...(state?.hosts.keys() ?? [])].sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** One look at the hardware at a time, for all who ask. */
function sharedHardware() {
  let last: HardwareReport | null = null;
  let going: Promise<HardwareReport> | null = null;
  const lookNow = async (
    { use, closing }: PluginContext,
    hosts: readonly string[],
  ): Promise<HardwareReport> => {
    const cluster = await use.openCluster(closing);
    try {
      const options = { parallelism: PARALLELISM, signal: closing, clock: use.clock };
      return (last = await hardwareOfCluster(cluster, hosts, options));
    } finally {
      await cluster.close();
    }
  };
  return {
    last: () => last,
    look(context: PluginContext, hosts: readonly string[]) {
      return (going ??= lookNow(context, hosts).finally(() => (going = null)));
    },
  };
}
