import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DesiredService, KindContext, ResourceChange } from '../../src/resources/resource.ts';
import { service } from '../../src/resources/service.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';

const RANGE = { file: 'x.hcl', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } } as never;

describe.concurrent.each(SHELLS)('the pidfile supervisor on %s', (_name, shell) => {
  const started = new Map<StepHost, Set<DesiredService>>();

  /** A host of one test: what was started there is stopped when the test is over. */
  function host(onTestFinished: (end: () => Promise<void>) => void): StepHost {
    const at = openStepHost(shell);
    started.set(at, new Set());
    onTestFinished(async () => {
      for (const resource of started.get(at) ?? []) await remove(at, resource);
      at.close();
    });
    return at;
  }

  function desired(at: StepHost, command: string, more: Partial<DesiredService> = {}): DesiredService {
    return {
      kind: 'service',
      address: 'service.web',
      range: RANGE,
      name: 'web',
      command,
      user: null,
      group: null,
      environment: {},
      workingDirectory: at.root,
      drain: null,
      reload: null,
      triggers: [],
      enabledAtBoot: true,
      stopTimeoutSeconds: 3,
      dir: join(at.root, 'instances', 'web'),
      ...more,
    };
  }

  const context = {
    lineage: 'L',
    instance: 'web@h',
    init: 'none',
    layout: { confined: true },
    triggersDigest: 'T1',
  } as KindContext;

  async function apply(at: StepHost, change: ResourceChange & { resource: DesiredService }) {
    started.get(at)?.add(change.resource);
    const step = service.apply(change, at.entry('unit web'), context, new Map());
    return at.run(service.functions, step);
  }

  function create(at: StepHost, resource: DesiredService) {
    return apply(at, { action: 'create', resource, reason: { because: 'new' } });
  }

  function remove(at: StepHost, resource: DesiredService) {
    const attributes = service.attributes(resource, context);
    const recorded = { kind: 'service', address: resource.address, key: 'unit web', attributes } as const;
    const removal = {
      action: 'remove',
      recorded,
      reason: { because: 'removed-from-spec' },
      fate: { fate: 'deleted' },
    } as const;
    return at.run(service.functions, service.remove(removal, at.entry('unit web'), context));
  }

  function words(resource: DesiredService, file: string): string[] {
    return readFileSync(join(resource.dir, '.slipway/web', file), 'utf8')
      .trim()
      .split(' ');
  }
  const childPid = (resource: DesiredService) => Number(words(resource, 'child')[0]);
  const supervisorPid = (resource: DesiredService) => Number(words(resource, 'pid')[0]);

  it('starts a program, restarts it with what changed, and leaves no process and no file', async ({
    onTestFinished,
  }) => {
    const at = host(onTestFinished);
    const resource = desired(at, '/bin/sh -c "echo hello $NAME; exec sleep 1000"', {
      environment: { NAME: `it's "me"` },
    });
    expect(await create(at, resource)).toEqual({ code: 0, output: '' });
    const pids = [supervisorPid(resource), childPid(resource)];
    expect(pids.every(isAlive)).toBe(true);
    expect(readFileSync(join(resource.dir, '.slipway/web/log'), 'utf8')).toBe(`hello it's "me"\n`);
    expect(words(resource, 'digest')[0]).toBe(service.attributes(resource, context)['unit']);
    expect(at.entry('unit web')?.notes.get('started')).toBe('T1');

    const result = await apply(at, { action: 'restart', resource, reason: { because: 'not-running' } });
    expect(result.code).toBe(0);
    expect(pids.some(isAlive)).toBe(false);
    pids.push(supervisorPid(resource), childPid(resource));

    expect(await remove(at, resource)).toEqual({ code: 0, output: '' });
    expect(pids.some(isAlive)).toBe(false);
    expect(processesOf(at.root)).toEqual([]);
    expect(existsSync(join(at.root, 'instances'))).toBe(false);
    expect(at.entry('unit web')).toBe(null);
  });

  it('passes nothing of the environment of the run on to the program', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    process.env['SLIPWAY_VAR_secret'] = 'hunter2';
    const resource = desired(at, '/bin/sh -c "env; exec sleep 1000"');
    try {
      await create(at, resource);
    } finally {
      delete process.env['SLIPWAY_VAR_secret'];
    }
    const log = readFileSync(join(resource.dir, '.slipway/web/log'), 'utf8');
    expect(log).toContain('PATH=');
    expect(log).not.toContain('hunter2');
  });

  it('starts a program again that was killed', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    const resource = desired(at, 'sleep 1000');
    await create(at, resource);
    const first = childPid(resource);
    process.kill(first, 'SIGKILL');
    await until(() => existsSync(join(resource.dir, '.slipway/web/child')) && childPid(resource) !== first);
    expect(isAlive(childPid(resource))).toBe(true);
    expect(words(resource, 'child')[3]).toBe('1');
    expect(readFileSync(join(resource.dir, '.slipway/web/log'), 'utf8')).toBe(
      'slipway: the program ended with exit code 137, it is started again in 1 s\n',
    );
  });

  it('says what a program printed that ends right after its start', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    const result = await create(at, desired(at, '/bin/sh -c "echo no such port; exit 3"'));
    expect(result.code).toBe(1);
    expect(result.output).toContain('no such port');
    expect(result.output).toContain('died: web ended right after its start');
    expect(at.entry('unit web')?.notes.has('started')).toBe(false);
  });

  it('kills a program that does not heed TERM once its time is up, with all that it started', async ({
    onTestFinished,
  }) => {
    const at = host(onTestFinished);
    const resource = desired(at, `/bin/sh -c "trap '' TERM; sleep 1000 & sleep 1001; sleep 1002"`, {
      stopTimeoutSeconds: 1,
    });
    await create(at, resource);
    const since = Date.now();
    expect((await remove(at, resource)).code).toBe(0);
    expect(Date.now() - since).toBeGreaterThan(900);
    expect(Date.now() - since).toBeLessThan(5000);
    expect(processesOf(at.root)).toEqual([]);
  });

  it('frees the port of the old program before it starts the new one', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    const port = await freePort();
    const program = join(at.root, 'server.cjs');
    writeFileSync(
      program,
      `require('net').createServer().listen(${port}, '127.0.0.1').on('error', (e) => { console.log(e.code); process.exit(1) });
       process.on('SIGTERM', () => setTimeout(() => process.exit(0), 150));`,
    );
    const resource = desired(at, `${process.execPath} ${program}`);
    expect((await create(at, resource)).code).toBe(0);
    for (let i = 0; i < 2; i++) {
      const result = await apply(at, { action: 'restart', resource, reason: { because: 'not-running' } });
      expect(result).toEqual({ code: 0, output: '' });
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(readFileSync(join(resource.dir, '.slipway/web/log'), 'utf8')).toBe('');
  });

  it('never touches a stranger that has the number of a process of ours by now', async ({
    onTestFinished,
  }) => {
    const at = host(onTestFinished);
    const resource = desired(at, 'sleep 1000');
    await create(at, resource);
    await remove(at, resource);
    await create(at, resource);
    const child = childPid(resource);
    const folder = join(resource.dir, '.slipway/web');
    process.kill(supervisorPid(resource), 'SIGKILL');
    process.kill(child, 'SIGKILL');
    await until(() => !isAlive(child));
    // Our own process stands for the stranger: its number, another start time.
    writeFileSync(join(folder, 'pid'), `${process.pid} 1\n`);
    writeFileSync(join(folder, 'child'), `${process.pid} 1 0 0\n`);
    expect((await remove(at, resource)).code).toBe(0);
    expect(isAlive(process.pid)).toBe(true);
    expect(processesOf(at.root)).toEqual([]);
  });

  it('takes a program over whose supervisor was killed, and its helper with it', async ({
    onTestFinished,
  }) => {
    const at = host(onTestFinished);
    const resource = desired(at, 'sleep 1000');
    await create(at, resource);
    const child = childPid(resource);
    process.kill(supervisorPid(resource), 'SIGKILL');
    expect(isAlive(child)).toBe(true);
    const result = await apply(at, { action: 'start', resource, reason: { because: 'not-running' } });
    expect(result.code).toBe(0);
    expect(isAlive(child)).toBe(false);
    expect(isAlive(childPid(resource))).toBe(true);
    expect((await remove(at, resource)).code).toBe(0);
    expect(processesOf(at.root)).toEqual([]);
  });

  it('drains before a restart and a removal, and stops all the same when that fails', async ({
    onTestFinished,
  }) => {
    const at = host(onTestFinished);
    const marks = join(at.root, 'marks');
    const resource = desired(at, 'sleep 1000', { drain: `echo drained >>${marks}; exit 7` });
    await create(at, resource);
    expect(existsSync(marks)).toBe(false);
    const result = await apply(at, { action: 'restart', resource, reason: { because: 'not-running' } });
    expect(result).toEqual({
      code: 0,
      output: 'the drain command failed (exit code 7); stopping all the same\n',
    });
    expect((await remove(at, resource)).code).toBe(0);
    expect(readFileSync(marks, 'utf8')).toBe('drained\ndrained\n');
  });

  it('reloads without a restart where the spec says how', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    const resource = desired(at, 'sleep 1000', { reload: 'echo reloaded' });
    await create(at, resource);
    const child = childPid(resource);
    const result = await apply(at, {
      action: 'reload',
      resource,
      reason: { because: 'triggered', by: ['file.a'] },
    });
    expect(result).toEqual({ code: 0, output: 'reloaded\n' });
    expect(childPid(resource)).toBe(child);
  });

  it('keeps one old log when the log has grown past 10 MiB', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    const resource = desired(at, 'sleep 1000');
    await create(at, resource);
    const folder = join(resource.dir, '.slipway/web');
    writeFileSync(join(folder, 'log'), 'x'.repeat(11 * 1024 * 1024));
    await apply(at, { action: 'restart', resource, reason: { because: 'not-running' } });
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('');
    expect(readFileSync(join(folder, 'log.1')).length).toBe(11 * 1024 * 1024);
  });

  it.runIf(process.getuid?.() === 0)('runs a program as its user', async ({ onTestFinished }) => {
    const at = host(onTestFinished);
    const resource = desired(at, '/bin/sh -c "id -un; id -gn; echo $HOME; exec sleep 1000"', {
      user: 'daemon',
    });
    expect((await create(at, resource)).code).toBe(0);
    expect(readFileSync(join(resource.dir, '.slipway/web/log'), 'utf8')).toBe('daemon\ndaemon\n/usr/sbin\n');
  });
});

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(') ') + 2));
  } catch {
    return false;
  }
}

/** Processes that were started from `root`, or work in it. */
function processesOf(root: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isAlive(Number(name)))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(root) || readlinkSync(`/proc/${pid}/cwd`).startsWith(root) ? [line] : [];
      } catch {
        return [];
      }
    });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen within 10 s');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
