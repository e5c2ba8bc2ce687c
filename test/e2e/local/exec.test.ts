import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../project.ts';

/** What `exec --json` prints of a host. */
interface Line {
  readonly host: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem: { readonly kind: string } | null;
}

describe('exec, push and pull on hosts of this machine', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.of({
      'cluster.hcl': `
        cluster "operated" { version = "1" }
        host "second" { address = "127.0.1.2" }
        component "web" {
          source = "./components/web"
          hosts  = ["127.0.1.1", "second", "127.0.1.3"]
        }
        component "db" {
          source = "./components/web"
          hosts  = ["second"]
        }`,
      'components/web/component.hcl': `
        definition { description = "a file" }
        file "mark" {
          path    = "mark"
          content = "here\\n"
        }`,
    });
    await project.apply();
  });
  afterAll(() => project.dispose());

  it('gives the outputs and the exit code of a single host as they are', async () => {
    const { code, stdout, stderr } = await project.run(
      'exec',
      'db',
      '--',
      'printf "a\\001b"; echo err >&2; exit 7',
    );
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: 'a\u0001b', stderr: 'err\n' });
  });

  it('runs several words as they are, and one word by the shell', async () => {
    expect((await project.run('exec', 'db', '--', 'printf', '%s\n', '$HOME', 'a  b', '--json')).stdout).toBe(
      '$HOME\na  b\n--json\n',
    );
    expect((await project.run('exec', 'db', '--', 'echo a b | wc -w')).stdout.trim()).toBe('2');
  });

  it('shows several hosts in blocks, each once', async () => {
    const { code, stdout } = await project.run('exec', 'web', 'db', '--', 'echo on; basename "$PWD"');
    expect(code).toBe(0);
    for (const [host, title] of [
      ['127.0.1.1', '127.0.1.1'],
      ['127.0.1.2', '127.0.1.2 (second)'],
      ['127.0.1.3', '127.0.1.3'],
    ] as const)
      expect(stdout.replaceAll(/, [\d.]+ s$/gm, '')).toContain(`${title}: exit code 0\non\n${host}\n`);
    expect(stdout).toMatch(/\n\n3 hosts, all with exit code 0\n$/);
  });

  it('fails when one host fails, and names it', async () => {
    const { code, stdout } = await project.run('exec', 'web', '--', 'case $PWD in *.3) exit 2;; esac');
    expect(code).toBe(1);
    expect(stdout).toContain('127.0.1.3: exit code 2, ');
    expect(stdout).toContain('3 hosts: 2 with exit code 0, 1 not: 127.0.1.3\n');
  });

  it('shows lines as they come with --stream, each output for itself', async () => {
    const { stdout, stderr } = await project.run('exec', 'web', '--stream', '--', 'echo out; echo err >&2');
    expect(stdout.split('\n').sort()).toEqual(['', '127.0.1.1 | out', '127.0.1.2 | out', '127.0.1.3 | out']);
    expect(stderr).toContain('127.0.1.2 | err\n');
  });

  it('gives a line of JSON per host', async () => {
    const { code, stdout } = await project.run(
      'exec',
      '--all',
      '--json',
      '--',
      'echo out; echo err >&2; exit 3',
    );
    expect(code).toBe(1);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ host }) => host).sort()).toEqual(['127.0.1.1', '127.0.1.2', '127.0.1.3']);
    for (const line of lines)
      expect(line).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n', problem: null });
  });

  it('keeps the end of a long output', async () => {
    const { stdout } = await project.run('exec', 'web', '--', 'seq 400000');
    expect(stdout).toMatch(/\.\.\. 1\.\d MiB left out: --stream shows all as it comes/);
    expect(stdout.match(/^400000$/gm)).toHaveLength(3);
    expect(stdout.length).toBeLessThan(3.5 * 1024 * 1024);
  });

  it('gives up after the timeout', async () => {
    const { code, stderr } = await project.run('exec', 'db', '--timeout', '300ms', '--', 'sleep 20');
    expect(code).toBe(255);
    expect(stderr).toContain('the command did not end within 0.3 s');
  });

  it('ends on Ctrl-C and says what may still run', async () => {
    const running = project.start('exec', 'web', '--stream', '--', 'echo begun; sleep 20');
    await running.seen(/begun/);
    running.kill('SIGINT');
    const { code, text } = await running.result;
    expect(code).toBe(1);
    expect(text).toContain('interrupted');
    expect(text).toContain('The command may still run there.');
  });

  it.each([
    [['exec', 'db', '--', 'yes']],
    [['exec', 'web', '--stream', '--', 'yes']],
    [['ssh', 'db', '--', 'yes']],
    [['status', '--watch', '--interval=100ms']],
  ])('ends %j once nobody reads any more what it goes on to print', async (args) => {
    const running = project.start(...args);
    await running.seen(/\n/);
    running.stopReading();
    expect((await running.result).code).not.toBeNull();
  });

  it('lets a command whose output was read as far as it goes come to its end', async () => {
    const running = project.start('exec', 'db', '--', 'echo begun; sleep 1; echo done >finished');
    await running.seen(/begun/);
    running.stopReading();
    expect((await running.result).code).toBe(0);
    const { stdout } = await project.must('exec', 'db', '--', 'cat finished; rm finished');
    expect(stdout).toBe('done\n');
  });

  it.each([
    [['exec', '--', 'true'], /On which hosts\?.*--all/],
    [['exec', 'web', 'true'], /What to run stands after --/],
    [['exec', 'wbe', '--', 'true'], /Did you mean "web"\?/],
    [
      ['status', 'db@127.0.1.1'],
      /No instance is called "db@127\.0\.1\.1".* Did you mean "db@127\.0\.1\.2"\?/,
    ],
    [['logs', 'db@127.0.1.3'], /No instance is called/],
    [['preflight', 'db@127.0.1.3'], /No instance is called/],
    [['plan', '--exclude=db@127.0.1.3'], /No instance is called/],
    [['exec', '--all', 'web', '--', 'true'], /leave out web, or --all/],
    [['ssh', 'db'], /A shell needs a terminal/],
    [['ssh', 'web', '--', 'true'], /Name one of web@127\.0\.1\.1/],
    [['push', 'web', 'cluster.hcl'], /On which hosts\?/],
    [['push', 'web', 'cluster.hcl', 'relative'], /REMOTE is an absolute path/],
    [['push', 'web', 'nothing', '/tmp/x'], /There is no .*nothing/],
  ])('tells what is wrong with %j', async (args, why) => {
    const { code, stderr } = await project.run(...args);
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(why);
  });

  it('runs a command by ssh without a terminal, with our input', async () => {
    const { code, stdout } = await project.run('ssh', 'second', '--', 'cat; exit 4');
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });

  it('pushes and pulls a file and a directory', async () => {
    const [there, source] = [project.path('there'), project.path('source')];
    await mkdir(there);
    await mkdir(source);
    await writeFile(path.join(source, 'run'), '#!/bin/sh\n');
    await chmod(path.join(source, 'run'), 0o755);
    await project.must('push', 'db', 'source', path.join(there, 'tree'));
    await project.must('push', 'db', 'source/run', there, '--mode', '0711');
    expect((await stat(path.join(there, 'tree/run'))).mode & 0o777).toBe(0o755);
    expect((await stat(path.join(there, 'run'))).mode & 0o777).toBe(0o711);

    const pulled = await project.must('pull', 'web', path.join(there, 'tree'), 'got');
    expect(pulled.stdout).toContain('127.0.1.2 (second): got/127.0.1.2/tree, ');
    for (const host of ['127.0.1.1', '127.0.1.2', '127.0.1.3'])
      expect(await readFile(project.path(`got/${host}/tree/run`), 'utf8')).toBe('#!/bin/sh\n');
    await project.must('pull', 'db', path.join(there, 'run'), 'one');
    expect((await stat(project.path('one'))).mode & 0o777).toBe(0o711);

    const again = await project.run('pull', 'web', path.join(there, 'tree'), 'got');
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/is there already\n {2}--force puts the new one in its place/);
    await project.must('pull', 'web', path.join(there, 'tree'), 'got', '--force');
  });

  it('goes on watching when what was selected has gone', async () => {
    const running = project.start('status', 'db@second', '--watch', '--interval=100ms');
    await running.seen(/db@127\.0\.1\.2/);
    await project.must('state', 'rm', 'db');
    await running.seen(/There are no instances\./);
    running.kill('SIGINT');
    expect((await running.result).code).toBe(0);
  });
});
