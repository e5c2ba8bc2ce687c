import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { exampleOnLab, setVariables } from '../lab-project.ts';
import { doings, type Project, touched } from '../project.ts';
import { get } from '../requests.ts';
import { changesOn } from '../residue.ts';

/** A balancer with the redis replica beside it, the redis primary, and a web server on each host between. At least 5. */
const HOSTS = Number(process.env['SLIPWAY_LAB_HOSTS'] ?? 5);

/** The tests build on each other: one life of the web stack. */
describe.skipIf(noLab())('web-stack', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let address: readonly string[];
  let web: readonly string[];
  let before: readonly (readonly string[])[];
  let url: string;
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(HOSTS);
    address = hosts.map((host) => host.address);
    web = address.slice(1, -1);
    before = await Promise.all(hosts.map((host) => host.listFiles()));
    project = await exampleOnLab('web-stack', lab, {
      balancer: address[0],
      web,
      redis: { primary: address.at(-1), replica: address[0] },
      redis_password: 'correct-horse-battery',
    });
    url = `http://${address[0]}/`;
  });
  afterAll(() => project.dispose());

  const changed = async (n: number): Promise<readonly string[]> =>
    changesOn(before[n] ?? [], (await hosts[n]?.listFiles()) ?? []);

  it('applies from clean', async () => {
    const { stdout } = await project.apply();
    expect(stdout).toContain(`${HOSTS + 1} installed`);
    expect(stdout).toContain(`url = "http://${address[0]}:80/"`);
    const pages: string[] = [];
    for (let n = 0; n < 2 * web.length; n++) pages.push(await get(url));
    for (const one of web) expect(pages.join()).toContain(`at ${one};`);
    const replication = await hosts.at(-1)?.exec('redis-cli -a correct-horse-battery info replication');
    expect(replication?.stdout).toContain('connected_slaves:1');
  });

  it('tells nobody the password', async () => {
    const kept = await hosts.at(-1)?.exec('grep -rl correct-horse-battery /var/lib/slipway /run/slipway');
    expect(kept?.stdout).toBe('');
    expect(await project.read('slipway.state.json')).not.toContain('correct-horse-battery');
    expect((await project.run('plan', '--json', '--destroy')).text).not.toContain('correct-horse-battery');
  });

  it('finds nothing to do afterwards', async () => {
    const { code, text } = await project.run('plan', '--detailed-exitcode');
    expect(code, text).toBe(0);
    expect((await project.apply()).stdout).toContain('No changes.');
  });

  it('touches only the pages when the title changes', async () => {
    await setVariables(project, { title: 'Something else' });
    const plan = await project.plan();
    expect(doings(plan)).toEqual(web.map((one) => `update web@${one}: file.page update`));
    await project.apply();
    expect(await get(url)).toContain('<h1>Something else</h1>');
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('shows a file edited by hand as drift, and puts it back', async () => {
    await hosts[1]?.exec('sed -i s/8080/9090/ /etc/nginx/conf.d/web.conf');
    const plan = await project.plan();
    expect(touched(plan)).toEqual([`web@${address[1]}`]);
    const [change] = plan.hosts.flatMap((host) => host.changes);
    expect(change?.reasons.join()).toContain('drifted: file.config was changed on the host');
    expect(change?.resources[0]?.diff).toMatch(/^-.*:9090;\n\+.*:8080;/m);
    expect(change?.restarts).toMatchObject([{ service: 'service.nginx', how: 'reload' }]);
    await project.apply();
    expect((await hosts[1]?.exec('cat /etc/nginx/conf.d/web.conf'))?.stdout).toContain(':8080;');
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('cleans a host that left the spec', async () => {
    const leaving = web.at(-1) ?? '';
    await setVariables(project, { web: web.slice(0, -1) });
    expect(touched(await project.plan())).toEqual([`balancer@${address[0]}`, `web@${leaving}`]);
    await project.apply();
    expect(await changed(address.indexOf(leaving))).toEqual([]);
    expect(await get(url)).toContain('Something else');
  });

  it('leaves every host as it was after destroy', async () => {
    const { stdout } = await project.destroy();
    expect(stdout).toContain(`${HOSTS} removed`);
    for (const n of hosts.keys()) expect(await changed(n), address[n]).toEqual([]);
  });

  it('comes up again on the same hosts, and goes again', async () => {
    await project.apply();
    expect(await get(url)).toContain('Something else');
    await project.destroy();
    for (const n of hosts.keys()) expect(await changed(n), address[n]).toEqual([]);
  });
});
