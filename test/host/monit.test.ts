import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { monitAnswers, parseStatus, type MonitFrames } from '../../src/host/monit-output.ts';
import { MONIT_ASKING } from '../../src/host/monit-program.ts';
import { quote } from '../../src/host/sh.ts';
import { SHELLS } from '../resources/step-host.ts';

/** As 5.2.5 says it, which comes with BOSH's stemcells. */
const OLD = `The Monit daemon 5.2.5 uptime: 19h 17m

Process 'web'
  status                            running
  monitoring status                 monitored
  pid                               65763
  parent pid                        1
  uptime                            2h 12m
  data collected                    Tue May 20 10:33:22 2025

Process 'db'
  status                            not monitored
  monitoring status                 not monitored
  data collected                    Tue May 20 10:33:22 2025

System 'system_localhost'
  status                            running
  monitoring status                 monitored
`;
const NEW = `Monit 5.33.0 uptime: 1m

Process 'web'
  status                       OK - stop pending
  monitoring status            Monitored
  monitoring mode              active
  on reboot                    start
  pid                          303
  parent pid                   1

File 'web.log'
  status                       OK
  monitoring status            Not monitored
  pid                          7

Process 'db'
  status                       Does not exist
  monitoring status            Initializing
  monitoring mode              active
  on reboot                    nostart
`;

describe('what monit status tells', () => {
  it.each([
    ['5.2.5', OLD, { status: 'running', watched: true, pid: 65763 }],
    ['5.33', NEW, { status: 'OK - stop pending', watched: true, pid: 303 }],
    ['5.33 in colours', NEW.replaceAll('OK', '\u001b[32mOK\u001b[0m'), { status: 'OK - stop pending' }],
  ])('is read of version %s', (_version, text, web) => {
    expect(parseStatus(text).get('web')).toMatchObject(web);
  });

  it('tells what is not looked after, and what has no process', () => {
    expect(parseStatus(OLD).get('db')).toEqual({ status: 'not monitored', watched: false, pid: null });
    expect(parseStatus(NEW).get('db')).toEqual({ status: 'Does not exist', watched: true, pid: null });
  });

  it('is of processes only', () => {
    expect([...parseStatus(NEW).keys()]).toEqual(['web', 'db']);
    expect([...parseStatus(OLD).keys()]).toEqual(['web', 'db']);
  });
});

describe('the answers of a probe on services under monit', () => {
  const frames = (more: Partial<MonitFrames>): MonitFrames => ({
    answer: `/etc/monit/monitrc\n/etc/monit/conf.d\n0\n${NEW}`,
    alive: '303 1000\n',
    control: () => null,
    process: () => ['no', '-', '0', '0'],
    ...more,
  });

  it('takes the pid of a service of others from monit, if it is there still', () => {
    const answer = monitAnswers(frames({}), 5000)({ name: 'web', own: false });
    expect(answer).toMatchObject({ listed: true, running: true, pid: 303, sinceSeconds: 5010 });
    const dead = monitAnswers(frames({ alive: '' }), 5000)({ name: 'web', own: false });
    expect(dead).toMatchObject({ listed: true, running: false, pid: null });
  });

  it('believes the pid file of a service of ours, which knows more than monit before its next round', () => {
    const of = monitAnswers(frames({ process: () => ['yes', '77', '1234', '2'], alive: '' }), 5000);
    expect(of({ name: 'web', own: true })).toMatchObject({
      running: true,
      pid: 77,
      sinceSeconds: 1234,
      restarts: 2,
    });
  });

  it.each([
    [
      'no HTTP interface',
      'Monit: the monit HTTP interface is not enabled\n',
      '1',
      'the monit HTTP interface is not enabled',
    ],
    ['a warning first', 'warning: x\nConnection refused\n', '1', 'Connection refused'],
    ['no word', '', '3', 'monit status ended with exit code 3'],
    ['a hang', '', '124', 'it did not answer within 20 s'],
  ])('say why it is silent: %s', (_what, said, code, silent) => {
    const of = monitAnswers(frames({ answer: `/etc/monitrc\n\n${code}\n${said}` }), 0);
    expect(of({ name: 'web', own: true })).toMatchObject({
      silent,
      rc: '/etc/monitrc',
      folder: null,
      listed: false,
    });
  });

  it('say that it does not run', () => {
    expect(monitAnswers(frames({ answer: null }), 0)({ name: 'web', own: true }).silent).toBe(
      'it does not run',
    );
  });
});

