import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFacts } from '../../src/host/facts-output.ts';
import { probeKey } from '../../src/host/observation.ts';
import type { ProbeAnswer, ProbeRequest } from '../../src/host/observation.ts';
import { parseProbe } from '../../src/host/probe-output.ts';
import { probeProgram } from '../../src/host/probe-program.ts';
import { SHELLS, useShell } from './shells.ts';
import { HOST, makeWorkplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

describe.each(SHELLS)('a probe under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  async function ask<R extends ProbeRequest>(
    request: R,
  ): Promise<Extract<ProbeAnswer, { probe: R['probe'] }>> {
    const { answers } = await place.session().probe([request]);
    return answers.get(probeKey(request)) as Extract<ProbeAnswer, { probe: R['probe'] }>;
  }

  it('tells of the machine', async () => {
    const { facts } = await place.session().probe([]);
    expect(facts).toMatchObject({
      hostname: os.hostname(),
      arch: os.machine(),
      kernel: os.release(),
      cores: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      uid: process.getuid?.(),
      home: process.env.HOME,
      init: 'none', // confined
      packageManager: 'none',
      bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    });
    expect(Math.abs(facts.clockSeconds - Date.now() / 1000)).toBeLessThan(5);
    expect(Math.abs(facts.uptimeSeconds - os.uptime())).toBeLessThan(5);
    expect(facts.os.id).toMatch(/^[a-z]+$/);
    expect(facts.os.name).not.toContain('"');
    const root = facts.disks.find(({ mount }) => mount === '/');
    expect(root?.sizeBytes).toBeGreaterThan(root?.availableBytes ?? Infinity);
  });

  it('changes nothing on the host', async () => {
    await place.session().probe([{ probe: 'path', path: '/nowhere' }]);
    expect(place.left()).toEqual([]);
  });

  it.each([
    'plain',
    'with space',
    "it's",
    'quo"te',
    'new\nline',
    'back\\slash',
    '-dash',
    '$(touch x)',
    'ünï',
    'tab\there',
    '*',
    ' lead',
    'trail ',
  ])('sees the file %j', async (name) => {
    const file = path.join(place.notes, name);
    const link = `${file}.link`;
    await writeFile(file, 'content');
    await chmod(file, 0o640);
    await symlink(name, link);
    const requests: ProbeRequest[] = [
      { probe: 'path', path: `${file}.missing`, digest: true },
      { probe: 'path', path: file, digest: true, contentUnless: sha256('other') },
      { probe: 'path', path: link, digest: true },
      { probe: 'path', path: place.notes, digest: true },
    ];
    const { answers } = await place.session().probe(requests);
    const found = requests.map((request) => {
      const answer = answers.get(probeKey(request));
      return answer?.probe === 'path' ? answer.found : undefined;
    });
    expect(found[0]).toBe(null);
    expect(found[1]).toEqual({
      type: 'file',
      mode: '0640',
      owner: os.userInfo().username,
      group: expect.any(String) as string,
      sizeBytes: 7,
      target: null,
      digest: sha256('content'),
      content: 'content',
    });
    expect(found[2]).toMatchObject({ type: 'link', target: name, digest: null, content: null });
    expect(found[3]).toMatchObject({ type: 'directory', digest: null });
  });

  it('sends the content of a file only where it differs, is text, and is small', async () => {
    const write = async (name: string, content: string | Buffer): Promise<string> => {
      await writeFile(path.join(place.notes, name), content);
      return path.join(place.notes, name);
    };
    const contentOf = async (file: string, unless: string): Promise<string | null | undefined> =>
      (await ask({ probe: 'path', path: file, contentUnless: unless })).found?.content;
    const other = sha256('other');
    expect(await contentOf(await write('same', 'x\n'), sha256('x\n'))).toBe(null);
    expect(await contentOf(await write('text', 'a\nb\n\n'), other)).toBe('a\nb\n\n');
    expect(await contentOf(await write('empty', ''), other)).toBe('');
    expect(await contentOf(await write('binary', Buffer.from([0x61, 0])), other)).toBe(null);
    expect(await contentOf(await write('latin1', Buffer.from([0xe9])), other)).toBe(null);
    expect(await contentOf(await write('limit', 'x'.repeat(65536)), other)).toBe('x'.repeat(65536));
    expect(await contentOf(await write('large', 'x'.repeat(65537)), other)).toBe(null);
    expect(await contentOf(await write('frame', '\nend\n@slipway x\n'), other)).toBe('\nend\n@slipway x\n');
  });

  it('merges what is asked twice about one path', async () => {
    const file = path.join(place.notes, 'a');
    await writeFile(file, 'x');
    const { answers } = await place.session().probe([
      { probe: 'path', path: file, digest: true },
      { probe: 'path', path: file },
    ]);
    expect(answers.get(`path ${file}`)).toMatchObject({ found: { digest: sha256('x') } });
  });

  it('asks about a thousand paths at once', async () => {
    const requests = Array.from({ length: 1200 }, (_, i): ProbeRequest => ({
      probe: 'path',
      path: path.join(place.notes, `f ${i}`),
      digest: true,
    }));
    for (const [i, request] of requests.entries()) {
      if (request.probe === 'path' && i % 3 === 0) await writeFile(request.path, `${i}`);
    }
    const { answers } = await place.session().probe(requests);
    requests.forEach((request, i) => {
      const answer = answers.get(probeKey(request));
      expect(answer).toMatchObject(i % 3 === 0 ? { found: { digest: sha256(`${i}`) } } : { found: null });
    });
  });

  it('counts what lies below a directory, and notices when it is touched', async () => {
    const folder = path.join(place.notes, 'tree');
    await mkdir(path.join(folder, 'sub'), { recursive: true });
    await writeFile(path.join(folder, 'sub', 'a'), 'x'.repeat(100));
    await writeFile(path.join(folder, 'b'), 'x'.repeat(23));
    expect(await ask({ probe: 'tree', path: folder })).toMatchObject({ entries: 3, bytes: 123 });
    const { digest } = await ask({ probe: 'tree-digest', path: folder });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await ask({ probe: 'tree-digest', path: folder })).digest).toBe(digest);
    await utimes(path.join(folder, 'b'), 1, 1);
    expect((await ask({ probe: 'tree-digest', path: folder })).digest).not.toBe(digest);
    expect(await ask({ probe: 'tree', path: `${folder}.missing` })).toMatchObject({ entries: 0, bytes: 0 });
    expect((await ask({ probe: 'tree-digest', path: `${folder}.missing` })).digest).toBe(null);
  });

  it('sees users and groups', async () => {
    expect((await ask({ probe: 'user', name: 'root' })).found).toMatchObject({
      uid: 0,
      gid: 0,
      group: 'root',
      home: '/root',
    });
    expect((await ask({ probe: 'user', name: 'no-such-user' })).found).toBe(null);
    expect((await ask({ probe: 'group', name: 'root' })).found).toEqual({ gid: 0 });
    expect((await ask({ probe: 'group', name: 'roo' })).found).toBe(null);
  });

  it('sees who listens on a port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await ask({ probe: 'port', port })).listeners).toEqual([{ address: '127.0.0.1' }]);
    await new Promise((resolve) => server.close(resolve));
    expect((await ask({ probe: 'port', port })).listeners).toEqual([]);
  });

  it('sees a supervised program while both its processes live', async () => {
    const dir = path.join(place.notes, '.slipway', 'web');
    await mkdir(dir, { recursive: true });
    const request = { probe: 'supervised', name: 'web', dir: place.notes } as const;
    expect(await ask(request)).toEqual({
      probe: 'supervised',
      running: false,
      pid: null,
      digest: null,
      sinceSeconds: null,
      restarts: 0,
      supervised: false,
      exitCode: null,
    });
    const child = spawn('sleep', ['30']);
    const startOf = (pid: number): string =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
    await writeFile(path.join(dir, 'pid'), `${process.pid} ${startOf(process.pid)}\n`);
    await writeFile(path.join(dir, 'child'), `${child.pid} ${startOf(child.pid ?? 0)} 1700000000 3\n`);
    await writeFile(path.join(dir, 'digest'), 'abc');
    expect(await ask(request)).toEqual({
      probe: 'supervised',
      running: true,
      pid: child.pid,
      digest: 'abc',
      sinceSeconds: 1700000000,
      restarts: 3,
      supervised: true,
      exitCode: null,
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await gone;
    await writeFile(path.join(dir, 'ended'), '7\n');
    expect(await ask(request)).toMatchObject({
      running: false,
      digest: 'abc',
      supervised: true,
      exitCode: 7,
    });
  });

  it.each([
    ['true', 0, ''],
    ['echo out; echo err >&2; exit 3', 3, 'out\nerr\n'],
    ['cat', 0, ''],
    ['sleep 30', expect.any(Number), expect.any(String)],
    [`head -c 100000 /dev/zero | tr '\\000' x; exit 5`, 5, 'x'.repeat(4096)],
    ['kill -9 $$', 137, expect.any(String)],
  ])('runs the command %s', async (program, code, output) => {
    const answer = await ask({ probe: 'command', key: 'some key/é', program, timeoutSeconds: 1 });
    expect(answer).toMatchObject({ code, output });
    if (program === 'sleep 30') expect(answer.code).not.toBe(0);
  });

  it('refuses a record of a newer slipway', async () => {
    await mkdir(place.stateDir, { recursive: true });
    await writeFile(path.join(place.stateDir, 'record'), 'slipway-record\t2\n');
    await expect(place.session().probe([])).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('newer slipway') as string,
    });
  });

  it('does not stumble over a greeting of the login shell', async () => {
    const nonce = 'n'.repeat(32);
    const layout = { stateDir: '/a', secretsDir: '/b', instancesDir: '/c', confined: true };
    const program = probeProgram(layout, [], nonce);
    const child = spawn('sh', ['-c', 'echo Welcome; exec sh -s']);
    child.stdin.end(program);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    const result = { code: 0, stdout: Buffer.concat(chunks), stderr: Buffer.alloc(0) };
    expect(parseProbe(HOST, [], result, nonce).facts.hostname).toBe(os.hostname());
  });

  it('says so when the host cuts it short', () => {
    const result = {
      code: 1,
      stdout: Buffer.from('\nxyz facts\n'),
      stderr: Buffer.from('sh: out of memory\n'),
    };
    expect(() => parseProbe(HOST, [], result, 'xyz')).toThrow(
      /ended early \(exit code 1\): sh: out of memory/,
    );
  });
});

