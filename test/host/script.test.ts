import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordField } from '../../src/host/record-codec.ts';
import { SHELLS, useShell } from './shells.ts';
import { HOST, makeWorkplace, run, script, step } from './workplace.ts';
import type { Workplace } from './workplace.ts';

describe.each(SHELLS)('a script under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  it('runs its steps in order and tells what each prints', async () => {
    const { outcome, events } = await run(
      place.session(),
      script([step('say one; printf two', 'file.a'), step('twice', 'file.b["x y"]')], {
        functions: 'twice() { echo 3; echo 3 >&2; }',
      }),
    );
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect(events).toEqual([
      { type: 'step-started', step: 'file.a' },
      { type: 'output', step: 'file.a', line: 'one' },
      { type: 'output', step: 'file.a', line: 'two' },
      { type: 'step-finished', step: 'file.a' },
      { type: 'step-started', step: 'file.b["x y"]' },
      { type: 'output', step: 'file.b["x y"]', line: '3' },
      { type: 'output', step: 'file.b["x y"]', line: '3' },
      { type: 'step-finished', step: 'file.b["x y"]' },
    ]);
  });

  it.each([
    ['a command that fails', 'echo before; (exit 7); echo after', 7, ''],
    ['a variable that is not set', 'echo before; : "$nowhere"; echo after', expect.any(Number), ''],
    ['die', 'echo before; die "no more\nroom: 100%"; echo after', 1, 'no more room: 100%'],
    ['an exit that would skip the rest', 'echo before; exit 0; echo after', 70, 'it ended the whole script'],
  ])('ends at %s', async (_, body, code, message) => {
    const { outcome, lines } = await run(
      place.session(),
      script([step(body, 'file.a'), step('echo next', 'file.b')]),
    );
    expect(outcome).toMatchObject({ outcome: 'failed', step: 'file.a', code, message });
    expect(lines[0]).toBe('before');
    expect(lines).not.toContain('after');
    expect(lines).not.toContain('next');
    expect(outcome.outcome === 'failed' && outcome.lastLines[0]).toBe('before');
  });

  it('changes nothing when a step is no shell', async () => {
    const session = place.session();
    await expect(
      run(session, script([step(`touch ${place.notes}/first`), step('if then (', 'b')])),
    ).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringMatching(/could not be started on 127.0.1.1: .*syntax error/i) as string,
    });
    expect(existsSync(path.join(place.notes, 'first'))).toBe(false);
  });

  it('goes on with the rest of a step after return in it, and with the next step', async () => {
    const { outcome, lines } = await run(
      place.session(),
      script([step('return 0; echo no', 'a'), step('echo yes', 'b')]),
    );
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect(lines).toEqual(['yes']);
  });

  it('cannot be led astray by output that looks like markers', async () => {
    const { outcome } = await run(
      place.session(),
      'echo "end 0"; echo "@slipway started 9"; printf "\\036 end 0\\n"; exit 5',
    );
    expect(outcome).toMatchObject({ outcome: 'failed', code: 5 });
  });

  it('carries binary output, and ten megabytes on one line', async () => {
    const { outcome, lines } = await run(
      place.session(),
      `printf '\\377\\000\\001|\\n'; head -c 10000000 /dev/zero | tr '\\000' 'x'; echo; echo last`,
    );
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect(lines[0]).toBe('\ufffd\0\u0001|');
    expect(lines[1]).toMatch(/^x+ \[\d+ more bytes on this line\]$/);
    expect(lines[2]).toBe('last');
  });

  it('keeps secrets in files that only root can read, byte by byte, until it ends', async () => {
    const odd = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const text = 'p\'a%s\\n"$(id)\n';
    const { outcome, lines } = await run(
      place.session(),
      script(
        [
          step(
            `echo "$SECRETS"; stat -c %a "$SECRETS" "$SECRETS/password"
cp "$SECRETS/password" ${place.notes}/password; cp "$SECRETS/odd" ${place.notes}/odd`,
          ),
        ],
        {
          secrets: new Map<string, string | Uint8Array>([
            ['password', text],
            ['odd', odd],
          ]),
        },
      ),
    );
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect(lines.slice(1)).toEqual(['700', '600']);
    expect(await readFile(path.join(place.notes, 'password'), 'utf8')).toBe(text);
    expect(await readFile(path.join(place.notes, 'odd'))).toEqual(odd);
    expect(existsSync(lines[0] ?? '')).toBe(false);
  });

  it('takes secrets away when it fails, too', async () => {
    const { outcome, lines } = await run(
      place.session(),
      script([step('echo "$SECRETS"; false')], { secrets: new Map([['a', 'b']]) }),
    );
    expect(outcome.outcome).toBe('failed');
    expect(existsSync(lines[0] ?? '')).toBe(false);
  });

  it('shows no secret to whoever lists processes', async () => {
    const { lines } = await run(
      place.session(),
      script([step(`for f in /proc/[0-9]*/cmdline; do tr '\\000' ' ' <"$f" 2>/dev/null || :; echo; done`)], {
        secrets: new Map([['password', 'correcthorsebattery']]),
      }),
    );
    expect(lines.some((line) => line.includes('sh'))).toBe(true);
    expect(lines.join('\n')).not.toContain('correcthorse');
  });

  it('writes the host record', async () => {
    const session = place.session();
    const odd = 'file /etc/a\tb%\nc';
    await run(
      session,
      script([
        step(
          `own ${q(odd)} file.a; before ${q(odd)} 'mode 0644'; note ${q(odd)} digest 1; note ${q(odd)} digest 2`,
          'file.a',
        ),
        step(`record_instance app@${HOST} '{"a": "%25 x"}'`, 'record'),
      ]),
    );
    const { record } = await session.probe([]);
    expect([...record.entries.values()]).toEqual([
      {
        key: odd,
        owners: [{ lineage: 'lineage-1', instance: `app@${HOST}`, resource: 'file.a' }],
        before: 'mode 0644',
        notes: new Map([['digest', '2']]),
      },
    ]);
    expect(record.instances.get(`lineage-1 app@${HOST}`)?.json).toBe('{"a": "% x"}');
    const recordFile = path.join(place.stateDir, 'record');
    expect((await stat(recordFile)).mode & 0o777).toBe(0o600);
  });

  it('refuses a record field that is not encoded', async () => {
    const { outcome } = await run(place.session(), `own 'file /a\tb' x`);
    expect(outcome).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('not encoded') as string,
    });
  });

  it('goes on with a record whose last line was torn', async () => {
    const session = place.session();
    await run(session, `own 'file /a' x`);
    await appendFile(path.join(place.stateDir, 'record'), 'own\tfile /b\tlineage-1\tapp@h\tfile.con');
    await run(session, `own 'file /c' x`);
    expect([...(await session.probe([])).record.entries.keys()]).toEqual(['file /a', 'file /c']);
    await run(session, `forget 'file /a'`);
    expect([...(await session.probe([])).record.entries.keys()]).toEqual(['file /c']);
  });

  it('rewrites the record after a rename', async () => {
    const session = place.session();
    await run(session, `own 'file /a' x; record_instance app@${HOST} '{}'`);
    await run(session, `record_rename app@${HOST} web@${HOST}`);
    expect(await readFile(path.join(place.stateDir, 'record'), 'utf8')).toBe(
      `slipway-record\t1\nown\tfile /a\tlineage-1\tweb@${HOST}\tx\ninstance\tlineage-1\tweb@${HOST}\t{}\n`,
    );
  });

  it('leaves nothing on the host when nothing is recorded any more', async () => {
    const session = place.session();
    await run(
      session,
      script([step(`own 'file /a' x; record_instance app@${HOST} '{}'; mkdir -p ${place.notes}`)]),
    );
    expect(place.left()).not.toEqual([]);
    const { outcome } = await run(session, `disown 'file /a' x; forget 'file /a'; record_gone app@${HOST}`, {
      release: true,
    });
    expect(outcome).toEqual({ outcome: 'succeeded' });
    await session.close();
    expect(place.left()).toEqual([]);
  });

  it('is not tidied up under its hands when it is slow to go', async () => {
    const session = place.session();
    const slow = 'sw_mark() { printf "%s %s\\n" "$sw_nonce" "$*"; [ "$1" != end ] || slow; }';
    const seen = `slow() { sleep 1; mkdir -p ${place.notes}; ls "$sw_dir" >${place.notes}/files; }`;
    const { outcome } = await run(session, `${slow}; ${seen}`, { release: true });
    expect(outcome).toEqual({ outcome: 'succeeded' });
    await session.close();
    expect((await place.noted('files')).split('\n')).toEqual(expect.arrayContaining(['output', 'pid']));
    expect(place.left()).toEqual([]);
  });

  it('gives the lock back also where it failed while it wrote a file', async () => {
    const session = place.session();
    await run(session, "own 'file /a' file.a; record_instance x y");
    await run(session, 'set -C; exit 3', { release: true });
    await session.close();
    expect((await place.session({ lineage: 'lineage-2' }).probe([])).lock.holder).toBe(null);
  });

  it('leaves only the record and a free lock when something is', async () => {
    const session = place.session();
    await run(session, `own 'file /a' x`);
    await run(session, `own 'file /b' x`, { release: true });
    await session.close();
    const state = path.relative(path.join(place.directory, '.slipway'), place.stateDir);
    expect(place.left().filter((name) => name.startsWith(`${state}/`))).toEqual(
      ['backups', 'blobs', 'lock.1', 'record', 'runs'].map((name) => `${state}/${name}`),
    );
    expect(await readFile(path.join(place.stateDir, 'lock.1'), 'utf8')).toMatch(/^free\tlineage-1\t/);
  });

  const root = process.getuid?.() === 0;
  if (!root) console.warn('SKIPPED: a full disk is only tested as root (it needs a small tmpfs)');
  it.runIf(root)(
    'is not begun where there is no room for what it says, and goes on once there is',
    async () => {
      await mkdir(place.stateDir, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place.stateDir]);
      try {
        await run(place.session(), "own 'file /a' file.a; record_instance x y", { release: true });
        for (const pages of [0, 1, 2, 3]) {
          const session = place.session();
          await session.probe([]);
          const { bavail, bsize } = await statfs(place.stateDir);
          const filler = path.join(place.stateDir, 'filler');
          await writeFile(filler, Buffer.alloc((bavail - pages) * bsize));
          await expect(run(session, 'echo hello', { release: true }), `${pages} pages`).rejects.toMatchObject(
            {
              kind: 'no-space',
              message: expect.stringContaining(`127.0.1.1 is full`) as string,
            },
          );
          await rm(filler);
          expect((await run(session, 'echo hello', { release: true })).lines).toEqual(['hello']);
          await session.close();
          expect(await readdir(path.join(place.stateDir, 'runs'))).toEqual([]);
        }
      } finally {
        execFileSync('umount', [place.stateDir]);
      }
    },
  );

  it('works under umask 022 in the root folder, with sbin on the path', async () => {
    const { lines } = await run(
      place.session(),
      'umask; pwd; case :$PATH: in *:/usr/sbin:*) echo sbin ;; esac',
    );
    expect(lines).toEqual(['0022', '/', 'sbin']);
  });
});

function q(text: string): string {
  return `'${recordField(text)}'`;
}