describe.each(SHELLS)('the shell functions on %s', (_name, shell) => {
  const root = mkdtempSync(join(tmpdir(), 'slipway-monit-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const [program = 'sh', ...args] = shell;

  /** What a shell prints after the functions; the usual places are below `root`. */
  function run(script: string): string {
    const functions = MONIT_ASKING.replaceAll('/run/monit.pid', `${root}/monit.pid`)
      .replaceAll(' /etc/', ` ${root}/etc/`)
      .replaceAll('/usr/local/etc/', `${root}/usr/`);
    return execFileSync(program, [...args, '-c', `set -eu\nHOME=${quote(root)}\n${functions}\n${script}`], {
      encoding: 'utf8',
    });
  }

  it('find the control file that the daemon was started with, else the usual one', async () => {
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/monitrc'), '');
    expect(run('monit_find || echo down; echo "$monit_rc"')).toBe(`down\n${root}/etc/monitrc\n`);
    const daemon = join(root, 'monit');
    writeFileSync(daemon, '#!/bin/sh\nread -r line\n', { mode: 0o755 });
    for (const options of [['-I', '-c', '/x y/rc'], ['-Ic', '/x y/rc'], ['-c/x y/rc'], ['--conf=/x y/rc']]) {
      const child = spawn(daemon, options, { stdio: ['pipe', 'ignore', 'ignore'] });
      await new Promise((resolve) => child.once('spawn', resolve));
      await new Promise((resolve) => setTimeout(resolve, 50));
      writeFileSync(join(root, 'monit.pid'), `${child.pid ?? ''}\n`);
      expect(run('monit_find; echo "$monit_rc"'), options.join(' ')).toBe('/x y/rc\n');
      child.kill();
    }
    writeFileSync(join(root, 'monit.pid'), `${process.pid}\n`);
    expect(run('monit_find || echo down')).toBe('down\n');
  });

  it.each([
    ['include DIR/*', 'slipway-web'],
    ['  INCLUDE   DIR/*.cfg  # ours', 'slipway-web.cfg'],
    ['include "DIR/job-*.monitrc"', 'job-slipway-web.monitrc'],
    ['# include DIR/*', 'none'],
    ['include /nowhere/*\ninclude DIR/*', 'slipway-web'],
    ['include DIR/*/monit\ninclude DIR/one.cfg\ninclude DIR/[a-z]*\ninclude relative/*', 'none'],
  ])('find a folder for control files: %s', (text, file) => {
    const folder = join(root, 'conf.d');
    mkdirSync(folder, { recursive: true });
    const rc = join(root, 'rc');
    writeFileSync(rc, text.replaceAll('DIR', folder));
    const place = 'echo "$monit_folder/${monit_before}slipway-web$monit_after"';
    const answer = run(`monit_rc=${quote(rc)}; monit_folders; if [ -n "$monit_folder" ]; then ${place}; fi`);
    expect(answer).toBe(file === 'none' ? '' : `${folder}/${file}\n`);
  });

  it.each([
    ['web', OLD, 'yes yes no 65763'],
    ['db', OLD, 'yes no no -'],
    ['web', NEW, 'yes yes yes 303'],
    ['db', NEW, 'yes yes no -'],
    ['web.log', NEW, 'no no no -'],
  ])('read of monit status what it says of %s', (name, text, expected) => {
    const words = 'echo "$monit_listed $monit_watched $monit_pending ${monit_process:--}"';
    expect(run(`monit_answer=${quote(text)}; monit_service ${name}; ${words}`)).toBe(`${expected}\n`);
  });
});
