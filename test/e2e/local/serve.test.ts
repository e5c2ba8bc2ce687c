import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterAnswer, PlanAnswer, RunAnswer, RunStarted } from '../../../src/server/api/answers.ts';
import type { ClusterReport } from '../../../src/app/operate/cluster-report.ts';
import { Project } from '../project.ts';
import type { RunningSlipway } from '../slipway.ts';
import { eventually } from '../wait.ts';

const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const hasScript = spawnSync('script', ['--version']).status === 0;
const main = path.resolve(import.meta.dirname, '../../../dist/main.js');
const [first, second] = [`first@${network}.1`, `second@${network}.2`];

/** Works until the test lets it go on. */
const DEFINITION = `
input "dir" { type = string }
input "value" { type = string }
script "work" {
  create   = "touch \${input.dir}/began; until test -e \${input.dir}/go; do sleep 0.05; done"
  triggers = [input.value]
}
`;
const spec = (dir: string, value: string): string => `
component "first" {
  source = "./work"
  hosts  = ["${network}.1"]
  inputs = { dir = "${dir}", value = "${value}" }
}
component "second" {
  source     = "./work"
  hosts      = ["${network}.2"]
  inputs     = { dir = "${dir}", value = "${value}" }
  depends_on = [component.first]
}
`;

/** The tests build on each other: one life of a cluster. */
describe('a server that is stopped in mid-run', () => {
  let project: Project;
  let server: RunningSlipway;
  let url = '';
  beforeAll(async () => {
    project = await Project.of({ 'work/component.hcl': DEFINITION });
    await project.write('cluster.hcl', spec(project.directory, 'one'));
    await serve();
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await project.write('go', '');
    await project.run('destroy', '--auto-approve');
    await project.dispose();
  });

  async function serve(): Promise<void> {
    server = project.start('serve', '--listen=127.0.0.1:0');
    await server.seen(/Ctrl-C ends it/);
    url = /at (http:\S+)/.exec(server.text())?.[1] ?? '';
  }
  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  const apply = async (): Promise<string> => {
    const { plan } = await ask<PlanAnswer>('POST', '/plan', {});
    return (await ask<RunStarted>('POST', '/runs', { does: 'apply', plan })).run;
  };
  /** Resolves when it is in the middle of its first script. */
  async function beginApply(): Promise<string> {
    await rm(project.path('began'), { force: true });
    await rm(project.path('go'), { force: true });
    const run = await apply();
    await eventually('the script', () => project.read('began'));
    return run;
  }
  const outcomesOf = async (run: string): Promise<Record<string, string>> => {
    const { stdout } = await project.must('runs', run, '--json');
    const { instances } = JSON.parse(stdout) as RunAnswer;
    return Object.fromEntries(instances.map(({ instance, outcome }) => [instance, outcome]));
  };

  it('by kill -9: it says so when it is back, and an apply takes the run up again', async () => {
    const killed = await beginApply();
    server.kill('SIGKILL');
    await server.result;
    await serve();
    expect(server.text()).toContain(`Run ${killed} was killed in the middle of ${first}.`);
    expect((await ask<ClusterAnswer>('GET', '/cluster')).interrupted).toMatchObject({
      run: killed,
      unfinished: [first],
    });

    // The script went on without its controller: its outcome is awaited, it is not run twice at a time.
    await project.write('go', '');
    const resumed = await apply();
    await eventually('its end', async () => (await ask<ClusterAnswer>('GET', '/cluster')).run === null);
    expect(await outcomesOf(resumed)).toEqual({ [first]: 'succeeded', [second]: 'succeeded' });
    expect((await ask<ClusterAnswer>('GET', '/cluster')).interrupted).toBeNull();
  });

  it('by SIGTERM: what runs comes to its end and is watched until then, nothing new begins, exit code 0', async () => {
    await project.write('cluster.hcl', spec(project.directory, 'two'));
    const run = await beginApply();
    server.kill('SIGTERM');
    await server.seen(/Stopping/);
    // A run that goes on is none to be resumed.
    expect(await ask<ClusterAnswer>('GET', '/cluster')).toMatchObject({ run, interrupted: null });
    await expect(ask('POST', '/runs', { does: 'restart', selectors: [] })).rejects.toThrow(/409/);
    // Another process knows whose run it is, and what it has in hand.
    const [going] = JSON.parse((await project.must('runs', '--json')).stdout) as readonly unknown[];
    expect(going).toMatchObject({
      run,
      operation: 'apply',
      owner: expect.stringContaining('@') as unknown,
      outcome: 'running',
    });
    const { instances } = JSON.parse((await project.run('status', '--json')).stdout) as ClusterReport;
    expect(instances[0]).toMatchObject({ address: first, detail: 'a run is at work on it' });
    await project.write('go', '');
    const { code, stderr } = await server.result;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const outcomes = await outcomesOf(run);
    expect(outcomes[first]).toBe('succeeded');
    expect(outcomes[second]).not.toBe('succeeded');
    await serve();
    expect(server.text()).not.toContain('was killed');
  });

  it('by a second signal: at once', async () => {
    await project.write('cluster.hcl', spec(project.directory, 'three'));
    await beginApply();
    server.kill('SIGTERM');
    await server.seen(/Stopping/);
    const started = performance.now();
    server.kill('SIGTERM');
    expect((await server.result).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
    const audit = (await project.read('.slipway/audit.log')).trim().split('\n');
    expect(audit.map((line) => (JSON.parse(line) as { status: number }).status)).toEqual([
      202, 202, 202, 409, 202,
    ]);
  });
});

describe('SIGHUP', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.of({ 'cluster.hcl': 'cluster "none" {}\n' });
  });
  afterAll(() => project.dispose());

  it('has a server read its certificate, and does not end it', async () => {
    const server = project.start('serve', '--listen=127.0.0.1:0');
    await server.seen(/Ctrl-C ends it/);
    server.kill('SIGHUP');
    await server.seen(/There is no certificate to read anew\./);
    server.kill('SIGTERM');
    expect(await server.result).toMatchObject({ code: 0, stderr: '' });
  });

  it.runIf(hasOpenssl)('says which certificate is in use from now on', async () => {
    const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', project.path('key.pem'), '-out', project.path('cert.pem')];
    execFileSync('openssl', [...words, '-subj', '/CN=localhost', '-days', '30', ...files], {
      stdio: 'ignore',
    });
    const server = project.start('serve', '--listen=127.0.0.1:0', '--tls-cert=cert.pem', '--tls-key=key.pem');
    await server.seen(/Ctrl-C ends it/);
    server.kill('SIGHUP');
    await server.seen(/The certificate was read anew\. It is good until \d{4}-\d\d-\d\d\./);
    await rm(project.path('key.pem'));
    server.kill('SIGHUP');
    await server.seen(/The certificate cannot be used: .*key\.pem.*\. The one from before stays in use\./);
    server.kill('SIGTERM');
    expect((await server.result).code).toBe(0);
  });

  it.runIf(hasScript)('from a terminal that was closed ends it', async () => {
    const command = `exec ${process.execPath} ${main} serve --listen=127.0.0.1:0`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: project.directory, stdio: 'pipe' });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    await eventually('the server', () => Promise.resolve(text.includes('Ctrl-C ends it')));
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    const pid = Number(children.trim());
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGHUP');
    await eventually('its answer', () => Promise.resolve(text.includes('no certificate to read')));
    child.kill('SIGKILL');
    await eventually('its end', () =>
      stat(`/proc/${pid}`).then(
        () => false,
        () => true,
      ),
    );
  });
});
