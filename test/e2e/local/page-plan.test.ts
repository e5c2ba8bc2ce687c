import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instance, planOf, resource } from '../../page/plan/plan-parts.ts';
import { Project } from '../project.ts';
import { chromiumPath, flawsOf, focused, network, servePage, type ServedPage } from './page-harness.ts';

const app = (n: number): string => `app@${network}.${n}`;
const SPEC = `
cluster "shop" { version = "1.4.0" }
variable "greeting" { default = "hello" }
variable "workers" {
  type    = number
  default = 2
}
component "app" {
  source = "./app"
  hosts  = ["${network}.1", "${network}.2"]
  inputs = { greeting = var.greeting }
}
`;
const APP = `
input "greeting" { type = string }
file "config" {
  path    = "config"
  content = "first\\n\${input.greeting}\\nlast\\n"
}
service "app" {
  command = "/bin/sh -c 'echo begun; while sleep 1000; do :; done'"
}
`;
/** Works until it is let go on, or fails. */
const work = (dir: string, value: string): string => `
component "work" {
  source = "./work"
  hosts  = ["${network}.8"]
  inputs = { dir = "${dir}", value = "${value}" }
}
component "after" {
  source     = "./work"
  hosts      = ["${network}.9"]
  inputs     = { dir = "${dir}", value = "quick" }
  depends_on = [component.work]
}
`;
const WORK = `
input "dir" { type = string }
input "value" { type = string }
script "work" {
  create   = <<-SH
    echo "working for \${input.value}"
    if [ \${input.value} = fail ]; then echo "no such thing" >&2; exit 3; fi
    [ \${input.value} = quick ] || until test -e \${input.dir}/go; do sleep 0.05; done
  SH
  triggers = [input.value]
}
`;