describe('a probe of a systemd host', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-programs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the program with a PATH of nothing but programs that write down that they were started. */
  async function run(
    program: string,
    programs: Readonly<Record<string, string>>,
  ): Promise<{ stdout: Buffer; started: string[] }> {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    const log = path.join(folder, 'started');
    writeFileSync(log, '');
    symlinkSync('/bin/sh', path.join(bin, 'sh'));
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(path.join(bin, name), `#!/bin/sh\necho ${name} >>${log}\n${body}\n`);
      chmodSync(path.join(bin, name), 0o755);
    }
    const child = spawn('/bin/sh', ['-c', 'exec sh -s'], {
      env: { PATH: `${bin}:/usr/sbin`, HOME: '/root' },
    });
    child.stdin.end(program);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    return { stdout: Buffer.concat(chunks), started: readFileSync(log, 'utf8').trim().split('\n') };
  }

  it('starts seven programs for a user, two directories, seven files, two units, a port and three packages', async () => {
    const nonce = '0123456789abcdef0123456789abcdef';
    const stateDir = path.join(folder, 'state');
    mkdirSync(stateDir);
    writeFileSync(path.join(stateDir, 'record'), 'slipway-record\t1\nown\tfile /x\tL\ta@h\tf\n');
    const layout = { stateDir, secretsDir: '/b', instancesDir: '/c', confined: false };
    const requests: ProbeRequest[] = [
      { probe: 'user', name: 'root' },
      { probe: 'path', path: '/etc' },
      { probe: 'path', path: '/usr' },
      ...Array.from({ length: 7 }, (_, i): ProbeRequest => ({
        probe: 'path',
        path: `/etc/${['passwd', 'group', 'hostname', 'hosts', 'fstab', 'profile', 'shells'][i]}`,
        digest: true,
      })),
      { probe: 'unit', name: 'nats' },
      { probe: 'unit', name: 'gone.service' },
      { probe: 'port', port: 4222 },
      { probe: 'package', name: 'nginx' },
      { probe: 'package', name: 'libc6:amd64' },
      { probe: 'package', name: 'curl' },
    ];
    // What a systemd host has, without being one.
    const program = probeProgram(layout, requests, nonce).replace('[ -d /run/systemd/system ]', '[ -d / ]');
    const unit = (lines: readonly string[]): string => lines.join('\n');
    const { stdout, started } = await run(program, {
      stat: 'exec /usr/bin/stat "$@"',
      sha256sum: 'exec /usr/bin/sha256sum "$@"',
      cat: 'exec /usr/bin/cat "$@"',
      df: `echo 'Filesystem Type 1024-blocks Used Available Capacity Mounted on
/dev/vda ext4 1000 400 600 40% /
my disk nfs4 2000 0 2000 0% /mnt/a b'`,
      uname: 'echo x86_64',
      grep: `echo '   0: 00000000:107E 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F90 00000000:0000 0A 0
   2: 0000000000000000FFFF00000100007F:107E 0:0 0A 0
   3: 000080FE000000000000000001000000:107E 0:0 0A 0'`,
      'dpkg-query': `printf 'nginx\\tinstalled\\t1.22.1-9\\nlibc6\\tinstalled\\t2.36\\ncurl\\tinstalled\\t7.88\\n'`,
      systemctl: `/usr/bin/cat <<'END'
${unit(['Id=nats.service', 'LoadState=loaded', 'ActiveState=active', 'SubState=running', 'UnitFileState=enabled', 'FragmentPath=/etc/systemd/system/nats.service', 'MainPID=42', 'NRestarts=2', 'ActiveEnterTimestamp=Sat 2026-11-21 03:14:00 UTC', 'NeedDaemonReload=no', 'Result=success', 'ExecMainStatus=0', 'StateChangeTimestamp=Sat 2026-11-21 03:14:01 UTC'])}

${unit(['Id=gone.service', 'LoadState=not-found', 'ActiveState=inactive', 'SubState=dead', 'UnitFileState=', 'FragmentPath=', 'MainPID=0', 'NRestarts=0', 'ActiveEnterTimestamp=', 'NeedDaemonReload=no'])}
END`,
    });
    expect(started.filter((name) => name !== 'uname').sort()).toEqual([
      'cat',
      'df',
      'dpkg-query',
      'grep',
      'sha256sum',
      'stat',
      'systemctl',
    ]);
    const observation = parseProbe(HOST, requests, { code: 0, stdout, stderr: Buffer.alloc(0) }, nonce);
    expect(observation.facts.init).toBe('systemd');
    expect(observation.facts.disks).toEqual([
      {
        mount: '/',
        device: '/dev/vda',
        type: 'ext4',
        sizeBytes: 1024000,
        usedBytes: 409600,
        availableBytes: 614400,
      },
      {
        mount: '/mnt/a b',
        device: 'my disk',
        type: 'nfs4',
        sizeBytes: 2048000,
        usedBytes: 0,
        availableBytes: 2048000,
      },
    ]);
    const { answers } = observation;
    expect(answers.get('unit nats')).toEqual({
      probe: 'unit',
      found: {
        load: 'loaded',
        active: 'active',
        sub: 'running',
        enabled: 'enabled',
        fragmentPath: '/etc/systemd/system/nats.service',
        pid: 42,
        restarts: 2,
        sinceSeconds: Date.parse('2026-11-21T03:14:00Z') / 1000,
        needsReload: false,
        result: 'success',
        exitStatus: 0,
        changedSeconds: Date.parse('2026-11-21T03:14:01Z') / 1000,
      },
    });
    expect(answers.get('unit gone.service')).toMatchObject({ found: { load: 'not-found', sinceSeconds: 0 } });
    expect(answers.get('package libc6:amd64')).toEqual({
      probe: 'package',
      installed: '2.36',
      candidate: null,
    });
    expect(answers.get('port 4222')).toEqual({
      probe: 'port',
      listeners: [{ address: '0.0.0.0' }, { address: '127.0.0.1' }, { address: 'fe80::1' }],
    });
    expect(observation.record.entries.has('file /x')).toBe(true);
  });

  it('asks apt once for the candidates of what is not installed', async () => {
    const nonce = '0123456789abcdef0123456789abcdef';
    const layout = { stateDir: '/nowhere', secretsDir: '/b', instancesDir: '/c', confined: false };
    const requests: ProbeRequest[] = ['here', 'gone', 'never'].map((name) => ({ probe: 'package', name }));
    const { stdout } = await run(probeProgram(layout, requests, nonce), {
      stat: 'exec /usr/bin/stat "$@"',
      df: ':',
      uname: ':',
      'dpkg-query': `printf 'here\\tinstalled\\t1\\ngone\\tconfig-files\\t1\\n'; exit 1`,
      'apt-cache': `[ "$*" = 'policy gone never' ] && printf 'gone:\\n  Installed: (none)\\n  Candidate: 2.0-1\\n  Version table:\\n     2.0-1 500\\nnever:\\n  Installed: (none)\\n  Candidate: (none)\\n'`,
    });
    const { answers } = parseProbe(HOST, requests, { code: 0, stdout, stderr: Buffer.alloc(0) }, nonce);
    expect([...answers.values()]).toEqual([
      { probe: 'package', installed: '1', candidate: null },
      { probe: 'package', installed: null, candidate: '2.0-1' },
      { probe: 'package', installed: null, candidate: null },
    ]);
  });
});

describe('facts', () => {
  it.each([
    ['container docker\n', 'docker'],
    ['vendor QEMU\nproduct Standard PC\n', 'kvm'],
    ['vendor innotek GmbH\nproduct VirtualBox\n', 'virtualbox'],
    ['vendor Dell Inc.\nproduct PowerEdge\n', ''],
  ])('know the machine below from %j', (text, virtualization) => {
    expect(parseFacts(text, '', 0).virtualization).toBe(virtualization);
  });

  it.each([
    ['0', 1],
    ['0-3', 4],
    ['0-1,4,6-7', 5],
  ])('count the CPUs of %s', (list, cores) => {
    expect(parseFacts(`status Cpus_allowed_list: ${list}\n`, '', 0).cores).toBe(cores);
  });
});
