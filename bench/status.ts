import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLab } from '../test/lab/lab.ts';
import { measure, median, table } from './measure.ts';
import { prepareWorkload, SLIPWAY, slipwayTool } from './tools.ts';

/** `status` of hosts that carry workload W1, in turn with the least that a look at them can be: a login over OpenSSH each. */
export async function statusBench(count: number, repetitions: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  const lab = await startLab({ hosts: count, log: (line) => process.stderr.write(`${line}\n`) });
  try {
    prepareWorkload(folder);
    const hosts = lab.hosts.slice(0, count).map((host) => host.address);
    const tool = slipwayTool(folder, lab, hosts);
    tool.prepare();
    const { command, cwd, env } = tool.command('first');
    const applied = await measure(command, { cwd, ...(env === undefined ? {} : { env }) });
    if (applied.code !== 0) throw new Error(`the apply failed:\n${applied.output.slice(-3000)}`);
    const ssh = `ssh -F ${lab.sshConfigPath} -o LogLevel=ERROR -o ControlPath=none -o KexAlgorithms=curve25519-sha256`;
    const commands: Readonly<Record<string, readonly string[]>> = {
      'parallel ssh HOST true': [
        'sh',
        '-c',
        `for host in ${hosts.join(' ')}; do ${ssh} "$host" true & done; wait`,
      ],
      'slipway status': [process.execPath, SLIPWAY, 'status'],
      'slipway status --json': [process.execPath, SLIPWAY, 'status', '--json'],
    };
    const seconds = new Map<string, number[]>();
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      for (const [name, words] of Object.entries(commands)) {
        const result = await measure(words, { cwd, ...(env === undefined ? {} : { env }) });
        if (result.code !== 0) throw new Error(`${name} failed:\n${result.output}`);
        // The first round fills caches.
        if (repetition > 0) seconds.set(name, [...(seconds.get(name) ?? []), result.wallSeconds]);
      }
    }
    const floor = median(seconds.get('parallel ssh HOST true') ?? []);
    const rows = [...seconds].map(([name, values]) => {
      const value = median(values);
      return [name, value.toFixed(2), `${(value / floor).toFixed(2)} x`];
    });
    process.stdout.write(table([`${count} hosts`, 's', 'over bare ssh'], rows));
    return 0;
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
