import { appendFileSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../project.ts';
import {
  chromiumPath,
  flawsOf,
  focused,
  network,
  screenshot,
  servePage,
  type ServedPage,
} from './page-harness.ts';

const hosts = [1, 2, 3].map((n) => `${network}.${n}`);
const [first = '', second = ''] = hosts;

const spec = (version: string, greeting: string, count: number): string => `# A cluster that writes logs.
cluster "harbour" {
  version = "${version}"
}

variable "level" {
  type    = string
  default = "info"
}

component "crane" {
  source = "./crane"
  hosts  = [${hosts
    .slice(0, count)
    .map((host) => `"${host}"`)
    .join(', ')}]
  inputs = { greeting = "${greeting}" }
}

component "quay" {
  source = "./crane"
  hosts  = ["${network}.9"]
  inputs = { greeting = "moin" }
}
`;

const DEFINITION = `input "greeting" { type = string }
file "greeting" {
  path    = "greeting"
  content = "\${input.greeting}\\n"
}
service "crane" {
  command = "/bin/sh -c 'echo lifting; while sleep 1000; do :; done'"
}
log "main" { path = "\${instance.dir}/main.log" }
`;

/** Of the lines; as text, for this side knows no document. */
const SCROLL_TOP = `document.querySelector('.log-lines').scrollTop`;

describe.skipIf(chromiumPath === null)('logs, runs and history in a browser', () => {
  let project: Project;
  let served: ServedPage;
  const problems: string[] = [];

  beforeAll(async () => {
    project = await Project.of({ 'cluster.hcl': spec('1', 'ahoy', 2), 'crane/component.hcl': DEFINITION });
    await project.apply();
    await project.write('cluster.hcl', spec('2', 'hello', 3));
    await project.apply();
    await project.run('restart', 'quay', '--auto-approve');
    for (const [at, host] of [first, second].entries()) writeFileSync(logOf(host), lines(at, 1, 40).join(''));
    served = await servePage(project);
  });
  afterAll(async () => {
    await served?.close();
    await project?.destroy();
    await project?.dispose();
    expect(problems).toEqual([]);
  });

  const lines = (at: number, from: number, to: number): readonly string[] =>
    Array.from({ length: to - from + 1 }, (_, n) => {
      const color = n % 10 === 9 ? '\u001b[33mWARN\u001b[0m' : 'INFO';
      return `2026-11-21T04:15:${String((from + n) % 60).padStart(2, '0')}Z ${color} crane ${at} lifts crate ${from + n}\n`;
    });

  function logOf(host: string): string {
    const found = readdirSync(project.directory, { recursive: true, encoding: 'utf8' }).find(
      (name) => name.includes(host) && name.endsWith('/greeting'),
    );
    return path.join(project.directory, path.dirname(found ?? ''), 'main.log');
  }

  async function open(to: string): Promise<Page> {
    const opened = await served.open(to);
    problems.splice(0, 0, ...opened.problems);
    return opened.page;
  }

  it('lists the logs, and follows one through rotation', async () => {
    const page = await open('/logs');
    const tree = page.getByRole('tree');
    await tree.getByRole('treeitem', { name: /main/ }).first().waitFor();
    expect(await flawsOf(page, 'logs-list')).toEqual([]);
    await tree.getByRole('treeitem', { name: /main/ }).first().click();
    await page.waitForURL(/instance=crane.*log=main/);
    const log = page.getByRole('region', { name: /^Log of/ });
    await log.getByText('crane 0 lifts crate 40').waitFor();
    await page.getByText('following', { exact: true }).waitFor();
    appendFileSync(logOf(first), lines(0, 41, 41).join(''));
    await log.getByText('lifts crate 41').waitFor();
    renameSync(logOf(first), `${logOf(first)}.1`);
    writeFileSync(logOf(first), lines(0, 42, 43).join(''));
    await log.getByText('lifts crate 43').waitFor();
    await page.getByText('43 lines', { exact: true }).waitFor();
    expect(await log.locator('.ansi-yellow').count()).toBeGreaterThan(1);
    expect(await flawsOf(page, 'logs-one')).toEqual([]);
    await page.close();
  });

  it('shows several at once, each by name and colour, and what is searched for', async () => {
    const page = await open('/logs?instance=crane&log=main');
    const log = page.getByRole('region', { name: /^Log of/ });
    await log.getByText('crane 1 lifts crate 40').waitFor();
    expect(await log.locator('.log-prefix.hue-0').count()).toBeGreaterThan(0);
    expect(await log.locator('.log-prefix.hue-1').count()).toBeGreaterThan(0);
    expect(await flawsOf(page, 'logs-several')).toEqual([]);
    await page.getByRole('searchbox', { name: /Only lines/ }).fill('crate 7$');
    await page.keyboard.press('Enter');
    await page.waitForURL(/grep=/);
    await expect.poll(() => log.locator('.log-line').count()).toBe(1);
    appendFileSync(logOf(second), lines(1, 57, 58).join(''));
    await page.getByRole('searchbox', { name: /Only lines/ }).fill('crate 57');
    await page.keyboard.press('Enter');
    await log.locator('mark').first().waitFor();
    await page.close();
  });

  it('stays where somebody reads, and goes on at the end', async () => {
    writeFileSync(logOf(second), lines(1, 1, 58).join(''));
    const page = await open(`/logs?instance=crane@${second}&log=main`);
    const log = page.getByRole('region', { name: /^Log of/ });
    await log.getByText('lifts crate 58').waitFor();
    await page.setViewportSize({ width: 1280, height: 480 });
    await log.hover();
    await page.mouse.wheel(0, -400);
    const jump = page.getByRole('button', { name: 'Jump to end' });
    await jump.waitFor();
    const before = await page.evaluate<number>(SCROLL_TOP);
    expect(before).toBeGreaterThan(0);
    appendFileSync(logOf(second), lines(1, 59, 70).join(''));
    await page.getByText(/12 new below/).waitFor();
    expect(await page.evaluate<number>(SCROLL_TOP)).toBe(before);
    await jump.click();
    await log.getByText('lifts crate 70').waitFor();
    await jump.waitFor({ state: 'detached' });
    await page.close();
  });

  it('goes on after a broken connection without losing or repeating a line', async () => {
    writeFileSync(logOf(second), lines(1, 1, 70).join(''));
    const proxy = await cuttingProxy(Number(new URL(served.url).port));
    const page = await open(`http://127.0.0.1:${proxy.port}/logs?instance=crane@${second}&log=main`);
    await page.getByText('following', { exact: true }).waitFor();
    proxy.cut();
    appendFileSync(logOf(second), lines(1, 71, 75).join(''));
    await page
      .getByText(/trying again/)
      .first()
      .waitFor();
    proxy.mend();
    const log = page.getByRole('region', { name: /^Log of/ });
    await log.getByText('lifts crate 75').waitFor();
    const shown = (await log.locator('.log-line').allTextContents()).map((text) => / (\d+)$/.exec(text)?.[1]);
    expect(shown.slice(-7)).toEqual(['69', '70', '71', '72', '73', '74', '75']);
    await page.close();
    proxy.close();
  });

  it('shows a thousand instances as quickly', async () => {
    const { page } = await served.open('/runs');
    const instances = Array.from({ length: 1000 }, (_, n) => `crane@10.0.${n >> 8}.${n & 255}`);
    await page.route('**/api/v1/cluster', async (route) => {
      const answer = (await (await route.fetch()).json()) as { components: { instances: unknown }[] };
      answer.components = answer.components.map((one, n) => (n === 0 ? { ...one, instances } : one));
      await route.fulfill({ json: answer });
    });
    await page.route('**/api/v1/logs?*', (route) => route.fulfill({ json: { logs: [] } }));
    await page.goto('/logs');
    await page.getByText('1000 instances').click();
    await page.getByRole('tree').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: '10.0.0.0' }).waitFor();
    expect(await page.getByRole('treeitem').count()).toBeLessThan(60);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.getByRole('treeitem', { name: '10.0.3.231' }).waitFor();
    expect(await page.getByRole('treeitem').count()).toBeLessThan(60);
    await page.close();
  });

  it('keeps the last 100,000 lines, and draws few of them', async () => {
    writeFileSync(logOf(second), '');
    const page = await open(`/logs?instance=crane@${second}&log=main&lines=100000`);
    const log = page.getByRole('region', { name: /^Log of/ });
    await page.getByText('following', { exact: true }).waitFor();
    appendFileSync(logOf(second), 'begun\n');
    // Following has begun, so that nothing is left out of what comes.
    await log.getByText('begun').waitFor();
    for (let from = 1; from <= 104_000; from += 8_000)
      appendFileSync(logOf(second), lines(1, from, from + 7_999).join(''));
    await log.getByText('lifts crate 104000').waitFor({ timeout: 60_000 });
    await page.getByText(/100,000 lines/).waitFor();
    expect(await page.locator('.logs-foot').textContent()).toMatch(/4,\d\d\d older ones were let go of/);
    expect(await log.locator('.log-line').count()).toBeLessThan(150);
    await log.focus();
    const tookMs = await page.evaluate<number>(`(async () => {
      const frame = document.querySelector('.log-lines');
      const begin = performance.now();
      for (let n = 1; n <= 20; n++) {
        frame.scrollTop = (frame.scrollHeight * (20 - n)) / 20;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      }
      return performance.now() - begin;
    })()`);
    expect(tookMs).toBeLessThan(5_000);
    await log
      .getByText(/lifts crate 4\d\d\d$/)
      .first()
      .waitFor();
    // What is being read stays where it is, though as many lines go as come.
    const isRead = `(() => {
      const frame = document.querySelector('.log-lines');
      const { top } = frame.getBoundingClientRect();
      const line = [...frame.querySelectorAll('.log-line')].find((one) => one.getBoundingClientRect().top >= top);
      return line.textContent + ' ' + Math.round(line.getBoundingClientRect().top);
    })()`;
    await page.evaluate(`(() => {
      const frame = document.querySelector('.log-lines');
      frame.scrollTop = frame.scrollHeight / 2;
    })()`);
    await page.waitForTimeout(100);
    const read = await page.evaluate<string>(isRead);
    expect(read).toMatch(/lifts crate 5\d{4} /);
    appendFileSync(logOf(second), lines(1, 104_001, 104_500).join(''));
    await page.getByText(/500 new below/).waitFor();
    await page.waitForTimeout(100);
    expect(await page.evaluate<string>(isRead)).toBe(read);
    await page.getByLabel('Wrap').check();
    await page.getByRole('button', { name: 'Jump to end' }).click();
    await log.getByText('lifts crate 104500').waitFor({ timeout: 60_000 });
    await page.close();
  });

  it('goes by keyboard alone', async () => {
    const page = await open('/logs');
    await page.getByRole('treeitem').first().waitFor();
    await page.keyboard.press('/');
    expect(await focused(page)).toBe('Filter by name');
    await page.keyboard.type('quay');
    await expect.poll(() => page.getByRole('treeitem', { level: 1 }).count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Components, instances and their logs');
    for (const key of ['Home', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    await page.waitForURL(/instance=quay/);
    await page
      .getByRole('region', { name: /^Log of/ })
      .getByText('lifting')
      .first()
      .waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.waitForURL(/\/runs$/);
    await page.close();
  });

  it('saves a log as a file', async () => {
    const page = await open(`/logs?instance=crane@${first}&log=main`);
    await page
      .getByRole('region', { name: /^Log of/ })
      .getByText('lifts crate 43')
      .waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`crane@${first}-main.log`);
    expect(readFileSync(await download.path(), 'utf8')).toBe(readFileSync(logOf(first), 'utf8'));
    await page.close();
  });

  it('says what is wrong with a link that names nothing', async () => {
    const page = await open('/logs?instance=ghost@10.0.0.1');
    await page.getByRole('alert').getByText(/ghost/).first().waitFor();
    expect(await flawsOf(page, 'logs-nothing')).toEqual([]);
    await page.close();
  });

  it('lists runs with what came of them', async () => {
    const page = await open('/runs');
    const table = page.getByRole('table');
    await table.getByRole('row').nth(3).waitFor();
    const texts = await table.getByRole('row').allTextContents();
    expect(texts).toHaveLength(4);
    expect(texts[1]).toMatch(/succeeded.*restart/);
    expect(texts[3]).toMatch(/succeeded.*apply.*3 done/);
    expect(await flawsOf(page, 'runs')).toEqual([]);
    await page.getByRole('searchbox', { name: /Filter/ }).fill('restart');
    await expect.poll(() => table.getByRole('row').count()).toBe(2);
    await table.getByRole('link', { name: 'restart' }).click();
    await page.waitForURL(/\/runs\/2/);
    await page.close();
  });

  it('shows versions, how they differ, and the way back', async () => {
    const page = await open('/history');
    await page.getByRole('heading', { name: /Version 2/ }).waitFor();
    const diff = page.getByRole('region', { name: 'Differences of cluster.hcl' });
    await diff.getByText('inputs = { greeting = "hello" }').waitFor();
    expect(await flawsOf(page, 'history')).toEqual([]);
    await page.getByLabel('Side by side').check();
    await page.waitForURL(/side=true/);
    expect(await flawsOf(page, 'history-side')).toEqual([]);

    await page.getByRole('link', { name: /^1 apply/ }).click();
    await page.getByRole('heading', { name: /Version 1/ }).waitFor();
    await page.getByRole('combobox', { name: 'Compared with' }).selectOption('now');
    await diff.getByText('greeting = "hello"').waitFor();
    const tabs = page.getByRole('tab');
    await tabs.first().focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('region', { name: 'Text of cluster.hcl' }).getByText('"ahoy"').waitFor();
    expect(await flawsOf(page, 'history-files')).toEqual([]);

    await page.getByRole('button', { name: /Roll back to 1/ }).click();
    await page.getByText('undoes the rollback').waitFor();
    expect(await flawsOf(page, 'history-rollback')).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/plan\?digest=[0-9a-f]{64}/);
    await page
      .getByText(`crane@${hosts[2] ?? ''}`)
      .first()
      .waitFor();
    await screenshot(page, 'history-plan');
    await page.close();
  });
});

/** Between a browser and its server, and not to be relied on. */
async function cuttingProxy(port: number) {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        open.delete(from);
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => (isCut = false),
    close() {
      cut();
      server.close();
    },
  };
}
