import { generateKeyPairSync } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { must } from '../../lab/command.ts';
import type { Lab } from '../../lab/lab.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { changesOn } from '../residue.ts';

type Settings = Readonly<Record<string, string | number>>;

/** Hosts that cannot be worked on. One plan tells of all of them; nothing is changed anywhere. */
describe.skipIf(noLab())('bad hosts', () => {
  let lab: Lab;
  let hosts: readonly LabHost[];
  let before: readonly (readonly string[])[];
  const projects: Project[] = [];
  beforeAll(async () => {
    lab = await useLab();
    hosts = await lab.fresh(4);
    before = await Promise.all(hosts.map((host) => host.listFiles()));
  });
  afterAll(() => Promise.all(projects.map((project) => project.dispose())));

  const at = (n: number): string => hosts[n]?.address ?? '';
  const nothingChanged = async (): Promise<void> => {
    for (const [n, host] of hosts.entries())
      expect(changesOn(before[n] ?? [], await host.listFiles()), host.address).toEqual([]);
  };

  /** One file on each of the hosts, with settings of their own. */
  const onHosts = async (
    settings: ReadonlyMap<string, Settings>,
    definition = 'definition { description = "one file" }\nfile "mark" {\n  path    = "/etc/mark"\n  content = "x"\n}\n',
  ): Promise<Project> => {
    const blocks = [...settings].map(([address, own], n) => {
      const lines = Object.entries(own).map(([name, value]) => `    ${name} = ${literal(value)}\n`);
      return `host "h${n}" {\n  address = "${address}"\n  provider "ssh" {\n${lines.join('')}  }\n}\n`;
    });
    const project = await specOnLab(lab, {
      'cluster.hcl': `cluster "bad-hosts" { version = "1" }
        variable "password" {
          type      = string
          sensitive = true
          default   = "not-the-password"
        }
        component "mark" {
          source = "./components/mark"
          hosts  = ${JSON.stringify([...settings.keys()])}
        }
        ${blocks.join('')}`,
      'components/mark/component.hcl': definition,
    });
    projects.push(project);
    return project;
  };

  const errorsByHost = (stderr: string): ReadonlyMap<string, string> => {
    const errors = stderr.split(/^(?=Error: )/m).map((text) => text.replace(/\s+/g, ' '));
    return new Map(errors.map((text) => [/--> host (\S+)/.exec(text)?.[1] ?? '', text]));
  };

  it('that refuse, hang, are not there or have another key are all named, with what to do', async () => {
    const hanging = 'python3 -c "import socket,time; s=socket.create_server((\'\',2222)); time.sleep(60)"';
    const listener = hosts[1]?.exec(`timeout 40 ${hanging}`);
    const nobody = `${lab.network.prefix}.250`;
    const project = await onHosts(
      new Map<string, Settings>([
        [at(0), { port: 2200 }],
        [at(1), { port: 2222, connect_timeout: '3s' }],
        [at(2), {}],
        [nobody, { connect_timeout: '3s' }],
      ]),
    );
    await exchangeKnownKey(project, at(2));
    const { code, stderr, stdout } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    const errors = errorsByHost(stderr);
    expect(errors.get(at(0))).toMatch(/refuse/i);
    expect(errors.get(at(1))).toMatch(/does not answer|within 3 s|timeout/i);
    expect(errors.get(at(2))).toMatch(/another host key.*known_hosts:\d+.*ssh-keygen -R/);
    expect(errors.get(nobody)).toMatch(/cannot be reached|does not answer/i);
    expect(stdout).not.toContain('No changes');
    await hosts[1]?.exec('pkill -f create_server');
    await listener;
    await nothingChanged();
  });

  it('that do not let us in are all named, with what to do', async () => {
    const project = await onHosts(
      new Map<string, Settings>([
        [at(0), { user: 'deploy', private_key: './other_key', agent: 'false' }],
        [at(1), { user: 'ops', password: 'var.password', private_key: './other_key' }],
        [at(2), { user: 'ops', become: 'sudo' }],
        [at(3), { private_key: './absent_key' }],
      ]),
    );
    await makeKey(project.path('other_key'));
    const { code, stderr, text } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    const errors = errorsByHost(stderr);
    expect(errors.get(at(0))).toMatch(/does not let us in.*deploy/);
    expect(errors.get(at(1))).toMatch(/does not let us in.*ops/);
    expect(errors.get(at(2))).toMatch(/sudo.*password.*become_password/i);
    expect(errors.get(at(3))).toMatch(/absent_key/);
    expect(text).not.toContain('not-the-password');
    await nothingChanged();
  });

  it('that are too small are all named, with what they have', async () => {
    const project = await onHosts(
      new Map<string, Settings>([
        [at(0), {}],
        [at(1), {}],
      ]),
      `definition {
        description = "wants a lot"
        requires {
          cpu    = 5000
          memory = "900TiB"
          disk   = "900TiB"
          os     = ["plan9"]
        }
      }
      file "mark" {
        path    = "/etc/mark"
        content = "x"
      }`,
    );
    const { code, stderr } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    for (const host of [at(0), at(1)]) {
      const own = stderr.split(/^(?=Error: )/m).filter((text) => text.includes(host));
      expect(own.length, stderr).toBeGreaterThanOrEqual(4);
      expect(own.join()).toMatch(/5000/);
      expect(own.join()).toMatch(/memory/i);
      expect(own.join()).toMatch(/disk/i);
      expect(own.join()).toMatch(/plan9/);
    }
    await nothingChanged();
  });

  it('that have no such package say so, and keep what they had', async () => {
    const project = await onHosts(
      new Map<string, Settings>([[at(0), {}]]),
      'definition { description = "a package" }\npackage "no-such-package-here" {}\n',
    );
    const { code, text } = await project.run('apply', '--auto-approve');
    expect(code).toBe(1);
    expect(text.replace(/\s+/g, ' ')).toMatch(
      new RegExp(`mark@${at(0)} failed at package.no-such-package-here.*no package no-such-package-here`),
    );
    await project.destroy();
    await nothingChanged();
  });
});

function literal(value: string | number): string {
  if (typeof value === 'number' || value === 'true' || value === 'false' || value.startsWith('var.'))
    return String(value);
  return JSON.stringify(value);
}

async function makeKey(file: string): Promise<void> {
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file]);
  await chmod(file, 0o600);
}

/** Another key than the host's stands in known_hosts. */
async function exchangeKnownKey(project: Project, address: string): Promise<void> {
  const file = path.join(project.home, '.ssh', 'known_hosts');
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const type = Buffer.from('ssh-ed25519');
  const blob = Buffer.concat([length(type), type, length(raw), raw]).toString('base64');
  const lines = (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => (line.startsWith(`${address},`) ? `${address} ssh-ed25519 ${blob}` : line));
  await writeFile(file, lines.join('\n'));
}

function length(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return size;
}
