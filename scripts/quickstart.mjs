// `npm run quickstart`: applies examples/quickstart on loopback addresses of this machine, asks its load balancer, and says
// what to try next. Run again, it finds nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = 'examples/quickstart';
/** As it is typed from the root of the repository. */
const slipway = (...words) => ['node', 'dist/main.js', ...words, `--chdir=${example}`].join(' ');

process.chdir(root);
process.exitCode = await main();

async function main() {
  if (process.platform !== 'linux') {
    console.error(
      'The quickstart works on this machine itself, which must be Linux for that: it uses all of 127.0.0.0/8 and /proc.',
    );
    return 1;
  }
  // `npm ci --ignore-scripts` does not build.
  if (!existsSync('dist/main.js') && run('scripts/build.mjs') !== 0) return 1;
  console.log(`$ ${slipway('apply', '--auto-approve')}\n`);
  const code = run('dist/main.js', 'apply', '--auto-approve', `--chdir=${example}`);
  if (code !== 0) return code;
  const { url, backends } = outputs();
  console.log(`\nThe load balancer at ${url} answers in turn:`);
  for (let i = 0; i < backends.length; i++) {
    const response = await fetch(url, { headers: { connection: 'close' } });
    console.log(`  ${(await response.text()).trim()}`);
  }
  console.log(nextSteps(url));
  return 0;
}

function run(script, ...args) {
  return spawnSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' }).status ?? 1;
}

/** The outputs of the example by name. */
function outputs() {
  const args = ['dist/main.js', 'output', '--json', `--chdir=${example}`];
  const { stdout } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  return Object.fromEntries(Object.entries(JSON.parse(stdout)).map(([name, { value }]) => [name, value]));
}

function nextSteps(url) {
  return `
Next:
  look     curl ${url}
  scale    edit the list "backends" in ${example}/cluster.hcl, then
           ${slipway('apply')}
  remove   ${slipway('destroy')}

README.md goes on from here.`;
}