/** The tests build on each other: one life of a cluster, in a browser only. */
describe.skipIf(chromiumPath === null)('plans and runs in the page', () => {
  let project: Project;
  let served: ServedPage;
  let page: Page;
  let problems: readonly string[];
  beforeAll(async () => {
    project = await Project.of({ 'cluster.hcl': SPEC, 'app/component.hcl': APP, 'work/component.hcl': WORK });
    served = await servePage(project);
    ({ page, problems } = await served.open('/plan'));
  });
  afterAll(async () => {
    await served.close();
    await project.write('go', '');
    await project.run('destroy', '--auto-approve');
    await project.dispose();
    expect(problems).toEqual([]);
  });

  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const dialog = () => page.getByRole('dialog');
  /** Makes a plan and waits for it. */
  async function plan(): Promise<void> {
    await page.goto('/plan');
    await button('Plan').first().click();
    await button('Apply…').waitFor();
  }
  /** Applies the plan that is shown; resolves when its run is on the screen. */
  async function apply(): Promise<void> {
    await button('Apply…').click();
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/\/runs\//);
    await page.getByRole('progressbar').waitFor();
  }
  /** The override as it lies there; null: there is none. */
  const posted = (): Promise<unknown> =>
    project.read('deployment-engine_override.json').then(
      (text) => JSON.parse(text) as unknown,
      () => null,
    );
  const hostsOf = (...numbers: readonly number[]): readonly string[] => numbers.map((n) => `${network}.${n}`);
  const ended = (how: string) =>
    page.getByRole('region', { name: 'Summary' }).getByText(how, { exact: true }).waitFor();

  it('say what to do where there is none, and install a cluster', async () => {
    expect(await page.getByRole('heading', { name: 'Nothing is planned' }).count()).toBe(1);
    expect(await flawsOf(page, 'plan-none')).toEqual([]);
    await plan();
    expect(await page.getByText('2 to install').first().textContent()).toContain('2 to install');
    await apply();
    await ended('succeeded');
    await page.getByText(`${app(2)}: succeeded`).waitFor();
    expect(await flawsOf(page, 'run-over')).toEqual([]);
    await page.goto('/plan?now');
    await page.getByRole('heading', { name: 'No changes' }).waitFor();
  });

  it('keep a plan in the address', async () => {
    await project.edit('cluster.hcl', 'default = "hello"', 'default = "hi"');
    await plan();
    expect(page.url()).toMatch(/digest=[0-9a-f]{64}$/);
    await page.reload();
    await button('Apply…').waitFor();
    await page.goto(`/plan?digest=${'0'.repeat(64)}`);
    await page.getByText('There is no such plan').waitFor();
    await button('Try again').click();
    await button('Apply…').waitFor();
  });

  it('show differences and restarts, all by keys', async () => {
    await button(/^\W*update\W*app@.*1 restart/)
      .first()
      .waitFor();
    await page.keyboard.press('/');
    expect(await focused(page)).toContain('Filter');
    await page.keyboard.type(app(2));
    await expect.poll(() => page.getByText(app(1)).count()).toBe(0);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toContain('1 of 2 instances');
    await page.keyboard.press('End');
    expect(await focused(page)).toContain(app(2));
    const row = button(new RegExp(`${app(2)}`));
    if ((await row.getAttribute('aria-expanded')) === 'false') await page.keyboard.press('Enter');
    const diff = page.getByRole('region', { name: /^Differences of .*config$/ });
    expect(await diff.innerText()).toMatch(/removed:\s+hello[\s\S]*added:\s+hi/);
    expect(await flawsOf(page, 'plan-diff')).toEqual([]);

    await button('Apply…').focus();
    await page.keyboard.press('Enter');
    await dialog().getByText('2 services restart').waitFor();
    expect(await dialog().innerText()).toContain(`${app(1)} service.app, because file.config changes`);
    expect(await flawsOf(page, 'plan-dialog')).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Apply…');
  });

  it('refuse a plan that is stale, and make it anew', async () => {
    await project.edit('cluster.hcl', 'default = "hi"', 'default = "hey"');
    await button('Apply…').click();
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await dialog().getByText('The plan is stale').waitFor();
    await dialog().getByRole('button', { name: 'Plan anew' }).click();
    await button(new RegExp(app(1))).click();
    await page.getByText('added: ').first().waitFor();
    await apply();
    await ended('succeeded');
  });

  it('scale up and down without an editor', async () => {
    await page.goto('/plan');
    await button('Scale…').click();
    const hosts = page.getByRole('textbox', { name: /^app / });
    await hosts.fill(`${network}.1\n${network}.2\nnowhere`);
    await button('2 variables').click();
    await page.getByRole('textbox', { name: 'workers' }).fill('many');
    await button('Save and plan').click();
    await page.getByText('There is no host block "nowhere"').waitFor();
    expect(await hosts.getAttribute('aria-invalid')).toBe('true');
    await page.getByText('a number is needed').waitFor();
    expect(await flawsOf(page, 'plan-scale')).toEqual([]);

    await hosts.fill(`${network}.1\n${network}.2\n${network}.3`);
    await page.getByText(`+ ${network}.3`).waitFor();
    await page.getByRole('textbox', { name: 'workers' }).fill('2');
    await button('Save and plan').click();
    await page.getByText('deployment-engine_override.json shadows the spec').waitFor();
    await page.getByText('1 to install').first().waitFor();
    // Nobody has changed a variable: all stay with the spec.
    expect(await posted()).toEqual({ components: { app: hostsOf(1, 2, 3) }, properties: {} });
    await apply();
    await ended('succeeded');
    expect(await project.read('cluster.hcl')).not.toContain(`${network}.3`);
    await page.goto('/');
    await page.getByText(`${network}.3`).first().waitFor();

    await page.goto('/plan');
    await button('Scale…').click();
    await hosts.fill(`${network}.2\n${network}.3`);
    await button('Save and plan').click();
    await page.getByText('1 to remove').first().waitFor();
    await button('Apply…').click();
    await dialog().getByText('1 instance removed').waitFor();
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await ended('succeeded');
    await page.getByRole('cell', { name: 'done' }).waitFor();
  });

  it('go back to the spec, when told what that changes', async () => {
    await page.goto('/plan');
    await button('Scale…').click();
    await button('2 variables').click();
    await page.getByRole('textbox', { name: 'workers' }).fill('5');
    await button('Save and plan').click();
    await page.getByText('var.workers').first().waitFor();
    expect(await posted()).toEqual({ components: { app: hostsOf(2, 3) }, properties: { workers: 5 } });

    await button('Scale…').click();
    await button('Back to the spec…').click();
    expect(await dialog().innerText()).toMatch(
      new RegExp(`app 2 → 2 hosts\\s+\\+ ${network}.1\\s+− ${network}.3\\s+~?\\s*var.workers\\s+5 → 2`),
    );
    expect(await flawsOf(page, 'plan-back')).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Back to the spec…');
    expect(await posted()).not.toBeNull();

    // What the spec would not bear is refused there and then.
    await project.edit('cluster.hcl', 'default = 2', '');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Back and plan' }).click();
    await dialog().getByRole('alert').getByText('workers').first().waitFor();
    expect(await posted()).not.toBeNull();
    await project.edit('cluster.hcl', 'type    = number\n', 'type    = number\n  default = 2\n');
    await dialog().getByRole('button', { name: 'Back and plan' }).click();
    await page.getByText('1 to install, 1 to remove').first().waitFor();
    expect(await posted()).toBeNull();
    await expect.poll(() => focused(page)).toBe('Scale…');
    await button('Scale…').click();
    await page.getByRole('textbox', { name: /^app / }).waitFor();
    expect(await button('Back to the spec…').count()).toBe(0);
  });

  it('show a run while it goes on, and end it before its end', async () => {
    await project.write('more.hcl', work(project.directory, 'slow'));
    await project.write(
      'deployment-engine_override.json',
      JSON.stringify({
        components: {
          app: [`${network}.2`, `${network}.3`],
          work: [`${network}.8`],
          after: [`${network}.9`],
        },
      }),
    );
    await plan();
    await apply();
    const row = page.getByRole('row', { name: new RegExp(`work@${network}.8`) });
    await row.getByText('running').waitFor();
    await page.getByRole('row', { name: new RegExp(`after@${network}.9.*waiting`) }).waitFor();
    await row.getByRole('button').click();
    await page.getByText('working for slow').waitFor();
    expect(page.url()).toContain('log=');
    expect(await flawsOf(page, 'run-live')).toEqual([]);

    await button('End the run…').click();
    await dialog().getByText('nothing new begins').waitFor();
    expect(await flawsOf(page, 'run-cancel')).toEqual([]);
    await dialog().getByRole('button', { name: 'End after what runs' }).click();
    await button('End it now…').waitFor();
    await project.write('go', '');
    await ended('was ended before its end');
    await page.getByRole('row', { name: new RegExp(`after@${network}.9.*(skipped|not done)`) }).waitFor();
    await page.getByRole('link', { name: 'Plan what is left' }).click();
    await page.getByText('1 to install').first().waitFor();
  });

  it('tell why something failed, with its last lines', async () => {
    await project.write('more.hcl', work(project.directory, 'fail'));
    await plan();
    await apply();
    await ended('failed');
    const card = page.getByRole('article', { name: `Failure of work@${network}.8` });
    expect(await card.innerText()).toMatch(/script\.work[\s\S]*no such thing/);
    expect(await flawsOf(page, 'run-failed')).toEqual([]);
    await page.getByRole('button', { name: /^failed/ }).click();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
  });

  it('stay quick with a thousand instances', async () => {
    const instances = Array.from({ length: 1_000 }, (_, n) =>
      instance(`app@10.0.${n >> 8}.${n & 255}`, 'update', {
        reasons: n === 7 ? ['drifted: file.config was changed on the host'] : ['input.greeting changed'],
        resources: [resource('file.config', { diff: `@@ -1 +1 @@\n-old ${n}\n+new ${n}\n` })],
      }),
    );
    const answer = planOf(instances, [{ does: 'place', components: ['app'] }]);
    await page.route(`**/api/v1/plans/${answer.plan}`, (route) => route.fulfill({ json: answer }));
    await page.goto(`/plan?digest=${answer.plan}`);
    await page.getByRole('list', { name: /^1000 instances/ }).waitFor();
    const nodes = (): Promise<number> => page.evaluate("document.querySelectorAll('main *').length");
    await button('Open all').click();
    await page.getByText('added: new 3', { exact: true }).waitFor();
    expect(await nodes()).toBeLessThan(1_500);
    await page.locator('[data-row-main]').first().focus();
    await page.keyboard.press('End');
    expect(await focused(page)).toContain('app@10.0.3.231');
    await page.keyboard.press('Home');
    for (let n = 0; n < 40; n++) await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toContain('app@10.0.0.39');
    await button(/^◆ drifted/).click();
    await page.getByRole('list', { name: /^1 instance,/ }).waitFor();
    await page.getByText('drifted: file.config was changed on the host').waitFor();
    expect(await nodes()).toBeLessThan(300);
    await page.unroute(`**/api/v1/plans/${answer.plan}`);

    const run = {
      run: 'r1',
      operation: 'apply',
      owner: 'me@here',
      startedAt: new Date().toISOString(),
      finishedAt: new Date().toISOString(),
      outcome: 'failed',
      counts: null,
      phase: null,
      firstEvent: null,
      problem: null,
      instances: instances.map(({ address }, n) => ({
        instance: address,
        action: 'update',
        outcome: n === 900 ? 'failed' : 'succeeded',
        elapsedMs: 100,
        why: n === 900 ? 'It did not start.' : null,
        log: `app_${n}.log`,
      })),
    };
    await page.route('**/api/v1/runs/r1', (route) => route.fulfill({ json: run }));
    await page.goto('/runs/r1');
    await page.getByRole('article', { name: 'Failure of app@10.0.3.132' }).waitFor();
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('1001');
    expect(await page.getByRole('row').nth(1).textContent()).toContain('app@10.0.3.132');
    expect(await nodes()).toBeLessThan(1_500);
    expect(await flawsOf(page, 'run-large')).toEqual([]);
    await page.unroute('**/api/v1/runs/r1');
  });

  it('destroy a cluster only when its name is typed', async () => {
    await page.goto('/plan');
    await button('More').click();
    await expect.poll(() => focused(page)).toContain('Plan to destroy');
    expect(await flawsOf(page, 'plan-menu')).toEqual([]);
    await page.keyboard.press('Enter');
    await button('Destroy…').click();
    const destroy = dialog().getByRole('button', { name: 'Destroy' });
    expect(await destroy.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: /Type shop/ }).fill('shop');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\//);
    await ended('succeeded');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Destroy');
  });
});
