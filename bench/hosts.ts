import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLab } from '../test/lab/lab.ts';
import { measure, median, table } from './measure.ts';
import {
  ansibleTool,
  floorTool,
  isInstalled,
  PHASES,
  prepareWorkload,
  REMOVED_HOSTS,
  slipwayTool,
  terraformTool,
  type Phase,
  type Tool,
} from './tools.ts';

const TITLES: Readonly<Record<Phase, string>> = {
  first: 'first apply',
  nothing: 'nothing to do, checked live',
  change: 'one config line changed everywhere',
  remove: `removal from ${REMOVED_HOSTS}`,
};

/** Workload W1 by every tool on the same lab, in turn: on freshly wiped hosts per tool and repetition. */
export async function hostsBench(
  count: number,
  repetitions: number,
  names: readonly string[],
): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  const lab = await startLab({ hosts: count, log: (line) => process.stderr.write(`${line}\n`) });
  try {
    prepareWorkload(folder);
    const hosts = lab.hosts.slice(0, count).map((host) => host.address);
    const makers = { floor: floorTool, slipway: slipwayTool, terraform: terraformTool, ansible: ansibleTool };
    const chosen = names.length > 0 ? names : ['floor', 'slipway'];
    const tools: Tool[] = [];
    for (const name of chosen) {
      const program = name === 'ansible' ? 'ansible-playbook' : name === 'terraform' ? 'terraform' : null;
      if (program !== null && !isInstalled(program))
        process.stderr.write(`${name} is left out: ${program} is not installed\n`);
      else tools.push(makers[name as keyof typeof makers](folder, lab, hosts));
    }
    const seconds = new Map<string, number[]>();
    let peakMiB = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const tool of tools) {
        await lab.fresh(count);
        tool.prepare();
        for (const phase of PHASES) {
          const { command, cwd, env } = tool.command(phase);
          const result = await measure(command, { cwd, ...(env === undefined ? {} : { env }) });
          if (result.code !== 0)
            throw new Error(`${tool.name} ${phase} failed:\n${result.output.slice(-3000)}`);
          await verify(lab, phase, tool.name);
          const key = `${tool.name} ${phase}`;
          seconds.set(key, [...(seconds.get(key) ?? []), result.wallSeconds]);
          if (tool.name === 'slipway') peakMiB = Math.max(peakMiB, result.peakMiB);
          process.stderr.write(`${key}: ${result.wallSeconds.toFixed(2)} s\n`);
        }
      }
    }
    const cell = (tool: Tool, phase: Phase): string => {
      const value = median(seconds.get(`${tool.name} ${phase}`) ?? []);
      const floor = seconds.get(`floor ${phase}`);
      const ratio =
        floor === undefined || tool.name === 'floor' ? '' : ` (${(value / median(floor)).toFixed(2)} x)`;
      return `${value.toFixed(2)}${ratio}`;
    };
    const head = [`${count} hosts`, ...PHASES.map((phase) => TITLES[phase])];
    process.stdout.write(
      table(
        head,
        tools.map((tool) => [tool.name, ...PHASES.map((phase) => cell(tool, phase))]),
      ),
    );
    process.stdout.write(
      `\nPeak memory of slipway: ${peakMiB.toFixed(0)} MiB. Medians of ${repetitions}, seconds.\n`,
    );
    return 0;
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A tool that did less than it says would look fast. */
async function verify(lab: Awaited<ReturnType<typeof startLab>>, phase: Phase, tool: string): Promise<void> {
  const level = phase === 'first' || phase === 'nothing' ? 'info' : 'debug';
  // Terraform's for_each drops the first hosts too; every tool removes from the same five.
  const [first, last] = [lab.hosts[0], lab.hosts[lab.hosts.length - 1]];
  const there = `systemctl -q is-active shop && grep -q 'log_level = ${level}' /etc/shop/web.conf && [ "$(stat -c %s /opt/shop/app.bin)" = 1048576 ]`;
  const gone =
    '! id -u app >/dev/null 2>&1 && [ ! -e /opt/shop ] && [ ! -e /etc/shop ] && [ ! -e /etc/systemd/system/shop.service ]';
  const checks = [
    [first, phase === 'remove' ? gone : there],
    [last, there],
  ] as const;
  for (const [host, script] of checks) {
    const result = await host?.exec(script);
    if (result?.code !== 0)
      throw new Error(`${tool} did not do its work in phase ${phase} on ${host?.address}`);
  }
}
