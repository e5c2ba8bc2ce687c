import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSshd, startSshd, type SshdHost } from '../lab/sshd.ts';
import { runCli, workingDirectory } from './run-cli.ts';

const sshd = await findSshd();

describe.skipIf(sshd === undefined)('slipway trust', () => {
  let host: SshdHost;
  beforeAll(async () => {
    host = await startSshd();
  });
  afterAll(() => host.stop());

  /** A spec with the server as host "edge" and a home directory that knows nobody. */
  function project() {
    const cwd = workingDirectory({
      'main.hcl': [
        'variable "pw" {',
        '  type      = string',
        '  sensitive = true',
        '}',
        'host "edge" {',
        `  address = "${host.address}"`,
        '  provider "ssh" {',
        `    port     = ${host.port}`,
        '    password = var.pw',
        '  }',
        '}',
        '',
      ].join('\n'),
    });
    const knownHosts = path.join(cwd, 'home', '.ssh', 'known_hosts');
    const slipway = (...args: string[]) => runCli(args, { cwd, env: { HOME: path.join(cwd, 'home') } });
    return { cwd, knownHosts, slipway };
  }

  it('shows fingerprints, and records nothing unless somebody confirms', async () => {
    const { knownHosts, slipway } = project();
    const { code, stdout, stderr } = await slipway('trust', 'edge');
    expect(code).toBe(1);
    expect(stdout).toContain(
      `${host.address}\n  ssh-ed25519          ${host.hostKeyFingerprint}  not known yet\n`,
    );
    expect(stderr).toContain('--fingerprint=SHA256:... or --auto-approve');
    expect(existsSync(knownHosts)).toBe(false);
  });

  it.each([
    ['by its fingerprint', () => ['edge', '--fingerprint', host.hostKeyFingerprint]],
    ['as it is shown', () => ['--auto-approve']],
    ['by its address', () => [host.address, '-auto-approve']],
  ])('records a key %s, once', async (_, args) => {
    const { knownHosts, slipway } = project();
    const { code, stdout, stderr } = await slipway('trust', ...args());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Recorded 1 key of 1 host.');
    const recorded = readFileSync(knownHosts, 'utf8');
    expect(recorded.trim().split(' ').slice(0, 3)).toEqual(host.knownHostsLine.split(' ').slice(0, 3));
    const again = await slipway('trust', ...args());
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('known already');
    expect(readFileSync(knownHosts, 'utf8')).toBe(recorded);
  });

  it('refuses a host that shows another key than the one given', async () => {
    const { knownHosts, slipway } = project();
    const { code, stderr } = await slipway('trust', 'edge', '--fingerprint', 'SHA256:somebodyelse');
    expect(code).toBe(1);
    expect(stderr).toContain('Host has another key');
    expect(existsSync(knownHosts)).toBe(false);
  });

  it('never replaces a key that has changed', async () => {
    const { knownHosts, slipway } = project();
    await slipway('trust', '--auto-approve');
    const other = await startSshd();
    const theirs = other.knownHostsLine.split(' ').slice(1).join(' ');
    await other.stop();
    const [name = ''] = host.knownHostsLine.split(' ');
    writeFileSync(knownHosts, `${name} ${theirs}\n`);
    const { code, stdout, stderr } = await slipway('trust', '--auto-approve');
    expect(code).toBe(1);
    expect(stdout).toContain('CHANGED');
    expect(stderr).toContain('Host key has changed');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`ssh-keygen -R '${name}'`);
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${name} ${theirs}\n`);
  });

  it.each([
    ['edeg', 'Did you mean "edge"?'],
    ['127.0.0.9', '127.0.0.9 has no host key'],
  ])('refuses %s', async (name, message) => {
    const { slipway } = project();
    const { code, stderr } = await slipway('trust', name);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it('says which hosts do not answer', async () => {
    const cwd = workingDirectory({
      'main.hcl': 'host "down" {\n  address = "127.0.1.1"\n  provider "ssh" { port = 1 }\n}\n',
    });
    const { code, stderr } = await runCli(['trust', 'down'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('--> host 127.0.1.1');
  });
});
