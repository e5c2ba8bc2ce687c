// Takes the pictures of docs/pictures/ from the real program: `node scripts/pictures.mjs`. Needs tmux, and a build.
// A copy of examples/quickstart with more backends is applied on loopback addresses of this machine, in a temporary
// directory, and removed again.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { terminalSvg } from './terminal-svg.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'dist', 'main.js');
const folder = join(root, 'docs', 'pictures');
/** Columns of all pictures; each has as many rows as it needs. */
const COLUMNS = 100;
const ROWS = { plan: 37, apply: 20, status: 22 };
/** Addresses of their own, so that a quickstart that runs beside is left alone. */
const addressOf = (number) => `127.0.8.${number}`;

/** What each picture shows, for those who do not see it. */
const TITLES = {
  plan: 'The review of a plan in a terminal: hosts, their changes, a diff of a file, and the question whether to apply',
  apply:
    'A running apply in a terminal: one line per instance, done, working and waiting, under a progress bar',
  instance:
    'One instance of the live status: its use of the host, services, checks, endpoints, last run, and its log',
  status: 'The live status of a cluster in a terminal: instances by component with their state and load',
};

if (spawnSync('tmux', ['-V']).status !== 0) {
  console.error('The pictures are taken from a terminal of tmux: install it first (apt-get install tmux).');
  process.exit(1);
}
await takePictures();

async function takePictures() {
  const directory = mkdtempSync(join(tmpdir(), 'shop-'));
  const socket = `slipway-pictures-${process.pid}`;
  try {
    await play(directory, socket);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  spawnSync('tmux', ['-L', socket, 'kill-server'], { stdio: 'ignore' });
  slipway(directory, 'destroy', '--auto-approve', '--lock-timeout=10s');
  rmSync(directory, { recursive: true, force: true });
}

async function play(directory, socket) {
  cpSync(join(root, 'examples', 'quickstart'), directory, {
    recursive: true,
    filter: (path) => !/\.slipway|\.state\.json/.test(path),
  });
  const before = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  writeSpec(directory, before, 'hello');
  slipway(directory, 'apply', '--auto-approve');
  const terminal = openTerminal(socket, directory);
  // One backend goes, one comes, and the balancer hears of it.
  const after = [...before.slice(0, -1), 10];
  writeSpec(directory, after, 'hello');
  await picturePlan(terminal);
  // All backends restart, a quarter at a time.
  writeSpec(directory, after, 'good morning');
  await pictureApply(terminal);
  await pictureStatus(terminal, directory);
}

async function picturePlan({ type, press, until, resize }) {
  resize(ROWS.plan);
  await type('slipway apply');
  await until((text) => text.includes('a apply'));
  press('e');
  save('plan', await until((text) => text.includes('@@')));
  press('q');
  await until((text) => text.includes('Not applied'));
}

async function pictureApply({ type, press, until, watch, resize }) {
  resize(ROWS.apply);
  await type('slipway apply');
  await until((text) => text.includes('a apply'));
  press('a');
  await until((text) => text.includes('Apply this plan?'));
  press('y');
  const frames = (await watch((text) => text.includes('Run complete')))
    .map((frame) => ({ frame, share: Number(/, (\d+) %/.exec(bare(frame))?.[1] ?? 0) }))
    .filter(({ frame }) => count(frame, '●') > 2);
  // In the middle: much is done, and something is being worked on.
  const [middle] = frames.sort((a, b) => Math.abs(a.share - 55) - Math.abs(b.share - 55));
  if (middle === undefined) throw new Error('the run was over before a picture of it could be taken');
  save('apply', middle.frame);
}

async function pictureStatus({ type, press, until, resize }, directory) {
  resize(ROWS.status);
  // Something to see: one was changed by hand, one was stopped, one hangs, and some have work.
  slipway(directory, 'stop', 'backend@127.0.8.7', '--auto-approve');
  writeFileSync(instanceFile(directory, 4, 'config.json'), '{"port":18080}\n');
  const [hanging] = readFileSync(instanceFile(directory, 2, '.slipway/backend/child'), 'utf8').split(' ');
  const work = new AbortController();
  const requests = [1, 3, 5, 100].map((number) => keepAsking(number, work.signal));
  await type('slipway status --watch');
  await until((text) => text.includes('≠'));
  process.kill(Number(hanging), 'SIGSTOP');
  try {
    press('Down');
    save('status', await until((text) => text.includes('▲') && /\d+s ago/.test(text)));
  } finally {
    process.kill(Number(hanging), 'SIGCONT');
  }
  press('q');
  work.abort();
  await Promise.all(requests);
}

/** Asks for a page again and again, until the signal. */
async function keepAsking(number, signal) {
  const url = `http://127.0.8.${number}:${number === 100 ? 18000 : 18080}/`;
  while (!signal.aborted) {
    await fetch(url, { signal })
      .then((response) => response.text())
      .catch(() => undefined);
    await sleep(3);
  }
}

function writeSpec(directory, numbers, greeting) {
  const file = join(directory, 'cluster.hcl');
  const text = readFileSync(join(root, 'examples', 'quickstart', 'cluster.hcl'), 'utf8')
    .replace(/backends = \[[^\]]*\]/, `backends = ${JSON.stringify(numbers.map(addressOf))}`)
    .replaceAll('127.0.1.100', addressOf(100))
    .replace('cluster "quickstart"', 'cluster "shop"')
    .replace('greeting = "hello"', `greeting = "${greeting}"`);
  writeFileSync(file, text);
}

