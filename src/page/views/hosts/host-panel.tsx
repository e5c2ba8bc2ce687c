import type { ComponentChildren, JSX } from 'preact';
import type { Machine } from '../../api/types.ts';
import { bytesText, percentText, spanText } from '../../parts/amounts.ts';
import { Drawer } from '../../parts/drawer.tsx';
import { Meter } from '../../parts/meter.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Words } from '../../parts/words.tsx';
import { Link } from '../../router.tsx';
import { fitText, type HostRow } from './model.ts';

export interface HostPanelProps {
  readonly row: HostRow;
  /** Its hardware is being asked for. */
  readonly isLoading: boolean;
  readonly onClose: () => void;
}

/** All that is known of one host. */
export function HostPanel({ row, isLoading, onClose }: HostPanelProps): JSX.Element {
  const { address, name, problem, machine, instances, fits } = row;
  return (
    <Drawer
      title={name ?? address}
      returnTo={`[data-host="${CSS.escape(address)}"]`}
      badge={problem === null ? undefined : <StateBadge state="unreachable" isPill />}
      onClose={onClose}
    >
      {problem === null ? null : (
        <p class="host-problem">
          <Words text={problem} />
        </p>
      )}
      <section>
        <h3>Instances</h3>
        <ul class="host-instances">
          {instances.map((instance) => (
            <li key={instance.address}>
              <Link to={`/?instance=${encodeURIComponent(instance.address)}`}>{instance.component}</Link>
              <StateBadge
                state={instance.condition}
                {...(instance.condition === 'unknown' ? { label: 'not looked at yet' } : {})}
              />
            </li>
          ))}
        </ul>
      </section>
      {fits.length === 0 ? null : (
        <section>
          <h3>What its instances ask for</h3>
          <ul class="host-instances">
            {fits.map((fit) => (
              <li key={`${fit.what} ${fit.components.join(' ')}`}>
                <span>{fitText(fit)}</span>
                <StateBadge
                  state={fit.short === null ? 'succeeded' : 'failed'}
                  label={fit.short === null ? 'fits' : 'too little'}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      {machine === null ? (
        <p class="soft">{isLoading ? 'Asking for its hardware…' : 'Its hardware is not known.'}</p>
      ) : (
        <MachineDetails row={row} machine={machine} />
      )}
    </Drawer>
  );
}

function MachineDetails({ row, machine }: { readonly row: HostRow; readonly machine: Machine }): JSX.Element {
  const { memoryUsedPercent, cpuPercent } = row;
  const used = (percent: number | null): string => (percent === null ? '' : `, ${percentText(percent)} used`);
  return (
    <>
      <section>
        <h3>Machine</h3>
        <dl class="facts">
          <Fact name="Address">{row.address}</Fact>
          <Fact name="Host name">{machine.hostname}</Fact>
          <Fact name="System">{machine.os.name}</Fact>
          <Fact name="Kernel">{`${machine.kernel} ${machine.arch}`}</Fact>
          <Fact name="Processors">{`${machine.cores} × ${machine.cpuModel}${used(cpuPercent)}`}</Fact>
          <Fact name="Memory">{`${bytesText(machine.memoryBytes)}${used(memoryUsedPercent)}`}</Fact>
          <Fact name="Swap">{machine.swapBytes === 0 ? 'none' : bytesText(machine.swapBytes)}</Fact>
          <Fact name="Virtualisation">{machine.virtualization === '' ? null : machine.virtualization}</Fact>
          <Fact name="Services by">{machine.init === 'none' ? 'slipway itself' : machine.init}</Fact>
          <Fact name="Packages by">{machine.packageManager}</Fact>
          <Fact name="Up for">{spanText(row.uptimeSeconds ?? machine.uptimeSeconds)}</Fact>
          <Fact name="Clock">{machine.clock === null ? null : clockText(machine.clock.offsetMs)}</Fact>
        </dl>
      </section>
      <section>
        <h3>File systems</h3>
        <ul class="host-parts">
          {machine.fileSystems.map(({ mount, device, type, sizeBytes, usedBytes, availableBytes }) => (
            <li key={mount}>
              <div class="host-part-head">
                <code>{mount}</code>
                <span class="soft">
                  {bytesText(availableBytes)} of {bytesText(sizeBytes)} free
                </span>
              </div>
              <Meter percent={sharePercent(usedBytes, availableBytes)} />
              <span class="soft">
                {device}, {type}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>Disks</h3>
        <ul class="host-parts">
          {machine.disks.map(({ name, sizeBytes, model, rotational }) => (
            <li key={name}>
              <div class="host-part-head">
                <code>{name}</code>
                <span class="soft">
                  {[bytesText(sizeBytes), model, rotational === false ? 'solid state' : '']
                    .filter((part) => part !== '')
                    .join(', ')}
                </span>
              </div>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>Network</h3>
        <ul class="host-parts">
          {machine.interfaces.map(({ name, addresses, mac, state, speedMbit }) => (
            <li key={name}>
              <div class="host-part-head">
                <code>{name}</code>
                <span class="soft">
                  {[state, speedMbit === null ? '' : `${speedMbit} Mbit/s`, mac]
                    .filter((part) => part !== '')
                    .join(', ')}
                </span>
              </div>
              {addresses.length === 0 ? null : <code>{addresses.join('  ')}</code>}
            </li>
          ))}
        </ul>
      </section>
    </>
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
  if (children === null || children === undefined || children === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** As `df` counts: what is reserved for root is neither used nor available. */
function sharePercent(used: number, available: number): number | null {
  return used + available === 0 ? null : (used / (used + available)) * 100;
}

function clockText(offsetMs: number): string {
  const ms = Math.abs(offsetMs);
  if (ms < 100) return 'as the server’s';
  const amount = ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : spanText(ms / 1000);
  return `${amount} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
