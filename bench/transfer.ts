import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLab } from '../test/lab/lab.ts';
import { measure, median, table } from './measure.ts';
import { BENCH } from './tools.ts';

const SIZE_MIB = 256;

/** On the disk of the hosts: their /tmp is memory. */
const TARGET = '/srv/big.bin';

/**
 * One large file to 1 and to 10 hosts: slipway's apply of a single `file` against `ssh HOST 'cat > f'` and scp. slipway knows
 * the file's digest from a plan (`warm`), or reads it in the apply (`cold`).
 */
export async function transferBench(repetitions: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  const lab = await startLab({ hosts: 10, log: (line) => process.stderr.write(`${line}\n`) });
  try {
    const definition = path.join(folder, 'project', 'big');
    mkdirSync(definition, { recursive: true });
    const file = path.join(definition, 'big.bin');
    fill(file);
    writeFileSync(
      path.join(definition, 'component.hcl'),
      `file "big" {\n  path   = "${TARGET}"\n  source = "big.bin"\n}\n`,
    );
    const rows: string[][] = [];
    for (const count of [1, 10]) {
      const hosts = lab.hosts.slice(0, count).map((host) => host.address);
      writeFileSync(
        path.join(folder, 'project', 'cluster.hcl'),
        spec(hosts, lab.privateKeyPath, lab.knownHostsPath),
      );
      const ssh = `ssh -F ${lab.sshConfigPath} -o KexAlgorithms=curve25519-sha256 -c aes128-gcm@openssh.com`;
      const scp = ssh.replace(/^ssh/, 'scp -q');
      const fan = (work: string): readonly string[] => [
        'sh',
        '-c',
        `printf '%s\\n' ${hosts.join(' ')} | xargs -P ${count} -I{} sh -c '${work}'`,
      ];
      const slipway = [process.execPath, path.join(BENCH, '..', 'dist', 'main.js')];
      const apply = [...slipway, 'apply', '--auto-approve'];
      const commands: Readonly<Record<string, readonly string[]>> = {
        'ssh cat': fan(`${ssh} {} "cat >${TARGET}" <${file}`),
        scp: fan(`${scp} ${file} {}:${TARGET}`),
        'slipway cold': apply,
        'slipway warm': apply,
      };
      const project = { cwd: path.join(folder, 'project'), env: { HOME: folder, NO_COLOR: '1' } };
      const seconds = new Map<string, number[]>();
      const peaksMiB = new Map<string, number>();
      for (let repetition = 0; repetition < repetitions; repetition++) {
        for (const [name, command] of Object.entries(commands)) {
          await Promise.all(lab.hosts.map((host) => host.exec(`rm -rf ${TARGET} /var/lib/slipway`)));
          for (const left of ['slipway.state.json', '.slipway'])
            rmSync(path.join(project.cwd, left), { force: true, recursive: true });
          if (name === 'slipway warm') await measure([...slipway, 'plan'], project);
          const result = await measure(command, project);
          if (result.code !== 0) throw new Error(`${name} failed:\n${result.output.slice(-3000)}`);
          for (const host of lab.hosts.slice(0, count)) {
            const { stdout } = await host.exec(`stat -c %s ${TARGET}`);
            if (Number(stdout) !== SIZE_MIB << 20) throw new Error(`${name}: wrong size on ${host.address}`);
          }
          seconds.set(name, [...(seconds.get(name) ?? []), result.wallSeconds]);
          peaksMiB.set(name, Math.max(peaksMiB.get(name) ?? 0, result.peakMiB));
          process.stderr.write(`${count} hosts, ${name}: ${result.wallSeconds.toFixed(2)} s\n`);
        }
      }
      const floor = median(seconds.get('ssh cat') ?? []);
      for (const [name, values] of seconds) {
        const value = median(values);
        rows.push([
          String(count),
          name,
          value.toFixed(2),
          (value / floor).toFixed(2),
          name.startsWith('slipway') ? (peaksMiB.get(name) ?? 0).toFixed(0) : '',
        ]);
      }
    }
    process.stdout.write(table(['hosts', 'tool', 'seconds', 'x ssh cat', 'peak MiB'], rows));
    return 0;
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(file: string): void {
  const handle = openSync(file, 'w');
  const block = randomBytes(1 << 20);
  for (let i = 0; i < SIZE_MIB; i++) {
    block.writeUInt32LE(i);
    writeSync(handle, block);
  }
  closeSync(handle);
}

function spec(hosts: readonly string[], key: string, knownHosts: string): string {
  return `provider "ssh" {
  user        = "root"
  private_key = "${key}"
  known_hosts = "${knownHosts}"
}
component "big" {
  source = "./big"
  hosts  = ${JSON.stringify(hosts)}
}
`;
}