function instanceFile(directory, number, name) {
  return join(directory, '.slipway', 'hosts', addressOf(number), 'instances', 'backend', name);
}

function slipway(directory, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, `--chdir=${directory}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`slipway ${args.join(' ')}:\n${stdout}${stderr}`);
}

/** A shell in a terminal of a fixed size, where `slipway` is the program. */
function openTerminal(socket, directory) {
  const tmux = (...args) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const size = (rows) => ['-x', String(COLUMNS), '-y', String(rows)];
  const shell = `env PS1='$ ' ENV= COLORTERM= sh`;
  tmux('new-session', '-d', '-s', 'picture', ...size(24), '-c', directory, shell);
  tmux('set-option', '-g', 'status', 'off');
  const press = (...keys) => tmux('send-keys', '-t', 'picture', ...keys);
  const screen = () => tmux('capture-pane', '-e', '-p', '-t', 'picture');
  const until = async (condition) => {
    for (let tries = 0; tries < 300; tries++) {
      const text = screen();
      if (condition(bare(text))) return text;
      await sleep(50);
    }
    throw new Error(`never came; the screen is:\n${bare(screen())}`);
  };
  press(`slipway() { '${process.execPath}' '${program}' "$@"; }; clear`, 'Enter');
  return {
    press,
    /** The first screen of which the condition holds; its colours are not part of the text that is asked about. */
    until,
    /** Runs a command on a clean screen, once the one before has ended. */
    async type(line) {
      await until((text) => text.trimEnd().endsWith('\n$') || text.trim() === '$');
      press(`clear; ${line}`, 'Enter');
    },
    resize: (rows) => tmux('resize-window', '-t', 'picture', ...size(rows)),
    /** All screens until the condition holds, ten a second. */
    async watch(condition) {
      const seen = [];
      for (let tries = 0; tries < 600; tries++) {
        const text = screen();
        if (condition(bare(text))) return seen;
        seen.push(text);
        await sleep(100);
      }
      throw new Error(`never ended; the screen is:\n${bare(screen())}`);
    },
  };
}

function bare(text) {
  return text.replace(/\u001b\[[\d;]*m/g, '');
}

function count(text, mark) {
  return text.split(mark).length - 1;
}

function save(name, screen) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.svg`);
  writeFileSync(
    file,
    terminalSvg(screen.split('\n'), { columns: COLUMNS, rows: ROWS[name], title: TITLES[name] }),
  );
  console.log(`docs/pictures/${name}.svg`);
}
