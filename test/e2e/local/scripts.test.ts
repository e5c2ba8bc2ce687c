import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesIn } from '../processes.ts';
import { eventsOf, Project } from '../project.ts';
import { eventually } from '../wait.ts';

const address = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}.50`;

describe('a script', () => {
  let project: Project;
  beforeEach(async () => {
    project = await Project.of({
      'cluster.hcl': `
        cluster "scripts" { version = "1" }
        component "work" {
          source = "./components/work"
          hosts  = ["${address}"]
        }`,
    });
    return () => project.dispose();
  });
  afterEach(async () => expect(await processesIn(project.directory)).toEqual([]));

  const doing = (create: string, more = ''): Promise<void> =>
    project.write(
      'components/work/component.hcl',
      `definition { description = "one script" }
       file "before" {
         path    = "before"
         content = "x"
       }
       script "job" {
         create = <<-EOT
           ${create}
         EOT
         ${more}
       }
       file "after" {
         path    = "after"
         content = "x"
       }`,
    );
  const logLines = async (): Promise<readonly string[]> => {
    const runs = project.path('.slipway/runs');
    const last = (await readdir(runs)).sort().at(-1) ?? '';
    return (await readFile(path.join(runs, last, 'work_0.log'), 'utf8')).split('\n');
  };

  it('that fails: is named with its code and last lines, and what is written after it does not happen', async () => {
    await doing('echo about to fail; echo reason >&2; exit 7');
    const { code, text } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    expect(text).toMatch(new RegExp(`work@${address} failed at script.job`));
    expect(text).toMatch(/code 7/);
    expect(text).toMatch(/about to fail[^]*reason/);
    expect(text).toContain('work_0.log');
    const files = await readdir(project.path(`.slipway/hosts/${address}/instances/work`));
    expect(files).toContain('before');
    expect(files).not.toContain('after');

    await doing('echo now it works');
    const repaired = await project.apply();
    expect(repaired.text).toContain('the last run did not finish it');
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
    await project.destroy();
  });

  it('that hangs: is ended at its timeout, with all it has started', async () => {
    await doing('echo waiting; sleep 1000 & sleep 1000', 'timeout = "1s"');
    const { code, text } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    expect(text).toMatch(/script\.job/);
    expect(text).toMatch(/1 s|timeout|longer than/i);
    await doing('true');
    await project.destroy();
  });

  it('that prints ten megabytes and binary on one line: is followed without harm', async () => {
    await doing(
      `head -c 10485760 /dev/zero | tr '\\0' 'x'; echo; head -c 100000 /dev/urandom | tr -d '\\n'; echo; echo the end`,
    );
    const result = await project.apply('--json');
    const lines = eventsOf(result).flatMap((event) => (event.type === 'output' ? [event.line] : []));
    expect(lines.at(-1)).toBe('the end');
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThan(300 * 1024);
    expect((await logLines()).some((line) => line.endsWith('the end'))).toBe(true);
    await project.destroy();
  });

  it('that still runs keeps others out: they are told who holds the state', async () => {
    await doing(`until [ -e "${project.path('go')}" ]; do sleep 0.1; done`);
    const running = project.start('apply', '--auto-approve', '--json');
    await running.seen(/"resource-started".*script\.job/);
    const other = await project.run('apply', '--auto-approve');
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/lock/i);
    expect(other.stderr).toMatch(/force-unlock/);
    const waiting = project.start('plan', '--lock-timeout=60s', '--detailed-exitcode');
    await project.write('go', '');
    expect((await running.result).code).toBe(0);
    expect((await waiting.result).code).toBe(0);
    await project.destroy();
  });

  it('that survives a killed controller is awaited by the next run, and runs once', async () => {
    await doing(
      `echo run >>"${project.path('runs')}"; until [ -e "${project.path('go')}" ]; do sleep 0.1; done`,
    );
    const running = project.start('apply', '--auto-approve');
    await eventually('the script', async () => (await project.read('runs')) === 'run\n');
    running.kill('SIGKILL');
    await running.result;
    const next = project.start('apply', '--auto-approve');
    await project.write('go', '');
    const { code, text } = await next.result;
    expect(code, text).toBe(0);
    expect(await project.read('runs')).toBe('run\n');
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
    await project.destroy();
  });
});
