import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesIn } from '../processes.ts';
import { doings, Project, touched } from '../project.ts';
import { get, keepRequesting } from '../requests.ts';
import { eventually } from '../wait.ts';

/** A loopback network that no other test, and no quickstart of a user, works on. */
const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;
const balancer = `http://${network}.100:18000/`;
const backend = (n: number): string => `backend@${network}.${n}`;

/** The tests build on each other: one life of the quickstart. */
describe('quickstart', () => {
  let project: Project;
  let before: readonly string[];
  beforeAll(async () => {
    project = await Project.ofExample('quickstart');
    await project.edit('cluster.hcl', '127.0.1.', `${network}.`);
    before = await filesBelow(project.directory);
  });
  afterAll(async () => {
    await project.run('destroy', '--auto-approve');
    await project.dispose();
  });
  const instancePath = (n: number, file: string): string =>
    project.path(`.slipway/hosts/${network}.${n}/instances/backend/${file}`);

  it('applies, and says what is now reachable', async () => {
    const { stdout } = await project.apply();
    expect(stdout).toContain('4 to install, 0 to update, 0 to remove');
    expect(stdout).toContain(`url = "${balancer}"`);
    expect(await whoAnswers(6)).toEqual(new Set([`${network}.1`, `${network}.2`, `${network}.3`]));
  });

  it('finds nothing to do afterwards', async () => {
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
    const { stdout } = await project.apply();
    expect(stdout).toContain('No changes.');
  });

  it('starts a backend again that was killed', async () => {
    const pid = async (): Promise<number> => {
      const [child] = (await readFile(instancePath(2, '.slipway/backend/child'), 'utf8')).split(' ');
      return Number(child);
    };
    const killed = await pid();
    process.kill(killed, 'SIGKILL');
    await eventually('another process', async () => (await pid()) !== killed);
    await eventually('its answer', () => get(`http://${network}.2:18080/`));
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('removes exactly the backend that left the list, without a failed request at the balancer', async () => {
    await project.edit('cluster.hcl', `, "${network}.3"]`, ']');
    const load = keepRequesting(balancer);
    const plan = await project.plan();
    expect(touched(plan)).toEqual([backend(3), `balancer@${network}.100`]);
    expect(doings(plan).filter((line) => line.includes('balancer'))).toEqual([
      `update balancer@${network}.100: file.backends update`,
      `update balancer@${network}.100: service.balancer reload`,
    ]);
    await project.apply();
    const { answers, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(answers.length).toBeGreaterThan(20);
    expect(await whoAnswers(6)).toEqual(new Set([`${network}.1`, `${network}.2`]));
    await expect(get(`http://${network}.3:18080/`)).rejects.toThrow('ECONNREFUSED');
    expect((await processesIn(project.directory)).filter((p) => p.command.includes('.3/'))).toEqual([]);
    expect(await filesBelow(project.path(`.slipway/hosts`))).not.toContainEqual(
      expect.stringContaining(`${network}.3`),
    );
  });

  it('adds a backend again, with the index that is free', async () => {
    await project.edit('cluster.hcl', `"${network}.2"]`, `"${network}.2", "${network}.4"]`);
    expect(touched(await project.plan())).toEqual([backend(4), `balancer@${network}.100`]);
    const load = keepRequesting(balancer);
    await project.apply();
    expect((await load.stop()).failures).toEqual([]);
    expect(await get(`http://${network}.4:18080/`)).toContain('backend 2');
    expect(await whoAnswers(6)).toEqual(new Set([`${network}.1`, `${network}.2`, `${network}.4`]));
  });

  it('shows a file edited by hand as drift, puts it back and restarts what reads it', async () => {
    const config = instancePath(1, 'config.json');
    const relative = path.relative(project.directory, config);
    const wanted = await readFile(config, 'utf8');
    await project.edit(relative, 'hello', 'goodbye');

    const plan = await project.plan();
    expect(touched(plan)).toEqual([backend(1)]);
    const [change] = plan.hosts.flatMap((host) => host.changes);
    expect(change?.reasons.join()).toMatch(/drifted: file.config was changed on the host/);
    const [file, service] = change?.resources ?? [];
    expect(file?.diff).toMatch(/^-.*goodbye[^]*^\+.*hello/m);
    expect(service?.action).toBe('restart');
    expect((await project.run('plan')).stdout).toContain('goodbye');

    const child = instancePath(1, '.slipway/backend/child');
    const started = await readFile(child, 'utf8');
    await project.apply();
    expect(await readFile(config, 'utf8')).toBe(wanted);
    expect(await readFile(child, 'utf8')).not.toBe(started);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('leaves no process and no file after destroy, but what is its own', async () => {
    expect((await processesIn(project.directory)).length).toBeGreaterThan(0);
    const { stdout } = await project.destroy();
    expect(stdout).toContain('4 removed');
    expect(await processesIn(project.directory)).toEqual([]);
    await expect(get(balancer)).rejects.toThrow('ECONNREFUSED');
    const added = (await filesBelow(project.directory)).filter((file) => !before.includes(file));
    const own = /^(slipway\.state\.json(\.backup)?|\.slipway(\/(key|(runs|history)(\/.*)?))?)$/;
    expect(added.filter((file) => !own.test(file))).toEqual([]);
    expect((await project.run('plan', '--destroy', '--detailed-exitcode')).code).toBe(0);
  });

  /** The addresses of the backends behind so many answers of the balancer. */
  async function whoAnswers(times: number): Promise<Set<string>> {
    const addresses = new Set<string>();
    for (let i = 0; i < times; i++) addresses.add((await get(balancer)).trim().split(' ').at(-1) ?? '');
    return addresses;
  }
});

async function filesBelow(directory: string): Promise<readonly string[]> {
  return (await readdir(directory, { recursive: true })).sort();
}
