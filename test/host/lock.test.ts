import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHELLS, useShell } from './shells.ts';
import { makeWorkplace, run, script, step, until } from './workplace.ts';
import type { Workplace } from './workplace.ts';

const BOOT_ID = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
const UPTIME = Number.parseInt(await readFile('/proc/uptime', 'utf8'), 10);

describe.each(SHELLS)('the lock of a host under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  const writeLock = async (number: number, fields: readonly (string | number)[]): Promise<void> => {
    await mkdir(place.stateDir, { recursive: true });
    await writeFile(path.join(place.stateDir, `lock.${number}`), `${fields.join('\t')}\n`);
  };
  const heldByBob = (
    changes: { boot?: string; end?: number; pid?: string; start?: string } = {},
  ): readonly (string | number)[] => [
    'held',
    'lineage-2',
    'run-9',
    'bob@laptop',
    changes.boot ?? BOOT_ID,
    changes.end ?? UPTIME + 250,
    changes.pid ?? '-',
    changes.start ?? '-',
    'x',
    '.',
  ];

  it('is kept from the first script to the release, and told in a probe', async () => {
    const session = place.session();
    expect((await session.probe([])).lock).toEqual({ token: 0, holder: null });
    await run(session, 'true');
    expect((await session.probe([])).lock).toEqual({
      token: 1,
      holder: {
        lineage: 'lineage-1',
        run: 'run-1',
        owner: 'ann@desk',
        leaseSecondsLeft: expect.closeTo(300, -1) as number,
        scriptRunning: false,
      },
    });
    await run(session, `own 'file /a' x`, { release: true });
    expect((await session.probe([])).lock).toEqual({ token: 1, holder: null });
    await run(session, 'true');
    expect((await session.probe([])).lock.token).toBe(2);
    await session.close();
    expect((await readdir(place.stateDir)).filter((name) => name.startsWith('lock'))).toEqual(['lock.2']);
  });

  it('keeps another lineage out', async () => {
    const ann = place.session();
    await run(ann, `own 'file /a' x`);
    const bob = place.session({ lineage: 'lineage-2', run: 'run-2', owner: 'bob smith@laptop' });
    await expect(run(bob, `touch ${place.notes}/bob`)).rejects.toMatchObject({
      name: 'HostLockedError',
      holder: { lineage: 'lineage-1', run: 'run-1', owner: 'ann@desk', scriptRunning: false },
    });
    expect(await place.noted('bob')).toBe('');
    await ann.close();
    expect((await run(bob, 'echo in')).lines).toEqual(['in']);
    await expect(run(place.session(), 'true')).rejects.toMatchObject({
      holder: { owner: 'bob smith@laptop' },
    });
  });

  it('is given to one of two that come at once', async () => {
    const names = ['lineage-1', 'lineage-2', 'lineage-3', 'lineage-4'];
    const sessions = names.map((lineage) => place.session({ lineage }));
    const results = await Promise.allSettled(
      sessions.map((session) => run(session, `echo in >>${place.notes}/in; own 'file /a' x; sleep 0.3`)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await place.noted('in')).toBe('in\n');
  });

  it('passes on when the lease ran out', async () => {
    await writeLock(7, heldByBob({ end: UPTIME - 1 }));
    const { outcome } = await run(place.session(), `own 'file /a' x`);
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect((await place.session().probe([])).lock).toMatchObject({
      token: 8,
      holder: { lineage: 'lineage-1' },
    });
  });

  it('passes on when the host was rebooted', async () => {
    await writeLock(7, heldByBob({ boot: '0-0', pid: '1', start: '1' }));
    expect((await run(place.session(), 'true')).outcome).toEqual({ outcome: 'succeeded' });
  });

  it('does not pass on while a script of its holder runs, whatever the lease', async () => {
    const stat = await readFile(`/proc/${process.pid}/stat`, 'utf8');
    const start = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[19] ?? '';
    await writeLock(7, heldByBob({ end: UPTIME - 1000, pid: `${process.pid}`, start }));
    await expect(run(place.session(), 'true')).rejects.toMatchObject({
      name: 'HostLockedError',
      holder: { scriptRunning: true },
    });
    await writeLock(7, heldByBob({ end: UPTIME - 1000, pid: `${process.pid}`, start: '12345' }));
    expect((await run(place.session(), 'true')).outcome).toEqual({ outcome: 'succeeded' });
  });

  it('is no obstacle when its holder died while writing it', async () => {
    await mkdir(place.stateDir, { recursive: true });
    await writeFile(path.join(place.stateDir, 'lock.3'), 'held\tlineage-2\trun');
    expect((await run(place.session(), 'true')).outcome).toEqual({ outcome: 'succeeded' });
  });

  it('refuses a plan that is older than the work of another lineage', async () => {
    await writeLock(7, ['free', ...heldByBob().slice(1)]);
    const stale = place.session({ expectedToken: 6 });
    await expect(run(stale, 'true')).rejects.toMatchObject({ name: 'HostLockedError', holder: null });
    expect((await run(place.session({ expectedToken: 7 }), 'true')).outcome).toEqual({
      outcome: 'succeeded',
    });
  });

  it('does not refuse a plan because of its own lineage', async () => {
    await writeLock(7, ['free', 'lineage-1', ...heldByBob().slice(2)]);
    expect((await run(place.session({ expectedToken: 5 }), 'true')).outcome).toEqual({
      outcome: 'succeeded',
    });
  });

  it('stops a script that lost it, before its next step', async () => {
    const session = place.session();
    const running = run(
      session,
      script([
        step(
          `echo first; echo x >${place.notes}/first; while [ ! -e ${place.notes}/go ]; do sleep 0.05; done`,
          'a',
        ),
        step(`touch ${place.notes}/second`, 'b'),
      ]),
    );
    await until(async () => (await place.noted('first')) !== '');
    await writeLock(2, heldByBob());
    await writeFile(path.join(place.notes, 'go'), '');
    const { outcome, lines } = await running;
    expect(outcome).toEqual({ outcome: 'fenced', holder: 'bob@laptop' });
    expect(lines).toEqual(['first']);
    expect(await place.noted('second')).toBe('');
    await session.close();
    expect(await readFile(path.join(place.stateDir, 'lock.2'), 'utf8')).toMatch(/^held\tlineage-2/);
  });

  it('fences the next script of a session that lost it', async () => {
    const session = place.session();
    await run(session, `own 'file /a' x`);
    await writeLock(2, heldByBob());
    expect((await run(session, 'true')).outcome).toEqual({ outcome: 'fenced', holder: 'bob@laptop' });
  });

  it('is given back when its session closes', async () => {
    const session = place.session();
    await run(session, `own 'file /a' x`);
    await session.close();
    expect((await place.session().probe([])).lock).toEqual({ token: 1, holder: null });
  });

  it('says who may not write there', async () => {
    if (process.getuid?.() === 0) return; // root may write everywhere
    const parent = path.dirname(place.stateDir);
    await mkdir(parent, { recursive: true });
    await chmod(parent, 0o500);
    await expect(run(place.session(), 'true')).rejects.toMatchObject({ kind: 'denied' });
  });

  it.runIf(process.getuid?.() === 0)('says that the file system is read-only', async () => {
    await mkdir(place.stateDir, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', place.stateDir]);
    try {
      await expect(run(place.session(), 'true')).rejects.toMatchObject({
        kind: 'denied',
        message: expect.stringMatching(/^a file system .* is read-only: .*read-only file system/i) as string,
        remedy: expect.stringContaining('dmesg') as string,
      });
    } finally {
      execFileSync('umount', [place.stateDir]);
    }
  });
});
