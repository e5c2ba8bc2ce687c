// `npm test [-- TIER... | FILE... | vitest's options]`: builds, runs every tier that this machine can run, and says
// loudly which it could not. The last line is `N passed, N failed`, with `, N skipped` if there are any.
// With CI=true and as root nothing may be left out: a tier that cannot run there is a failure.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gaps, installMissing, obstacles, tiers } from './tiers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'test-results');
/** Our own, so that two runs in one checkout do not read each other's reports. */
const reports = mkdtempSync(join(tmpdir(), 'slipway-test-'));
const mustRunAll = process.env.CI === 'true' && process.getuid?.() === 0;
/** Past this many minutes after the start, what still runs is stopped and counted as a failure. */
const limitMinutes = Number(process.env.SLIPWAY_TEST_MINUTES ?? Infinity);

const nothing = { passed: 0, failed: 0, skipped: 0, note: '' };

process.chdir(root);
process.exitCode = await main(process.argv.slice(2)).finally(() =>
  rmSync(reports, { recursive: true, force: true }),
);

async function main(args) {
  if (!build()) return conclude([{ name: 'build', ...nothing, failed: 1, note: 'the build failed' }], []);

  const { selected, rest } = select(args);
  installMissing(selected);
  const outcomes = [];
  const notices = [];
  for (const tier of selected) {
    const reasons = obstacles(tier);
    if (reasons.length > 0) {
      notices.push({ title: `NOT RUN: ${tier.name}`, reasons });
      outcomes.push({ name: tier.name, ...nothing, failed: mustRunAll ? 1 : 0, note: 'not run' });
      continue;
    }
    const missing = gaps(tier);
    if (missing.length > 0) notices.push({ title: `RUN IN PART: ${tier.name}`, reasons: missing });
    outcomes.push(await runTier(tier, rest));
    if (mustRunAll && missing.length > 0) {
      outcomes.push({ name: tier.name, ...nothing, failed: 1, note: 'run in part' });
    }
  }
  return conclude(outcomes, notices);
}

/** Tests start dist/main.js as a user would; it is built when anything that goes into it is newer. */
function build() {
  const built = newest(['dist/main.js']);
  if (built > newest(['src', 'providers', 'state', 'package.json', 'scripts/build.mjs'])) return true;
  return (
    spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] }).status ===
    0
  );
}

/** The newest modification time below these paths, in milliseconds; 0 where there is none. */
function newest(paths) {
  const files = paths
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true }).map((name) => join(path, name))
        : [path],
    );
  return Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

/** Names of tiers choose tiers, files choose the tiers that they belong to; all else is vitest's. */
function select(args) {
  const named = tiers.filter(({ name }) => args.includes(name));
  const rest = args.filter((arg) => !tiers.some(({ name }) => name === arg));
  if (named.length > 0) return { selected: named, rest };
  const files = rest.filter((arg) => existsSync(arg)).map((arg) => relative(root, resolve(arg)));
  if (files.length === 0) return { selected: tiers, rest };
  const tierOf = (file) => tiers.findLast(({ folder }) => `${file}/`.startsWith(`${folder}/`)) ?? tiers[0];
  return { selected: tiers.filter((tier) => files.some((file) => tierOf(file) === tier)), rest };
}

/** A whole tier runs in as many processes side by side as it says; its files must not share anything then. */
async function runTier({ name, processes = 1 }, args) {
  const leftMs = limitMinutes * 60_000 - performance.now();
  if (leftMs <= 0)
    return { name, ...nothing, failed: 1, note: `not started: ${limitMinutes} minutes were over` };
  console.log(`\n== ${name}`);
  if (args.length > 0 || processes === 1) return runPart(name, name, args, leftMs);
  const shards = Array.from({ length: processes }, (_, i) => `${i + 1}/${processes}`);
  const parts = await Promise.all(
    shards.map((shard) => runPart(name, `${name}-${shard[0]}`, [`--shard=${shard}`], leftMs)),
  );
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
  const notes = parts.flatMap(({ note }) => (note === '' ? [] : [note]));
  return {
    name,
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    note: notes.join('; '),
  };
}

async function runPart(name, reportName, args, leftMs) {
  const report = join(reports, `${reportName}.json`);
  const { code, stopped } = await runVitest(
    [
      'run',
      '--project',
      name,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    leftMs,
  );
  const counted = existsSync(report)
    ? countTests(report)
    : { ...nothing, failed: 1, note: 'vitest left no report' };
  if (stopped)
    return {
      name,
      ...counted,
      failed: Math.max(1, counted.failed),
      note: `stopped: ${limitMinutes} minutes were over`,
    };
  // Errors outside of any test, or no report at all: vitest knows of a failure that no test bears.
  if (code !== 0 && counted.failed === 0)
    return { name, ...counted, failed: 1, note: `vitest ended with ${code}` };
  return { name, ...counted };
}

function runVitest(args, limitMs) {
  return new Promise((done) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const child = spawn(process.execPath, [vitest, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      // Whether a lab can run here is settled: what stops it now is an error, not a reason to skip its tests.
      env: { ...process.env, SLIPWAY_LAB: 'required' },
    });
    let stopped = false;
    const timers = [];
    const stop = () => {
      stopped = true;
      child.kill('SIGTERM');
      timers.push(setTimeout(() => child.kill('SIGKILL'), 15_000));
    };
    if (Number.isFinite(limitMs)) timers.push(setTimeout(stop, limitMs));
    // Ctrl-C reaches vitest by itself; we wait for it, then say how far it came.
    const wait = () => {};
    process.on('SIGINT', wait);
    child.on('close', (code, signal) => {
      timers.forEach(clearTimeout);
      process.off('SIGINT', wait);
      done({ code: code ?? 128 + constants.signals[signal], stopped });
    });
  });
}

/** From vitest's JSON report. A file that could not be loaded has no tests; it counts as one failure. */
function countTests(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
    note: '',
  };
}

/** Prints the notices, a line per tier and the sum; returns the exit code. */
function conclude(outcomes, notices) {
  console.log();
  if (notices.length > 0) console.log(`${boxed(notices)}\n`);
  for (const { name, note, ...counts } of outcomes) {
    console.log(`${name.padEnd(10)} ${summary(counts)}${note === '' ? '' : ` (${note})`}`);
  }
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'summary.json'), `${JSON.stringify(total)}\n`);
  console.log(summary(total));
  return total.failed > 0 ? 1 : 0;
}

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function boxed(notices) {
  const lines = notices.flatMap(({ title, reasons }) => [title, ...reasons.map((reason) => `  ${reason}`)]);
  const width = Math.max(...lines.map((line) => line.length));
  const rule = '═'.repeat(width + 2);
  return [`╔${rule}╗`, ...lines.map((line) => `║ ${line.padEnd(width)} ║`), `╚${rule}╝`].join('\n');
}
