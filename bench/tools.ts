import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Lab } from '../test/lab/lab.ts';

declare const __BENCH__: string;
export const BENCH = __BENCH__;
/** Another build than the one in dist may be measured. */
export const SLIPWAY = process.env['SLIPWAY_MAIN'] ?? path.join(BENCH, '..', 'dist', 'main.js');

export const PHASES = ['first', 'nothing', 'change', 'remove'] as const;
export type Phase = (typeof PHASES)[number];

/** One way to carry out workload W1. `remove` takes it off the first five hosts. */
export interface Tool {
  readonly name: string;
  prepare(): void;
  command(phase: Phase): {
    readonly command: readonly string[];
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
  };
}

export const REMOVED_HOSTS = 5;
export const CONFIGS = ['cache', 'db', 'log', 'queue', 'web'];

/** Content shared by all tools: the artifact and the templates, in `folder/w1`. */
export function prepareWorkload(folder: string): string {
  const workload = path.join(folder, 'w1');
  rmSync(workload, { recursive: true, force: true });
  cpSync(path.join(BENCH, 'w1'), workload, { recursive: true });
  writeFileSync(path.join(workload, 'components', 'shop', 'app.bin'), randomBytes(1 << 20));
  return workload;
}

export function slipwayTool(folder: string, lab: Lab, hosts: readonly string[]): Tool {
  const cwd = path.join(folder, 'slipway');
  const env = { HOME: folder, NO_COLOR: '1' };
  return {
    name: 'slipway',
    prepare() {
      rmSync(cwd, { recursive: true, force: true });
      cpSync(path.join(folder, 'w1'), cwd, { recursive: true });
      const values = { hosts, private_key: lab.privateKeyPath, known_hosts: lab.knownHostsPath };
      writeFileSync(path.join(cwd, 'lab.auto.vars.json'), JSON.stringify(values));
    },
    command(phase) {
      const level = phase === 'first' || phase === 'nothing' ? 'info' : 'debug';
      const base = [process.execPath, SLIPWAY];
      if (phase === 'remove') {
        const targets = hosts.slice(0, REMOVED_HOSTS).map((host) => `--target=@${host}`);
        return { command: [...base, 'destroy', '--auto-approve', ...targets], cwd, env };
      }
      return { command: [...base, 'apply', '--auto-approve', `--var=log_level=${level}`], cwd, env };
    },
  };
}

/** The least that can be done: one hand-written script per host over parallel OpenSSH. */
export function floorTool(folder: string, lab: Lab, hosts: readonly string[]): Tool {
  const cwd = path.join(folder, 'floor');
  return {
    name: 'floor',
    prepare() {
      rmSync(cwd, { recursive: true, force: true });
      mkdirSync(cwd, { recursive: true });
      writeFileSync(path.join(cwd, 'hosts'), hosts.map((host) => `${host}\n`).join(''));
    },
    command(phase) {
      const chosen = phase === 'remove' ? hosts.slice(0, REMOVED_HOSTS) : hosts;
      const log = phase === 'first' || phase === 'nothing' ? 'info' : 'debug';
      const env = {
        SSH: `ssh -F ${lab.sshConfigPath} -o LogLevel=ERROR -o ControlPath=none -o KexAlgorithms=curve25519-sha256`,
        WORKLOAD: path.join(folder, 'w1', 'components', 'shop'),
        STAGE: cwd,
        LOG: log,
        ALL: hosts.join(' '),
      };
      return { command: ['bash', path.join(BENCH, 'peers', 'floor', 'run.sh'), phase, ...chosen], cwd, env };
    },
  };
}

export function ansibleTool(folder: string, lab: Lab, hosts: readonly string[]): Tool {
  const cwd = path.join(folder, 'ansible');
  return {
    name: 'ansible',
    prepare() {
      rmSync(cwd, { recursive: true, force: true });
      cpSync(path.join(BENCH, 'peers', 'ansible'), cwd, { recursive: true });
      const shop = path.join(folder, 'w1', 'components', 'shop');
      for (const name of CONFIGS) {
        const text = readFileSync(path.join(shop, `${name}.conf.tftpl`), 'utf8');
        writeFileSync(path.join(cwd, `${name}.conf.j2`), toJinja(text));
      }
      const inventory = [
        '[shop]',
        ...hosts.map((host, i) => `${host} number=${i}`),
        '[shop:vars]',
        `peers=${hosts.join(',')}`,
        `workload=${shop}`,
        `folder=${cwd}`,
      ];
      writeFileSync(path.join(cwd, 'inventory'), `${inventory.join('\n')}\n`);
    },
    command(phase) {
      const env = {
        ANSIBLE_CONFIG: path.join(cwd, 'ansible.cfg'),
        ANSIBLE_SSH_ARGS: `-F ${lab.sshConfigPath} -o ControlMaster=auto -o ControlPersist=60s`,
        ANSIBLE_PRIVATE_KEY_FILE: lab.privateKeyPath,
        ANSIBLE_FORKS: String(hosts.length),
      };
      const level = phase === 'first' || phase === 'nothing' ? 'info' : 'debug';
      const book = phase === 'remove' ? 'remove.yml' : 'site.yml';
      const limit = phase === 'remove' ? ['-l', hosts.slice(0, REMOVED_HOSTS).join(',')] : [];
      return {
        command: ['ansible-playbook', '-i', 'inventory', ...limit, '-e', `log=${level}`, book],
        cwd,
        env,
      };
    },
  };
}

function toJinja(text: string): string {
  return text
    .replace('${host.address}', '{{ inventory_hostname }}')
    .replace('${instance.index}', '{{ number }}')
    .replace('${join(",", instance.peers[*].address)}', '{{ peers }}')
    .replace('${input.log_level}', '{{ log }}');
}

export function terraformTool(folder: string, lab: Lab, hosts: readonly string[]): Tool {
  const cwd = path.join(folder, 'terraform');
  return {
    name: 'terraform',
    prepare() {
      rmSync(cwd, { recursive: true, force: true });
      cpSync(path.join(BENCH, 'peers', 'terraform'), cwd, { recursive: true });
      const shop = path.join(folder, 'w1', 'components', 'shop');
      writeFileSync(
        path.join(cwd, 'terraform.tfvars.json'),
        JSON.stringify({ all: hosts, hosts, workload: shop, private_key: lab.privateKeyPath }),
      );
    },
    command(phase) {
      const level = phase === 'first' || phase === 'nothing' ? 'info' : 'debug';
      const kept = phase === 'remove' ? hosts.slice(REMOVED_HOSTS) : hosts;
      const run = `[ -d .terraform ] || terraform init -input=false >/dev/null; exec terraform apply -auto-approve -input=false -compact-warnings -parallelism=${hosts.length} -var log=${level} -var live=${phase === 'nothing'} -var 'hosts=${JSON.stringify(kept)}'`;
      return { command: ['sh', '-c', run], cwd, env: { CHECKPOINT_DISABLE: '1' } };
    },
  };
}

export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, program)));
}
