import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Project } from '../project.ts';
import type { RunningSlipway } from '../slipway.ts';

/** Chromium as it lies on the PATH; null: it does not, and tests of the page skip themselves. */
export const chromiumPath: string | null = findOnPath(['chromium', 'chromium-browser', 'google-chrome']);

/** Addresses of this test process alone: `${network}.1` and on. */
export const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

export interface ServedPage {
  /** `http://127.0.0.1:41234` */
  readonly url: string;
  readonly server: RunningSlipway;
  readonly browser: Browser;
  /**
   * A window of its own at a path of the page, once it has drawn something. What it complains of (errors of scripts, files that did not come,
   * breaches of the policy) is in `problems`.
   */
  open(to: string, options?: OpenOptions): Promise<OpenedPage>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly scheme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
  /** A token, as if it had been typed in before. */
  readonly token?: string;
}

export interface OpenedPage {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** A real server of a project and a real browser. */
export async function servePage(project: Project, ...options: readonly string[]): Promise<ServedPage> {
  if (chromiumPath === null) throw new Error('there is no Chromium');
  const server = project.start('serve', '--listen=127.0.0.1:0', ...options);
  await server.seen(/Ctrl-C ends it/);
  const url = /at (http:\S+)/.exec(server.text())?.[1] ?? '';
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    // Chromium's own sandbox does not work for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  return {
    url,
    server,
    browser,
    async open(to, { scheme = 'light', size = DESKTOP, token } = {}) {
      const context = await browser.newContext({ colorScheme: scheme, viewport: size, baseURL: url });
      if (token !== undefined)
        await context.addInitScript(`sessionStorage.setItem('slipway.token', ${JSON.stringify(token)})`);
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        // An answer that is an error is shown by the page itself.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          problems.push(message.text());
      });
      await page.goto(to);
      await page.locator('h1').waitFor();
      return { page, problems };
    },
    async close() {
      await browser.close();
      server.kill('SIGTERM');
      await server.result;
    },
  };
}

/**
 * Looks at a page as it stands in both colour schemes and at phone width: all that is wrong, in a line each. With `SLIPWAY_SCREENSHOTS`
 * set to a folder, pictures are left there under this name.
 */
export async function flawsOf(page: Page, name: string): Promise<readonly string[]> {
  const flaws: string[] = [];
  const before = page.viewportSize() ?? DESKTOP;
  for (const [scheme, size, label] of [
    ['light', DESKTOP, 'light'],
    ['dark', DESKTOP, 'dark'],
    ['light', PHONE, 'phone'],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await page.waitForTimeout(150);
    for (const flaw of await axeViolations(page)) flaws.push(`${name}, ${label}: ${flaw}`);
    const wide = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (wide > 0) flaws.push(`${name}, ${label}: the page scrolls sideways by ${wide} pixels`);
    await screenshot(page, `${name}-${label}`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(before);
  return flaws;
}

/** What axe finds against WCAG 2.2 A and AA and its own good practice, with the elements. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Not as a script of the page: its policy would not have it.
  await page.evaluate(axe.source);
  const options: axe.RunOptions = {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'],
  };
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.map(({ id, help, nodes }) => {
    const first = nodes[0];
    const why = first?.any[0]?.message ?? first?.all[0]?.message ?? '';
    return `${id} (${help}) at ${nodes.length}: ${first?.html.slice(0, 200) ?? ''} ${why}`;
  });
}

/** A picture in the folder of `SLIPWAY_SCREENSHOTS`; without it none. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SLIPWAY_SCREENSHOTS'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** The focused element as a reader would name it, roughly: its label, or its text. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>(
    `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? ''`,
  );
}

function findOnPath(names: readonly string[]): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    for (const name of names) {
      const file = path.join(folder, name);
      if (folder !== '' && existsSync(file)) return file;
    }
  }
  return null;
}
