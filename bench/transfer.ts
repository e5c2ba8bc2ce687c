import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLab } from '../test/lab/lab.ts';
import { measure, median, table } from './measure.ts';
import { BENCH } from './tools.ts';

const SIZE_MIB = 256;

/** One large file to 1 and to 10 hosts: slipway's apply of a single `file` against `ssh HOST 'cat > f'` and scp. */
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
      'file "big" {\n  path   = "/tmp/big.bin"\n  source = "big.bin"\n}\n',
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
      const commands: Readonly<Record<string, readonly string[]>> = {
        'ssh cat': fan(`${ssh} {} "cat >/tmp/big.bin" <${file}`),
        scp: fan(`${scp} ${file} {}:/tmp/big.bin`),
        slipway: [process.execPath, path.join(BENCH, '..', 'dist', 'main.js'), 'apply', '--auto-approve'],
      };
      const seconds = new Map<string, number[]>();
      let peakMiB = 0;
      for (let repetition = 0; repetition < repetitions; repetition++) {
        for (const [name, command] of Object.entries(commands)) {
          await Promise.all(lab.hosts.map((host) => host.exec('rm -rf /tmp/big.bin /var/lib/slipway')));
          rmSync(path.join(folder, 'project', 'slipway.state.json'), { force: true });
          const result = await measure(command, {
            cwd: path.join(folder, 'project'),
            env: { HOME: folder, NO_COLOR: '1' },
          });
          if (result.code !== 0) throw new Error(`${name} failed:\n${result.output.slice(-3000)}`);
          for (const host of lab.hosts.slice(0, count)) {
            const { stdout } = await host.exec('stat -c %s /tmp/big.bin');
            if (Number(stdout) !== SIZE_MIB << 20) throw new Error(`${name}: wrong size on ${host.address}`);
          }
          seconds.set(name, [...(seconds.get(name) ?? []), result.wallSeconds]);
          if (name === 'slipway') peakMiB = Math.max(peakMiB, result.peakMiB);
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
          name === 'slipway' ? peakMiB.toFixed(0) : '',
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
