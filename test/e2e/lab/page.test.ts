import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import {
  axeViolations,
  chromiumPath,
  screenshot,
  servePage,
  type ServedPage,
} from '../local/page-harness.ts';
import type { Project } from '../project.ts';

/** Installing takes long enough to be looked at. */
const definition = (name: string): string => `
input "peers" { type = list(string) }
file "peers" {
  path    = "/etc/${name}.peers"
  content = "\${join("\\n", input.peers)}\\n"
}
script "prepare" {
  create  = "for n in 1 2 3; do echo \\"${name} step $n\\"; sleep 0.3; done; touch /var/lib/${name}.ready"
  unless  = "test -e /var/lib/${name}.ready"
  destroy = "rm -f /var/lib/${name}.ready"
}
service "${name}" {
  command = "/bin/sh -c 'while :; do sleep 1000; done'"
}
check "ready" { command = "test -e /var/lib/${name}.ready" }
log "journal" { path = "/etc/${name}.peers" }
`;

const spec = (bus: readonly LabHost[], web: readonly LabHost[]): string => `
cluster "shop" { version = "1" }
component "bus" {
  source = "./components/bus"
  hosts  = ${JSON.stringify(bus.map(({ address }) => address))}
  inputs = { peers = component.bus.hosts }
}
component "web" {
  source     = "./components/web"
  hosts      = ${JSON.stringify(web.map(({ address }) => address))}
  inputs     = { peers = component.bus.hosts }
  depends_on = [component.bus]
}
`;

/** A cluster on real hosts, grown and shrunk by somebody who has a browser and nothing else; the tests build on each other. */
describe.skipIf(noLab() || chromiumPath === null)('the page over hosts of the lab', () => {
  let project: Project;
  let served: ServedPage;
  let page: Page;
  let problems: readonly string[];
  let hosts: readonly LabHost[];
  const at = (n: number): string => hosts[n]?.address ?? '';

  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(6);
    project = await specOnLab(lab, {
      'cluster.hcl': spec(hosts.slice(0, 2), hosts.slice(2, 4)),
      'components/bus/component.hcl': definition('bus'),
      'components/web/component.hcl': definition('web'),
    });
    served = await servePage(project);
    ({ page, problems } = await served.open('/plan?now'));
    page.setDefaultTimeout(30_000);
  });
  afterAll(async () => {
    await served.close();
    await project.dispose();
    expect(problems).toEqual([]);
  });

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const rowOf = (instance: string) => page.getByRole('row', { name: new RegExp(instance) });

  /** An instance that runs, on the map. */
  const spot = (instance: string) => page.locator(`[data-spot="${instance}"][data-state=running]`);

  /** Approves the plan that is shown and watches its run to the end. */
  async function applied(): Promise<void> {
    await button('Apply…').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/\/runs\//);
    await page.getByRole('region', { name: 'Summary' }).getByText('succeeded', { exact: true }).waitFor();
  }

  /** Writes the hosts of components in the place for them, and plans. */
  async function scaledTo(components: Readonly<Record<string, readonly string[]>>): Promise<void> {
    await page.goto('/plan');
    await button('Scale…').click();
    for (const [name, addresses] of Object.entries(components))
      await page.getByRole('textbox', { name: new RegExp(`^${name} `) }).fill(addresses.join('\n'));
    await button('Save and plan').click();
    await button('Apply…').waitFor();
  }

  it('installs it, and shows the run while it goes on', async () => {
    await button('Apply…').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/\/runs\//);
    await rowOf(`bus@${at(0)}`)
      .getByText('running')
      .waitFor();
    await rowOf(`web@${at(2)}`)
      .getByText('waiting')
      .waitFor();
    await rowOf(`bus@${at(0)}`)
      .getByRole('button')
      .click();
    await page.getByText('bus step 1').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await screenshot(page, 'lab-run');
    await page.getByRole('region', { name: 'Summary' }).getByText('succeeded', { exact: true }).waitFor();
    await page.goto('/');
    for (const instance of [`bus@${at(0)}`, `bus@${at(1)}`, `web@${at(2)}`, `web@${at(3)}`])
      await spot(instance).waitFor();
    await screenshot(page, 'lab-map');
  });

  it('scales up', async () => {
    await scaledTo({ bus: [at(0), at(1), at(4)], web: [at(2), at(3), at(5)] });
    await page.getByText('deployment-engine_override.json shadows the spec').waitFor();
    await button(new RegExp(`install.*bus@${at(4)}`)).waitFor();
    await button(new RegExp(`update.*web@${at(2)}`)).click();
    await page.getByRole('region', { name: 'Differences of /etc/web.peers' }).getByText(at(4)).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await screenshot(page, 'lab-plan');
    await applied();
    expect((await hosts[2]?.exec('cat /etc/web.peers'))?.stdout.trim().split('\n')).toEqual([
      at(0),
      at(1),
      at(4),
    ]);
    expect((await hosts[5]?.exec('systemctl is-active web'))?.stdout.trim()).toBe('active');
    await page.goto('/');
    await spot(`web@${at(5)}`).waitFor();
  });

  it('scales down, and leaves nothing behind', async () => {
    await scaledTo({ bus: [at(0), at(1)], web: [at(2), at(3)] });
    await button('Apply…').click();
    await page.getByRole('dialog').getByText('2 instances removed').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await applied();
    await rowOf(`web@${at(5)}`)
      .getByText('done')
      .waitFor();
    const left = 'ls /etc/web.peers /etc/bus.peers /var/lib/*.ready 2>/dev/null | wc -l';
    for (const n of [4, 5]) expect((await hosts[n]?.exec(left))?.stdout.trim(), at(n)).toBe('0');
    await page.goto('/');
    await spot(`web@${at(2)}`).waitFor();
    expect(await spot(`web@${at(5)}`).count()).toBe(0);
  });
});
