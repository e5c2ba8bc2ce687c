import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/host/facts.ts';
import { probeKey, type ProbeAnswer, type ProbeRequest } from '../../src/host/observation.ts';
import type { DesiredInstance } from '../../src/plan/plan.ts';
import type { PreflightFinding } from '../../src/plan/preflight/finding.ts';
import type { HostLoad } from '../../src/plan/preflight/host-load.ts';
import { holds, holdsVersion } from '../../src/plan/preflight/kernel.ts';
import {
  checkClock,
  checkHostname,
  checkInit,
  checkSpace,
  HOSTNAME_REQUEST,
} from '../../src/plan/preflight/machine.ts';
import {
  checkPackageSources,
  packageRequests,
  sourceRequests,
} from '../../src/plan/preflight/package-sources.ts';
import { parseCondition } from '../../src/spec/demands.ts';
import { NO_REQUIREMENTS } from '../../src/spec/model.ts';
import { ScriptedHost } from './scripted-host.ts';

const HOST = '10.0.0.1';

function loadOf(kinds: readonly string[], facts: Partial<Facts> = {}): HostLoad {
  const host = new ScriptedHost(HOST);
  host.facts = { ...host.facts, ...facts };
  const resources = kinds.map((kind) => ({ kind, name: 'nginx', address: `${kind}.nginx` }));
  const instance = {
    declaration: { address: `web@${HOST}`, component: 'web', host: HOST, endpoints: [] },
    dir: '/opt/slipway/web',
    resources,
    requires: NO_REQUIREMENTS,
  };
  return {
    host: HOST,
    observation: host.observe([]),
    desired: [instance as unknown as DesiredInstance],
    prior: [],
    inScope: () => true,
    changes: () => true,
  };
}

function answering(load: HostLoad, answers: readonly (readonly [ProbeRequest, ProbeAnswer])[]): HostLoad {
  const all = new Map(answers.map(([request, answer]) => [probeKey(request), answer]));
  return { ...load, observation: { ...load.observation, answers: all } };
}

const words = (findings: readonly PreflightFinding[]): readonly string[] =>
  findings.map((finding) =>
    finding.verdict === 'pass'
      ? `pass ${finding.check}: ${finding.detail}`
      : `${finding.verdict} ${finding.check}: ${finding.summary}`,
  );

describe('conditions', () => {
  it.each([
    ['65530', '>= 262144', false],
    ['262144', '>= 262144', true],
    ['18446744073692774399', '> 18446744073692774398', true],
    ['9', '< 10', true],
    ['1024', '1024', true],
    ['01024', '1024', true],
    ['4096 131072 6291456', '4096 131072 6291456', true],
    ['4096 131072 6291456', '>= 1', false],
    ['core', '!= |/usr/bin/crash', true],
  ])('%s %s is %s', (found, wanted, held) => {
    const condition = parseCondition(wanted);
    expect(condition !== undefined && holds(found, condition)).toBe(held);
  });

  it.each([
    ['6.1.0-18-amd64', '>= 5.10', true],
    ['5.4.0-1', '>= 5.10', false],
    ['5.10.0', '>= 5.9', true],
    ['6.8.5', '<= 6.8', true],
    ['6.8.5', '> 6.8', false],
    ['6.8.5', '6.8', true],
    ['6.8', '>= 6.8.1', false],
    ['6', '!= 5', true],
  ])('kernel %s %s is %s', (found, wanted, held) => {
    const condition = parseCondition(wanted);
    expect(condition !== undefined && holdsVersion(found, condition)).toBe(held);
  });
});

describe('a machine', () => {
  it.each([
    [15, 40, 'pass clock: agrees with the clock here'],
    [-400, 40, 'pass clock: 0.40 s behind the clock here'],
    [2001, 40, 'warn clock: Clock is off'],
    [-60_000, 40, 'warn clock: Clock is off'],
    [60_001, 40, 'fail clock: Clock is wrong'],
  ])('whose clock is %i ms ahead', (offset, roundTrip, expected) => {
    expect(words([checkClock(HOST, offset, roundTrip)])).toEqual([expected]);
  });

  it.each([
    [0, '127.0.1.1 h1\n', ['pass hostname: 10.0.0.1 is 127.0.1.1']],
    [2, '', ['warn hostname: Host does not know itself']],
    [124, '', ['warn hostname: Host does not know itself']],
    [3, '', []],
  ])('whose resolver ends with %i when asked for its name', (code, output, expected) => {
    const load = answering(loadOf([]), [[HOSTNAME_REQUEST, { probe: 'command', code, output }]]);
    expect(words(checkHostname(load))).toEqual(expected);
  });

  it.each([
    [{ init: 'systemd', uid: 0 }, ['pass init: systemd']],
    [{ init: 'monit', uid: 0 }, ['pass init: monit']],
    [{ init: 'none', uid: 0 }, ['warn init: Services do not start at boot']],
    [{ init: 'systemd', uid: 1000 }, ['warn init: Services do not start at boot']],
  ] as const)('with %j starts services or not', (facts, expected) => {
    expect(words(checkInit(loadOf(['service'], facts)))).toEqual(expected);
    const [idle] = checkInit(loadOf(['directory'], facts));
    expect(idle?.verdict).toBe('pass');
  });

  it('has room for what slipway keeps, or little, or none', () => {
    const layout = {
      stateDir: '/var/lib/slipway',
      secretsDir: '/run/slipway',
      instancesDir: '/opt/slipway',
      confined: false,
    };
    const disk = (mount: string, mib: number) => ({
      mount,
      device: 'x',
      type: 'ext4',
      sizeBytes: 2 ** 40,
      usedBytes: 0,
      availableBytes: mib * 2 ** 20,
    });
    const said = (root: number, run: number): readonly string[] =>
      words(checkSpace(loadOf([], { disks: [disk('/', root), disk('/run', run)] }), layout));
    expect(said(1024, 64)).toEqual([
      'pass space: 1 GiB free for /var/lib/slipway',
      'pass space: 64 MiB free for /run/slipway',
    ]);
    expect(said(100, 8)).toEqual([
      'warn space: Little room in /var/lib/slipway',
      'warn space: Little room in /run/slipway',
    ]);
    expect(said(4, 0)).toEqual([
      'fail space: No room in /var/lib/slipway',
      'fail space: No room in /run/slipway',
    ]);
    const rootless = { ...layout, stateDir: '~/.slipway', secretsDir: '~/.slipway/secrets' };
    const home = { disks: [disk('/', 4), disk('/home', 1024)], home: '/home/ann' };
    expect(words(checkSpace(loadOf([], home), rootless))).toEqual([
      'pass space: 1 GiB free for /home/ann/.slipway',
    ]);
  });
});

