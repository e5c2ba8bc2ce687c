import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, Project } from '../project.ts';

const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;
const [db, api, other] = [`db@${network}.1`, `api@${network}.2`, `api@${network}.3`];

const DEFINITION = `
input "value" { type = string }
file "config" {
  path    = "config"
  content = "\${input.value}\\n"
}
service "app" { command = "/bin/sh -c 'cat \${instance.dir}/config >>\${instance.dir}/life; exec sleep 1000000'" }
check "up" {
  command  = "test \\"$(tail -n 1 \${instance.dir}/life)\\" = \${input.value}"
  interval = "100ms"
  timeout  = "5s"
}
`;
const spec = (value: string): string => `
component "db" {
  source = "./app"
  hosts  = ["${network}.1"]
  inputs = { value = "${value}" }
}
component "api" {
  source     = "./app"
  hosts      = ["${network}.2", "${network}.3"]
  inputs     = { value = "${value}" }
  depends_on = [component.db]
}
`;

/** The tests build on each other: one life of a cluster. */
describe('start, stop and restart', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.of({ 'cluster.hcl': spec('one'), 'app/component.hcl': DEFINITION });
    await project.apply();
  });
  afterAll(async () => {
    await project.run('destroy', '--auto-approve');
    await project.dispose();
  });

  const order = (result: Parameters<typeof eventsOf>[0]): string[] =>
    eventsOf(result).flatMap((event) => (event.type === 'instance-succeeded' ? [event.instance] : []));
  const life = async (host: number, component: string): Promise<string[]> => {
    const folder = `.slipway/hosts/${network}.${host}/instances/${component}`;
    return (await readFile(project.path(`${folder}/life`), 'utf8')).trim().split('\n');
  };
  const isAtRest = async (): Promise<boolean> =>
    (await project.run('plan', '--detailed-exitcode')).code === 0;

  it('a stop of the cluster goes from dependants to dependencies, and is a run with a summary', async () => {
    const stopped = await project.must('stop', '--all', '--auto-approve', '--json');
    expect(order(stopped).at(-1)).toBe(db);
    expect(eventsOf(stopped).at(-1)).toMatchObject({ type: 'run-finished', counts: { succeeded: 3 } });
    const [started] = eventsOf(stopped).filter((event) => event.type === 'run-started');
    const summary = JSON.parse(await project.read(`.slipway/runs/${started?.run}/run.json`)) as unknown;
    expect(summary).toMatchObject({ operation: 'stop', outcome: 'succeeded' });
    expect(await isAtRest()).toBe(true);
  });

  it('an apply brings the files of what is stopped up to date, and starts nothing', async () => {
    await project.write('cluster.hcl', spec('two'));
    const { stdout } = await project.apply();
    expect(stdout).toContain(`stays stopped until \`slipway start ${db}\``);
    expect(await life(1, 'db')).toEqual(['one']);
    expect(await isAtRest()).toBe(true);
  });

  it('a restart leaves alone what is stopped', async () => {
    const { stdout } = await project.must('restart', '--all', '--auto-approve');
    expect(stdout).toContain('Nothing to restart.');
    expect(stdout).toContain(`${api}: it is stopped; \`slipway start ${api}\` starts it`);
  });

  it('a start brings up dependencies first, with what was changed meanwhile; nothing is left to do', async () => {
    expect(order(await project.must('start', '--all', '--auto-approve', '--json'))[0]).toBe(db);
    expect(await life(1, 'db')).toEqual(['one', 'two']);
    expect(await isAtRest()).toBe(true);
  });

  it('one instance is stopped and restarted by its address, and its peers run on', async () => {
    await project.must('restart', api, '--auto-approve');
    expect(await life(2, 'api')).toEqual(['one', 'two', 'two']);
    expect(await life(3, 'api')).toEqual(['one', 'two']);
    await project.must('stop', other, '--auto-approve');
    await project.must('start', other, '--auto-approve');
    expect(await life(3, 'api')).toEqual(['one', 'two', 'two']);
  });

  it('a start whose check stays unhealthy fails, and what needs it is not started', async () => {
    await project.must('stop', '--all', '--auto-approve');
    await project.write(`.slipway/hosts/${network}.1/instances/db/config`, 'broken\n');
    const result = await project.run('start', '--all', '--auto-approve');
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/db@\S+ failed at check.up/);
    expect(result.stdout).toContain('because it needs db, which did not succeed');
    expect(result.stdout).toContain('1 failed, 2 skipped');
  });
});
