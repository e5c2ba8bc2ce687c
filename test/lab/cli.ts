import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { ensureBase } from './base.ts';
import type { LabHost } from './host.ts';
import type { Lab } from './lab.ts';
import { attachLab, startLab } from './lab.ts';
import { allRecords } from './network.ts';

const help = `usage: node test/lab/cli.mjs COMMAND          (root, Linux)
  base                     build the base and the package mirror, if they are not cached
  up [N] [--init none|monit] [--disk MIB]
                           N hosts (default 5), kept until \`down\`; again with a larger N: more hosts
  hold [N]                 N hosts for as long as this command runs; prints the network's number
  down [all]               remove the lab; \`all\`: those of tests and crashed runs as well
  status                   one line per host
  fresh N                  wipe the first N hosts and boot them
  kill|start|wipe|cut|heal HOST
  slow HOST MS             add MS to each round trip, 0 ends it
  exec HOST COMMAND...     run a command on the host, without the network
  ssh HOST [COMMAND...]    as root, with the lab's key
  files HOST               every file with mode, owner, size and SHA-256
HOST is an address or its last part. SLIPWAY_LAB_NETWORK=103 chooses the network 10.10.103.0/24.
`;

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Does what a person asked for on the command line; returns the exit status. */
export async function labCommand(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args;
  switch (command) {
    case 'base':
      await ensureBase(log);
      return 0;
    case 'up':
      return up(rest);
    case 'down':
      return down(rest[0] === 'all');
    case 'hold': {
      const lab = await startLab({ hosts: Number(rest[0] ?? 5), log });
      process.stdout.write(`${lab.network.number}\n`);
      for (;;) await sleep(60_000);
    }
    case 'help':
      process.stdout.write(help);
      return 0;
    case 'status':
      for (const host of (await runningLab()).hosts) {
        const state = await host.exec('true').catch(() => undefined);
        log(`${host.address} ${state ? 'on' : 'off'}`);
      }
      return 0;
    case 'fresh':
      await (await runningLab()).fresh(Number(rest[0] ?? 5));
      return 0;
    default: {
      const lab = await runningLab();
      return onHost(lab, find(lab, rest[0] ?? ''), command, rest.slice(1));
    }
  }
}

async function onHost(lab: Lab, host: LabHost, command: string, args: readonly string[]): Promise<number> {
  switch (command) {
    case 'kill':
    case 'start':
    case 'cut':
    case 'heal':
      await host[command]();
      return 0;
    case 'wipe':
      await host.wipe();
      await host.start();
      return 0;
    case 'slow':
      await host.slow(Number(args[0]));
      return 0;
    case 'exec': {
      const { code, stdout, stderr } = await host.exec(args.join(' '));
      process.stdout.write(stdout);
      process.stderr.write(stderr);
      return code;
    }
    case 'files':
      process.stdout.write(`${(await host.listFiles()).join('\n')}\n`);
      return 0;
    case 'ssh': {
      const child = spawn('ssh', ['-F', lab.sshConfigPath, host.address, ...args], { stdio: 'inherit' });
      return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 255)));
    }
    default:
      process.stderr.write(help);
      return 2;
  }
}

async function up(args: readonly string[]): Promise<number> {
  const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 5);
  const wanted = args.includes('--init') ? args[args.indexOf('--init') + 1] : undefined;
  const init = wanted === 'none' || wanted === 'monit' ? wanted : 'systemd';
  const diskMiB = args.includes('--disk') ? Number(args[args.indexOf('--disk') + 1]) : undefined;
  const startedMs = Date.now();
  const running = await runningLab().catch(() => undefined);
  const lab =
    running ?? (await startLab({ hosts: count, init, ...(diskMiB && { diskMiB }), keep: true, log }));
  await lab.ensureHosts(count);
  log(`lab: ${lab.hosts.map((host) => host.address).join(' ')} in ${(Date.now() - startedMs) / 1000} s`);
  log(`lab: ssh -F ${lab.sshConfigPath} ${lab.hosts[0]?.address}`);
  return 0;
}

async function down(all: boolean): Promise<number> {
  const labs = await openLabs();
  for (const lab of labs) if (all || lab.isKept) await lab.stop();
  return 0;
}

async function openLabs(): Promise<Lab[]> {
  return Promise.all((await allRecords()).map((record) => attachLab(record.network.number)));
}

/** The lab that `up` started. */
async function runningLab(): Promise<Lab> {
  const wanted = process.env.SLIPWAY_LAB_NETWORK;
  const labs = await openLabs();
  const lab = labs.find((lab) => (wanted === undefined ? lab.isKept : lab.network.number === Number(wanted)));
  if (!lab) throw new Error('no lab is up: node test/lab/cli.mjs up 5');
  return lab;
}

function find(lab: Lab, name: string): LabHost {
  const host = lab.hosts.find(
    (host) => host.address === name || String(host.number) === name || host.name === name,
  );
  if (!host) throw new Error(`no host ${name}; there are ${lab.hosts.map((host) => host.address).join(' ')}`);
  return host;
}
