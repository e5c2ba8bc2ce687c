import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Cluster, ClusterReport, Instance } from '../../api/types.ts';
import { OperateButton, WhyNot } from '../../cluster/operate.tsx';
import { bytesText, percentText } from '../../parts/amounts.ts';
import { Drawer } from '../../parts/drawer.tsx';
import { StateBadge, type ShownState } from '../../parts/state-badge.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Words } from '../../parts/words.tsx';
import { Link } from '../../router.tsx';
import { conditionText, type Spot } from './model.ts';
import { PowerDialog } from './power-dialog.tsx';
import type { PowerAction, PowerOrder } from './power.ts';

export interface InstancePanelProps {
  readonly spot: Spot;
  readonly cluster: Cluster;
  readonly report: ClusterReport | null;
  readonly onClose: () => void;
}

/** All that is known of one instance, and what can be done with it. */
export function InstancePanel({ spot, cluster, report, onClose }: InstancePanelProps): JSX.Element {
  const { address, condition, instance } = spot;
  return (
    <Drawer
      title={address}
      returnTo={`[data-spot="${CSS.escape(address)}"]`}
      badge={<StateBadge state={condition} label={conditionText(spot)} isPill />}
      onClose={onClose}
    >
      {(instance?.detail ?? null) === null ? null : (
        <p class="instance-why" data-state={condition}>
          <Words text={instance?.detail ?? ''} />
        </p>
      )}
      <Actions spot={spot} cluster={cluster} />
      {instance === null ? (
        <p class="soft">Its host has not answered yet.</p>
      ) : (
        <>
          <Facts spot={spot} instance={instance} report={report} />
          <Details instance={instance} />
        </>
      )}
    </Drawer>
  );
}

function Actions({ spot, cluster }: { readonly spot: Spot; readonly cluster: Cluster }): JSX.Element {
  const [order, setOrder] = useState<PowerOrder | null>(null);
  const isBusy = cluster.run !== null;
  const action = (does: PowerAction, word: string, isNeeded: boolean): JSX.Element | null =>
    isNeeded ? (
      <OperateButton
        type="button"
        class="button"
        disabled={isBusy}
        onClick={() => setOrder({ does, component: spot.component, instance: spot.address })}
      >
        {word}
      </OperateButton>
    ) : null;
  const isStopped = spot.condition === 'stopped';
  return (
    <div class="stack">
      <div class="button-group">
        {action('start', 'Start', isStopped)}
        {action('restart', 'Restart', !isStopped)}
        {action('stop', 'Stop', !isStopped)}
        <Link to={`/logs?instance=${encodeURIComponent(spot.address)}`} class="button">
          Logs
        </Link>
      </div>
      <WhyNot isBusy={isBusy} />
      {order === null ? null : <PowerDialog order={order} cluster={cluster} onClose={() => setOrder(null)} />}
    </div>
  );
}

function Facts({
  spot: { host },
  instance,
  report,
}: {
  readonly spot: Spot;
  readonly instance: Instance;
  readonly report: ClusterReport | null;
}): JSX.Element {
  const { sinceMs, version, cpuPercent, memoryBytes, memoryPercent, restarts, endpoints, run } = instance;
  const machine = report?.hosts.find(({ address }) => address === host);
  const memory = [
    memoryBytes === null ? null : bytesText(memoryBytes),
    memoryPercent === null ? null : `${percentText(memoryPercent)} of its host`,
  ].filter((part) => part !== null);
  return (
    <dl class="facts">
      <Fact name="Since">{sinceMs === null ? null : <TimeAgo ms={sinceMs} />}</Fact>
      <Fact name="Version">{version}</Fact>
      <Fact name="CPU">{cpuPercent === null ? null : `${percentText(cpuPercent)} of a core`}</Fact>
      <Fact name="Memory">{memory.length === 0 ? null : memory.join(', ')}</Fact>
      <Fact name="Disk">
        {machine === undefined || machine.diskUsedPercent === null
          ? null
          : `${percentText(machine.diskUsedPercent)} of its host’s is used`}
      </Fact>
      <Fact name="Restarts">{restarts === null || restarts === 0 ? null : `${restarts}, by its host`}</Fact>
      <Fact name="Endpoints">
        {endpoints.length === 0
          ? null
          : endpoints.map(({ name, address, port }) => (
              <div key={name}>
                {name}{' '}
                <code>
                  {address.includes(':') ? `[${address}]` : address}:{port}
                </code>
              </div>
            ))}
      </Fact>
      <Fact name="Host">
        <Link to={`/hosts?host=${encodeURIComponent(host)}`}>{machine?.name ?? host}</Link>
      </Fact>
      <Fact name="Last changed by">
        <Link to={`/runs/${run}`}>{run}</Link>
      </Fact>
    </dl>
  );
}

/** A fact that is not known is left out. */
function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (children === null || children === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const SERVICE_STATES: Readonly<Record<Instance['services'][number]['state'], ShownState>> = {
  running: 'running',
  starting: 'working',
  stopped: 'stopped',
  failed: 'failed',
  missing: 'failed',
};

function Details({ instance: { services, checks, drift } }: { readonly instance: Instance }): JSX.Element {
  return (
    <>
      {services.length === 0 ? null : (
        <section>
          <h3>Services</h3>
          <ul class="instance-list">
            {services.map(({ resource, name, state, pid, sinceMs }) => (
              <li key={resource}>
                <StateBadge state={SERVICE_STATES[state]} label={state} />
                <span class="grow">{name}</span>
                <span class="soft">
                  {pid === null ? null : `pid ${pid}`}
                  {pid === null || sinceMs === null ? null : ', since '}
                  {sinceMs === null ? null : <TimeAgo ms={sinceMs} />}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {checks.length === 0 ? null : (
        <section>
          <h3>Checks</h3>
          <ul class="instance-list">
            {checks.map(({ name, healthy, why }) => (
              <li key={name}>
                <StateBadge
                  state={healthy === null ? 'unknown' : healthy ? 'succeeded' : 'failed'}
                  label={healthy === null ? 'not looked at' : healthy ? 'healthy' : 'fails'}
                />
                <span class="grow">{name}</span>
                {why === null ? null : <span class="soft">{why}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {drift.length === 0 ? null : (
        <section>
          <h3>Changed by somebody else</h3>
          <ul class="instance-list">
            {drift.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <p>
            <Link to="/plan">A plan</Link> shows what would set it right.
          </p>
        </section>
      )}
    </>
  );
}