describe('package sources', () => {
  const load = loadOf(['package']);
  const [sources, nginx] = packageRequests(load) as [ProbeRequest, ProbeRequest];
  const output = 'lists yes\nsource http://deb.debian.org\nsource https://mirror:8443\n';
  const reach = (address: string, port: number, why: string | null): [ProbeRequest, ProbeAnswer] => [
    { probe: 'reach', address, port },
    { probe: 'reach', reached: why === null, why },
  ];
  const told = (
    text: string,
    candidate: string | null,
    ...reaches: (readonly [ProbeRequest, ProbeAnswer])[]
  ): readonly string[] => {
    const answers = answering(load, [
      [sources, { probe: 'command', code: 0, output: text }],
      [nginx, { probe: 'package', installed: null, candidate }],
      ...reaches,
    ]);
    return words(checkPackageSources(answers));
  };

  it('are asked for where packages are declared, and reached by their ports', () => {
    expect(packageRequests(loadOf(['service']))).toEqual([]);
    const asked = (text: string): readonly ProbeRequest[] =>
      sourceRequests(answering(load, [[sources, { probe: 'command', code: 0, output: text }]]).observation);
    expect(asked(output)).toEqual([
      { probe: 'reach', address: 'deb.debian.org', port: 80 },
      { probe: 'reach', address: 'mirror', port: 8443 },
    ]);
    expect(asked(`proxy http http://[::1]:3128\n${output}`)).toEqual([
      { probe: 'reach', address: '::1', port: 3128 },
    ]);
  });

  it('that are all away fail, one of several warns', () => {
    const [one, other] = [reach('deb.debian.org', 80, null), reach('mirror', 8443, null)];
    expect(told(output, '1.22', one, other)).toEqual([
      'pass packages: apt reaches deb.debian.org:80',
      'pass packages: apt reaches mirror:8443',
      'pass packages: apt knows nginx',
    ]);
    const away = reach('mirror', 8443, 'no answer');
    expect(told(output, '1.22', one, away)).toContain('warn packages: apt does not reach mirror:8443');
    expect(told(output, '1.22', reach('deb.debian.org', 80, 'no'), away)).toEqual(
      expect.arrayContaining([
        'fail packages: apt does not reach deb.debian.org:80',
        'fail packages: apt does not reach mirror:8443',
      ]),
    );
  });

  it('that do not have a package warn, for lists may be old', () => {
    expect(told(output, null)).toEqual(['warn packages: apt does not know nginx']);
    expect(told('', null)).toEqual(['fail packages: No package sources']);
    expect(told('source http://mirror\n', null)).toEqual([
      'pass packages: apt has no lists yet: an apply fetches them for nginx',
    ]);
  });

  it('are read from apt without what may be secret in them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-apt-'));
    const stub = (name: string, lines: readonly string[]): void => {
      writeFileSync(path.join(folder, name), `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`);
      chmodSync(path.join(folder, name), 0o755);
    };
    stub('apt-get', [
      "'http://user:secret@repo.corp:8080/debian/dists/InRelease' x 0 ",
      "'mirror+https://deb.debian.org/debian/dists/InRelease' x 0 ",
      "'https://deb.debian.org/debian/dists/Packages.xz' x 0 ",
      "'file:/srv/repo/InRelease' x 0 ",
    ]);
    stub('apt-config', [
      'APT::Architecture "amd64";',
      'Acquire::http::Proxy "http://me:hidden@proxy.corp:3128/";',
      'Acquire::http::Proxy::deb.corp "DIRECT";',
    ]);
    if (sources.probe !== 'command') throw new Error('a program is meant');
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const said = execFileSync('sh', ['-c', sources.program], { env }).toString();
    rmSync(folder, { recursive: true });
    expect(said.split('\n').filter((line) => line !== '' && line !== 'lists yes')).toEqual([
      'proxy http http://proxy.corp:3128',
      'source http://repo.corp:8080',
      'source https://deb.debian.org',
    ]);
  });
});
