import { appendFile, chmod } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../project.ts';
import { eventually } from '../wait.ts';
import {
  axeViolations,
  chromiumPath,
  DESKTOP,
  flawsOf,
  focused,
  network,
  PHONE,
  screenshot,
  servePage,
  type ServedPage,
} from './page-harness.ts';

const host = (n: number): string => `${network}.${n}`;
const definition = (service: string): string => `
file "config" {
  path    = "config"
  content = "as it should be\\n"
}
service "${service}" {
  command = "/bin/sh -c 'while sleep 1000; do :; done'"
}
check "config" {
  command  = "test ! -e \${instance.dir}/broken"
  interval = "200ms"
}
endpoint "http" { port = 8080 }
`;
const SPEC = `
cluster "shop" { version = "1.2" }
host "edge" { address = "${host(3)}" }
component "backend" {
  source = "./backend"
  hosts  = ["${host(1)}", "${host(2)}"]
}
component "balancer" {
  source     = "./balancer"
  hosts      = ["${host(3)}"]
  depends_on = [component.backend]
}
`;
const BACKEND = `backend@${host(1)}`;

/** The tests build on each other: one life of a cluster, seen through the page. */
describe.skipIf(chromiumPath === null)('the map and the hosts', () => {
  let project: Project;
  let served: ServedPage;
  beforeAll(async () => {
    project = await Project.of({
      'cluster.hcl': SPEC,
      'backend/component.hcl': definition('backend'),
      'balancer/component.hcl': definition('balancer'),
    });
    served = await servePage(project);
  });
  afterAll(async () => {
    await served.close();
    await project.run('destroy', '--auto-approve');
    await project.dispose();
  });

  const cell = (page: Page, address: string) => page.locator(`[data-spot="${address}"]`);
  const stateOf = async (page: Page, address: string): Promise<string> =>
    (await cell(page, address).getAttribute('data-state')) ?? '';

  it('say what to do while nothing is deployed', async () => {
    const { page, problems } = await served.open('/');
    await page.getByText('Nothing is deployed yet').waitFor();
    expect(await flawsOf(page, 'map-empty')).toEqual([]);
    await page.goto('/hosts');
    await page.getByText('No host is in use yet').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Plan' }).click();
    expect(new URL(page.url()).pathname).toBe('/plan');
    expect(problems).toEqual([]);
  });

  it('show every instance, and changes as they come', async () => {
    await project.apply();
    const { page, problems } = await served.open('/');
    await eventually(
      'all run',
      async () => (await page.locator('[data-spot][data-state=running]').count()) === 3,
    );
    expect(await page.getByRole('columnheader').allTextContents()).toEqual(['Host', 'backend', 'balancer']);
    expect(await page.getByRole('rowheader').allTextContents()).toEqual([host(1), host(2), `edge${host(3)}`]);
    expect(await page.getByRole('banner').getByText('3 running').isVisible()).toBe(true);

    await appendFile(project.path(`.slipway/hosts/${host(1)}/instances/backend/config`), 'else\n');
    await project.write(`.slipway/hosts/${host(3)}/instances/balancer/broken`, '');
    await eventually('the drift', async () => (await stateOf(page, BACKEND)) === 'drifted');
    await eventually(
      'the failing check',
      async () => (await stateOf(page, `balancer@${host(3)}`)) === 'degraded',
    );
    await page.getByRole('link', { name: '1 degraded' }).click();
    expect(await page.locator('[data-spot]').count()).toBe(1);
    expect(await flawsOf(page, 'map-filtered')).toEqual([]);
    await page.getByLabel('State', { exact: true }).selectOption('');
    expect(await flawsOf(page, 'map')).toEqual([]);
    await page.getByRole('button', { name: 'By component' }).click();
    await page.getByRole('heading', { name: 'balancer' }).waitFor();
    expect(await flawsOf(page, 'map-groups')).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('are used with the keyboard alone', async () => {
    const { page } = await served.open('/');
    await cell(page, BACKEND).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('To the content');
    await page.keyboard.press('Enter');
    // The filter, the states, two ways to show it; then the whole map is one stop.
    await page.keyboard.press('/');
    expect(await focused(page)).toMatch(/^Filter/);
    for (let stops = 0; stops < 4; stops++) await page.keyboard.press('Tab');
    expect(await focused(page)).toContain(BACKEND);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toContain(`backend@${host(2)}`);
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toBe(host(2));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    expect(await focused(page)).toContain(`balancer@${host(3)}`);
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused(page)).toBe(BACKEND);
    // Opened so soon, it may tell more once the hosts have answered.
    await expect.poll(() => page.getByRole('dialog').textContent()).toContain('file.config: content changed');
    expect(await flawsOf(page, 'map-instance')).toEqual([]);
    await page.keyboard.press('Escape');
    await eventually('the way back', async () => (await focused(page)).startsWith(`${BACKEND}:`));
    expect(await page.getByRole('dialog').count()).toBe(0);

    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    expect(await flawsOf(page, 'help')).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keys' }).waitFor({ state: 'detached' });
    // Two keys count together when they come soon after each other: a busy machine may be slower than a person.
    await eventually('the hosts', async () => {
      await page.keyboard.press('g');
      await page.keyboard.press('h');
      return (await page.getByRole('heading', { name: 'Hosts', level: 1 }).count()) > 0;
    });
    // Readers hear where they are.
    await eventually('the heading', async () => (await focused(page)) === 'Hosts');
    await page.goBack();
    await page.getByRole('heading', { name: 'Map', level: 1 }).waitFor();
  });

  it('stop and start an instance, and say before what that means', async () => {
    const { page, problems } = await served.open(`/?instance=${encodeURIComponent(BACKEND)}`);
    await page.getByRole('button', { name: 'Stop' }).click();
    const dialog = page.getByRole('dialog', { name: `Stop ${BACKEND}?` });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('balancer depends on backend');
    expect(await flawsOf(page, 'map-stop')).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await stateOf(page, BACKEND)).not.toBe('stopped');

    await page.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText(`Stop of ${BACKEND} has begun`).waitFor();
    await eventually('the stop', async () => (await stateOf(page, BACKEND)) === 'stopped');
    expect((await project.run('status')).stdout).toMatch(new RegExp(`${BACKEND}\\s+stopped`));
    await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await page
      .getByRole('dialog', { name: `Start ${BACKEND}?` })
      .getByRole('button', { name: 'Start', exact: true })
      .click();
    await eventually('the start', async () => (await stateOf(page, BACKEND)) === 'drifted');
    expect(problems).toEqual([]);
  });

  it('restart all of a component', async () => {
    const { page } = await served.open('/');
    await page.getByRole('button', { name: 'backend', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'backend' });
    await panel.waitFor();
    expect(await flawsOf(page, 'map-component')).toEqual([]);
    await panel.getByRole('button', { name: 'Restart all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restart all 2 instances of backend?' });
    await dialog.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByRole('link', { name: 'watch the run' }).click();
    await page.waitForURL(/\/runs\//);
    await eventually(
      'the end',
      async () => (await page.getByRole('banner').locator('.run-chip').count()) === 0,
    );
    expect((await project.run('runs')).stdout).toMatch(/restart/);
  });

  it('tell of hosts what they have and use', async () => {
    const { page, problems } = await served.open('/hosts');
    const rows = page.locator('tbody tr');
    await eventually('the hardware', async () => !(await rows.first().textContent())?.includes('–'));
    expect(await rows.count()).toBe(3);
    expect(await rows.last().textContent()).toContain('edge');
    await page.getByRole('button', { name: /^Host/ }).click();
    expect(await rows.first().textContent()).toContain('edge');
    expect(await flawsOf(page, 'hosts')).toEqual([]);
    await page.getByRole('button', { name: 'edge' }).click();
    const panel = page.getByRole('dialog', { name: 'edge' });
    await panel.getByText('File systems').waitFor();
    expect(await panel.textContent()).toContain('/');
    expect(await flawsOf(page, 'hosts-details')).toEqual([]);
    await page.keyboard.press('Escape');
    await eventually('the way back', async () => (await focused(page)) === 'edge');
    await page.getByLabel(/^Filter/).fill('balancer');
    expect(await rows.count()).toBe(1);
    expect(problems).toEqual([]);
  });

  it('keep what they know while the server does not answer', async () => {
    const { page } = await served.open('/');
    await cell(page, BACKEND).waitFor();
    await page.route('**/api/**', (route) => route.abort('connectionrefused'));
    await page.getByText('The server does not answer').first().waitFor();
    expect(await page.locator('[data-spot]').count()).toBe(3);
    expect(await flawsOf(page, 'lost')).toEqual([]);
    await page.unroute('**/api/**');
    await page.getByRole('button', { name: 'Try now' }).click();
    await eventually(
      'the answer',
      async () => (await page.getByText('The server does not answer').count()) === 0,
    );
  });

  it('offer to take up a run that was killed', async () => {
    const { page } = await served.open('/');
    await page.route('**/api/v1/cluster', async (route) => {
      const answer = (await (await route.fetch()).json()) as object;
      await route.fulfill({
        json: { ...answer, interrupted: { run: '20261121T043455-04a5', unfinished: [BACKEND] } },
      });
    });
    await page.getByText('A run was killed in the middle').waitFor();
    expect(await flawsOf(page, 'interrupted')).toEqual([]);
    await page.getByRole('link', { name: 'Plan to resume' }).click();
    await page.waitForURL(/\/plan/);
  });

  it('leave room for the rest where names are long', async () => {
    const { page, problems } = await served.open('/plan');
    const name = 'ip-10-112-203-144.eu-central-1.compute.internal.example.com';
    await serveThousand(page, name);
    await page.goto('/hosts');
    await page.getByRole('button', { name }).first().waitFor();
    await page.setViewportSize(PHONE);
    expect(await flawsOf(page, 'hosts-long-names')).toEqual([]);
    const head = await page.locator('tbody th').first().boundingBox();
    expect(head?.width).toBeLessThan(PHONE.width / 2);
    expect(problems).toEqual([]);
  });

  it('show a thousand instances without growing slow', async () => {
    const { page, problems } = await served.open('/plan');
    await serveThousand(page);
    await page.goto('/');
    await eventually(
      'all of them',
      async () => (await page.locator('.tile[data-state=running]').count()) === 990,
    );
    const nodes = await page.evaluate<number>("document.querySelectorAll('main *').length");
    expect(nodes).toBeLessThan(1_500);
    expect(await page.locator('.tile').first().getAttribute('data-state')).toBe('failed');
    expect(await axeViolations(page)).toEqual([]);
    await screenshot(page, 'map-1000');
    const beganMs = Date.now();
    await page.getByLabel(/^Filter/).fill('10.0.3.25');
    await eventually('the filter', async () => (await page.locator('.tile').count()) === 8);
    expect(Date.now() - beganMs).toBeLessThan(2_000);

    await page.goto('/hosts');
    await eventually('the hosts', async () => (await page.locator('tbody tr').count()) > 10);
    expect(await page.evaluate<number>("document.querySelectorAll('main *').length")).toBeLessThan(2_500);
    await page.keyboard.press('Control+End');
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    await page.getByText('10.0.3.250', { exact: true }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe.skipIf(chromiumPath === null)('a server that asks for tokens', () => {
  const operate = 'o'.repeat(32);
  const read = 'r'.repeat(32);
  let project: Project;
  let served: ServedPage;
  beforeAll(async () => {
    project = await Project.of({
      'cluster.hcl': SPEC,
      'backend/component.hcl': definition('backend'),
      'balancer/component.hcl': definition('balancer'),
    });
    await project.write('tokens', `${operate} operate anna\n${read} read wallboard\n`);
    await chmod(project.path('tokens'), 0o600);
    served = await servePage(project, '--token-file=tokens');
  });
  afterAll(async () => {
    await served.close();
    await project.run('destroy', '--auto-approve');
    await project.dispose();
  });

  it('is given one, once, and is asked again for a wrong one', async () => {
    const { page, problems } = await served.open('/');
    const dialog = page.getByRole('dialog', { name: 'Who are you?' });
    await dialog.waitFor();
    expect(await flawsOf(page, 'token')).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(true);
    await page.getByLabel('Token').fill('wrong'.repeat(6));
    await page.keyboard.press('Enter');
    await page.getByText('The token is not known').waitFor();
    expect(await flawsOf(page, 'token-wrong')).toEqual([]);
    await page.getByLabel('Token').fill(operate);
    await page.keyboard.press('Enter');
    await page.getByText('Nothing is deployed yet').waitFor();
    expect(await dialog.count()).toBe(0);
    await page.reload();
    await page.getByText('Nothing is deployed yet').waitFor();
    expect(problems).toEqual([]);
  });

  it('shows who may only read what there is to do, and why they cannot do it', async () => {
    await project.apply();
    const { page, problems } = await served.open('/', { token: read });
    /** Names of the buttons and links that do nothing, and say why. */
    const denied = (): Promise<readonly string[]> =>
      page.evaluate(`[...document.querySelectorAll('[aria-disabled=true]')]
        .filter((one) => document.getElementById(one.getAttribute('aria-describedby'))?.textContent === 'This token may only read')
        .map((one) => one.textContent)`);
    await page.getByRole('banner').getByText('This token may only read').waitFor();

    await page.goto(`/?instance=${encodeURIComponent(BACKEND)}`);
    const panel = page.getByRole('dialog', { name: BACKEND });
    await eventually('the instance', async () => (await denied()).join() === 'Restart,Stop');
    await panel.getByText('This token may only read').waitFor();
    await panel.getByRole('button', { name: 'Stop' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog', { name: /^Stop/ }).count()).toBe(0);
    expect(await flawsOf(page, 'reader-instance')).toEqual([]);
    await page.goto('/?component=backend');
    await eventually('the component', async () => (await denied()).join() === 'Restart all,Stop all');

    // An address that would have it plan at once does not.
    await page.goto('/plan?now');
    await eventually('the plan', async () => (await denied()).join() === 'Only a part…,Plan,Plan');
    await page.getByRole('button', { name: 'More' }).click();
    expect(await denied()).toContain('Plan to destroy the whole cluster');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Scale…' }).click();
    await page.getByRole('textbox', { name: /^backend / }).waitFor();
    expect(await page.getByRole('textbox', { name: /^backend / }).getAttribute('readonly')).not.toBeNull();
    expect(await denied()).toContain('Save and plan');
    expect(await flawsOf(page, 'reader-plan')).toEqual([]);

    await page.goto('/history');
    await eventually('the history', async () => (await denied()).join() === 'Roll back to 1…');
    expect(problems).toEqual([]);

    const operator = (await served.open('/plan', { token: operate })).page;
    await operator.getByRole('button', { name: 'Plan' }).first().click();
    await operator.getByRole('heading', { name: 'No changes' }).waitFor();
    expect(await operator.getByText('This token may only read').count()).toBe(0);
  });

  it('shows no data and no token to who has none', async () => {
    const { page } = await served.open('/', { size: PHONE });
    await page.getByRole('dialog').waitFor();
    expect(await page.content()).not.toContain('shop');
    await page.setViewportSize(DESKTOP);
  });
});

/** Four components on 250 hosts, each with its address or this for a name: ten instances have failed. */
async function serveThousand(page: Page, name: string | null = null): Promise<void> {
  const hosts = Array.from({ length: 250 }, (_, n) => `10.0.3.${n + 1}`);
  const names = ['store', 'queue', 'worker', 'web'];
  const instances = names.flatMap((component, at) =>
    hosts.map((address, index) => ({
      address: `${component}@${address}`,
      component,
      host: address,
      index,
      condition: at === 0 && index % 25 === 24 ? 'failed' : 'running',
      stoppedByUser: false,
      detail: null,
      sinceMs: 1,
      version: '1',
      cpuPercent: 1,
      memoryBytes: 1e6,
      memoryPercent: 1,
      restarts: 0,
      services: [],
      checks: [],
      endpoints: [],
      drift: [],
      run: '20261121T043455-04a5',
    })),
  );
  const usage = {
    problem: null,
    cores: 4,
    cpuPercent: 12,
    memoryBytes: 8e9,
    memoryUsedPercent: 40,
    diskUsedPercent: 93,
    uptimeSeconds: 1e6,
  };
  await page.route('**/api/v1/cluster', (route) =>
    route.fulfill({
      json: {
        cluster: 'large',
        specVersion: null,
        lineage: 'x',
        serial: 3,
        deployments: 1,
        components: names.map((name) => ({
          name,
          dependsOn: [],
          instances: hosts.map((address) => `${name}@${address}`),
          preventDestroy: false,
        })),
        hosts,
        outputs: {},
        run: null,
        interrupted: null,
      },
    }),
  );
  await page.route('**/api/v1/instances*', (route) =>
    route.fulfill({
      json: {
        format: 1,
        time: Date.now(),
        cluster: 'large',
        instances,
        hosts: hosts.map((address) => ({ address, name, ...usage })),
      },
    }),
  );
  await page.route('**/api/v1/hosts*', (route) =>
    route.fulfill({
      json: {
        time: Date.now(),
        hosts: hosts.map((address) => ({
          address,
          name,
          instances: names.map((component) => `${component}@${address}`),
          usage,
          hardware: null,
        })),
      },
    }),
  );
}
