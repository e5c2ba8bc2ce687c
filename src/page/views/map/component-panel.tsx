import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Cluster } from '../../api/types.ts';
import { OperateButton, WhyNot } from '../../cluster/operate.tsx';
import { counted } from '../../parts/amounts.ts';
import { Drawer } from '../../parts/drawer.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Link } from '../../router.tsx';
import { dependentsOf, type Group } from './model.ts';
import { PowerDialog } from './power-dialog.tsx';
import type { PowerAction, PowerOrder } from './power.ts';

export interface ComponentPanelProps {
  readonly group: Group;
  readonly cluster: Cluster;
  readonly onClose: () => void;
}

/** How all instances of a component are, what it hangs together with, and what can be done with all of them. */
export function ComponentPanel({ group, cluster, onClose }: ComponentPanelProps): JSX.Element {
  const { component, spots, totals } = group;
  const [order, setOrder] = useState<PowerOrder | null>(null);
  const isBusy = cluster.run !== null;
  const known = cluster.components.find(({ name }) => name === component);
  const dependents = dependentsOf(component, cluster);
  const stopped = spots.filter(({ condition }) => condition === 'stopped').length;
  const action = (does: PowerAction, word: string): JSX.Element => (
    <OperateButton
      type="button"
      class="button"
      disabled={isBusy}
      onClick={() => setOrder({ does, component, instance: null })}
    >
      {word}
    </OperateButton>
  );
  return (
    <Drawer title={component} returnTo={`[data-component="${CSS.escape(component)}"]`} onClose={onClose}>
      <p class="totals">
        {totals.map(({ condition, count }) => (
          <StateBadge key={condition} state={condition} label={`${count} ${condition}`} isPill />
        ))}
      </p>
      <div class="stack">
        <div class="button-group">
          {stopped > 0 ? action('start', 'Start all') : null}
          {stopped < spots.length ? action('restart', 'Restart all') : null}
          {stopped < spots.length ? action('stop', 'Stop all') : null}
          <Link to={`/logs?instance=${encodeURIComponent(component)}`} class="button">
            Logs
          </Link>
        </div>
        <WhyNot isBusy={isBusy} />
      </div>
      <dl class="facts">
        <dt>Instances</dt>
        <dd>{counted(spots.length, 'instance')}</dd>
        <dt>Depends on</dt>
        <dd>
          {known === undefined || known.dependsOn.length === 0 ? 'nothing' : known.dependsOn.join(', ')}
        </dd>
        <dt>Needed by</dt>
        <dd>{dependents.length === 0 ? 'nothing' : dependents.join(', ')}</dd>
        {known?.preventDestroy === true ? (
          <>
            <dt>Protected</dt>
            <dd>
              <code>prevent_destroy</code>: no plan removes an instance of it
            </dd>
          </>
        ) : null}
      </dl>
      {order === null ? null : <PowerDialog order={order} cluster={cluster} onClose={() => setOrder(null)} />}
    </Drawer>
  );
}
