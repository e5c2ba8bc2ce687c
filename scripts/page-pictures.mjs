// Takes the pictures of the page in docs/pictures/: `node scripts/page-pictures.mjs`. Needs Chromium, and a build.
// A small cluster is applied on loopback addresses of this machine, in a temporary directory, served, and removed again.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'dist', 'main.js');
const folder = join(root, 'docs', 'pictures');
const SIZE = { width: 1280, height: 580 };

/** Addresses of their own, so that other clusters on loopback are left alone. */
const addressOf = (number) => `127.0.9.${number}`;
const HOSTS = {
  'core-1': 1,
  'core-2': 2,
  'core-3': 3,
  'app-1': 4,
  'app-2': 5,
  'app-3': 6,
  'app-4': 7,
  edge: 9,
};
const COMPONENTS = {
  etcd: { port: 2379, hosts: ['core-1', 'core-2', 'core-3'], needs: [] },
  nats: { port: 4222, hosts: ['core-1', 'core-2', 'core-3'], needs: [] },
  backend: { port: 8080, hosts: ['app-1', 'app-2', 'app-3'], needs: ['etcd', 'nats'] },
  worker: { port: 9000, hosts: ['app-1', 'app-2', 'app-3', 'app-4'], needs: ['nats'] },
  balancer: { port: 80, hosts: ['edge'], needs: ['backend'] },
};

const definition = (name) => `
input "port" { type = number }
file "config" {
  path    = "${name}.conf"
  content = "listen  \${host.address}:\${input.port}\\nworkers 4\\nlog     info\\n"
}
script "warm" {
  create   = "sleep 1.5"
  triggers = [input.port]
}
service "${name}" {
  command = "/bin/sh -c 'while :; do echo served; sleep 2; done'"
}
check "ready" {
  command  = "test ! -e \${instance.dir}/broken"
  interval = "200ms"
}
endpoint "http" { port = input.port }
`;

function specOf(components) {
  const hosts = Object.entries(HOSTS).map(([name, n]) => `host "${name}" { address = "${addressOf(n)}" }`);
  const blocks = Object.entries(components).map(
    ([name, { port, hosts: on, needs }]) => `component "${name}" {
  source     = "./${name}"
  hosts      = [${on.map((host) => `"${addressOf(HOSTS[host])}"`).join(', ')}]
  inputs     = { port = ${port} }
  depends_on = [${needs.map((need) => `component.${need}`).join(', ')}]
}`,
  );
  return ['cluster "shop" { version = "2.4.1" }', ...hosts, ...blocks, ''].join('\n');
}

const chromiumPath = spawnSync('sh', ['-c', 'command -v chromium || command -v chromium-browser'], {
  encoding: 'utf8',
}).stdout.trim();
if (chromiumPath === '') {
  console.error('The pictures are taken in Chromium: install it first (apt-get install chromium).');
  process.exit(1);
}

const directory = mkdtempSync(join(tmpdir(), 'shop-'));
const slipway = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, `--chdir=${directory}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`slipway ${args.join(' ')}:\n${stdout}${stderr}`);
};
const instanceFile = (host, component, name) =>
  join(directory, '.slipway', 'hosts', addressOf(HOSTS[host]), 'instances', component, name);

try {
  await takePictures();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  slipway('destroy', '--auto-approve', '--lock-timeout=30s');
  rmSync(directory, { recursive: true, force: true });
}

async function takePictures() {
  for (const name of Object.keys(COMPONENTS)) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'component.hcl'), definition(name));
  }
  const write = (components) => writeFileSync(join(directory, 'cluster.hcl'), specOf(components));
  write(COMPONENTS);
  slipway('apply', '--auto-approve');
  slipway('stop', `worker@${addressOf(HOSTS['app-4'])}`, '--auto-approve');
  appendFileSync(instanceFile('app-2', 'worker', 'worker.conf'), 'debug\n');
  writeFileSync(instanceFile('app-3', 'backend', 'broken'), '');

  const { url, end } = await serve();
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' });
    const save = async (name, height = SIZE.height) => {
      // Neither a blinking cursor nor a focus ring.
      await page.evaluate('document.activeElement?.blur()');
      await page.waitForTimeout(500);
      const clip = { x: 0, y: 0, width: SIZE.width, height };
      await page.screenshot({ path: join(folder, `${name}.png`), clip });
      console.log(`docs/pictures/${name}.png`);
    };
    await page.goto(`${url}/`);
    await page.locator('[data-spot][data-state=degraded]').click();
    await page.getByRole('dialog').getByText('exit code 1').first().waitFor();
    await save('page-map');

    // One backend comes, all listen at another port, and the balancer hears of it.
    rmSync(instanceFile('app-3', 'backend', 'broken'));
    const { backend } = COMPONENTS;
    write({ ...COMPONENTS, backend: { ...backend, port: 8081, hosts: [...backend.hosts, 'app-4'] } });
    await page.goto(`${url}/plan`);
    await page.getByRole('main').getByRole('button', { name: 'Plan', exact: true }).first().click();
    await page.getByRole('button', { name: new RegExp(`backend@${addressOf(HOSTS['app-1'])}`) }).click();
    await page.getByText('8081').first().waitFor();
    await save('page-plan');

    await page.getByRole('button', { name: 'Apply…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/\/runs\//);
    await page.getByText('done', { exact: true }).first().waitFor();
    await save('page-run', 520);
    await page.getByText('succeeded', { exact: true }).first().waitFor();
  } finally {
    await browser.close();
    await end();
  }
}

/** A server on a free port, and how it is ended. */
function serve() {
  const server = spawn(process.execPath, [program, 'serve', '--listen=127.0.0.1:0', `--chdir=${directory}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => server.once('close', resolve));
  const end = () => {
    server.kill('SIGTERM');
    return ended;
  };
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (chunk) => {
      text += chunk;
      const url = /at (http:\S+)/.exec(text)?.[1];
      if (url !== undefined && text.includes('Ctrl-C')) resolve({ url, end });
    });
    void ended.then(() => reject(new Error(`the server ended:\n${text}`)));
  });
}
