import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { changesOn } from '../residue.ts';

const STORE = `
definition { description = "keeps running" }
input "text" { type = string }
input "pin" { type = string }
user "store" { system = true }
directory "data" {
  path  = "/srv/store"
  owner = "store"
}
file "text" {
  path    = "/etc/store.conf"
  content = "\${input.text}\\n"
}
file "pin" {
  path    = "/etc/store.pin"
  mode    = "0600"
  content = input.pin
}
service "store" { command = "/usr/bin/sleep infinity" }
endpoint "main" { port = 4001 }
`;

const FRONT = `
definition { description = "knows the stores" }
input "stores" { type = list(string) }
file "stores" {
  path    = "/etc/front.conf"
  content = join("\\n", input.stores)
}
script "mark" {
  once    = true
  create  = "touch /var/lib/front-was-here"
  destroy = "rm -f /var/lib/front-was-here"
}
`;

const spec = (first: string, second: string, third: string): string => `
cluster "rebuild" {
  version         = "1"
  max_deployments = 4
}
variable "pin" {
  type      = string
  sensitive = true
}
component "store" {
  source          = "./components/store"
  hosts           = ["${first}", "${second}"]
  inputs          = { text = "one", pin = var.pin }
  prevent_destroy = false
  update { max_in_flight = 1 }
}
component "front" {
  source = "./components/front"
  hosts  = ["${third}"]
  inputs = { stores = [for e in component.store.endpoints.main : e.address] }
}
output "stores" { value = component.store.endpoints.main }
`;

/** Without the order in which instances were written. */
async function stateOf(project: Project): Promise<object> {
  const state = JSON.parse(await project.read('slipway.state.json')) as { instances: { address: string }[] };
  return { ...state, instances: state.instances.sort((a, b) => (a.address < b.address ? -1 : 1)) };
}

/** One cluster's life: there and back in its history, and a controller's disk that dies. */
describe.skipIf(noLab())('rollback, quota and a lost state', () => {
  let lab: Lab;
  let hosts: readonly [LabHost, LabHost, LabHost];
  let before: readonly (readonly string[])[];
  let project: Project;
  beforeAll(async () => {
    lab = await useLab();
    hosts = (await lab.fresh(3)) as unknown as typeof hosts;
    before = await Promise.all(hosts.map((host) => host.listFiles()));
    const [a, b, c] = hosts;
    project = await specOnLab(lab, {
      'cluster.hcl': spec(a.address, b.address, c.address),
      'components/store/component.hcl': STORE,
      'components/front/component.hcl': FRONT,
    });
    project.setEnv('SLIPWAY_VAR_pin', 'pin-number-1');
  });
  afterAll(() => project.dispose());

  const textOn = async (host: LabHost): Promise<string> => (await host.exec('cat /etc/store.conf')).stdout;
  const empty = async (): Promise<void> => {
    const { code, text } = await project.run('plan', '--detailed-exitcode');
    expect({ code, text }).toMatchObject({ code: 0 });
  };

  it('goes back to version 1, and forward again by the next apply', async () => {
    const [a, b, c] = hosts;
    await project.apply();
    await project.edit('cluster.hcl', 'text = "one"', 'text = "two"');
    await project.edit('cluster.hcl', `["${a.address}", "${b.address}"]`, `["${a.address}"]`);
    await project.edit('components/front/component.hcl', '/etc/front.conf', '/etc/front-2.conf');
    await project.apply();
    expect(await textOn(a)).toBe('two\n');
    expect((await b.exec('test ! -e /etc/store.conf')).code).toBe(0);
    await project.must('rollback', '1', '--auto-approve');
    expect([await textOn(a), await textOn(b)]).toEqual(['one\n', 'one\n']);
    expect((await c.exec('test -e /etc/front.conf && test ! -e /etc/front-2.conf')).code).toBe(0);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(2);
    await project.edit('cluster.hcl', 'prevent_destroy = false', 'prevent_destroy = true');
    await project.edit('cluster.hcl', `["${a.address}"]`, `["${a.address}", "${b.address}"]`);
    await project.apply();
    expect([await textOn(a), await textOn(b)]).toEqual(['two\n', 'two\n']);
  });

  it('has used up its quota: nothing more is changed', async () => {
    await project.edit('cluster.hcl', 'text = "two"', 'text = "three"');
    const { code, stderr } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    expect(stderr.replace(/\s+/g, ' ')).toContain('max_deployments is 4, and 4 deployments of this cluster');
    await project.edit('cluster.hcl', 'text = "three"', 'text = "two"');
    await empty();
  });

  it('gets its state back from the hosts when the disk of the controller died', async () => {
    const [a, , c] = hosts;
    const state = await stateOf(project);
    for (const name of ['slipway.state.json', 'slipway.state.json.backup', '.slipway'])
      await rm(project.path(name), { recursive: true, force: true });
    const there = await a.listFiles();
    await c.cut();
    const startedAt = Date.now();
    const refused = await project.run('state', 'rebuild', '--auto-approve');
    expect(refused.code).toBe(1);
    expect(Date.now() - startedAt, refused.text).toBeLessThan(40_000);
    expect(refused.stderr).toContain(`host ${c.address}`);
    expect(refused.stderr).toContain('Not every host tells what it has');
    await c.heal();
    const { stdout } = await project.must('state', 'rebuild', '--auto-approve');
    expect(stdout).toContain('Cluster rebuild, version 1: 3 instances on 3 hosts');
    expect(await stateOf(project)).toEqual({ ...state, serial: 1 });
    expect(await a.listFiles()).toEqual(there);
    await empty();
  });

  it('still knows what must not be removed, and then removes everything', async () => {
    const refused = await project.run('destroy', '--auto-approve');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('prevent_destroy');
    await project.edit('cluster.hcl', 'prevent_destroy = true', 'prevent_destroy = false');
    await project.apply();
    await project.destroy();
    for (const [n, host] of hosts.entries())
      expect(changesOn(before[n] ?? [], await host.listFiles()), host.address).toEqual([]);
  });
});
