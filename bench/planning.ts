import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measure, table } from './measure.ts';
import { BENCH } from './tools.ts';

const HOSTS = 100;

/** `plan --refresh=false` of many instances: one definition, components of 100 hosts each, five resources. */
export async function planBench(): Promise<number> {
  const rows: string[][] = [];
  for (const components of [10, 100, 1000]) {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
    try {
      writeSpec(folder, components);
      const main = path.join(BENCH, '..', 'dist', 'main.js');
      const command = [process.execPath, main, 'plan', '--refresh=false'];
      await measure(command, { cwd: folder, env: { HOME: folder, NO_COLOR: '1' } });
      const result = await measure(command, { cwd: folder, env: { HOME: folder, NO_COLOR: '1' } });
      if (result.code !== 0) throw new Error(`plan failed:\n${result.output.slice(-3000)}`);
      rows.push([String(components * HOSTS), result.wallSeconds.toFixed(2), result.peakMiB.toFixed(0)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(table(['instances', 'plan --refresh=false, s', 'peak MiB'], rows));
  return 0;
}

function writeSpec(folder: string, components: number): void {
  mkdirSync(path.join(folder, 'app'));
  const blocks = Array.from(
    { length: components },
    (_, i) =>
      `component "app${i}" {\n  source = "./app"\n  hosts  = local.hosts\n  inputs = { port = ${10_000 + i}, name = "app${i}" }\n}\n`,
  );
  writeFileSync(
    path.join(folder, 'cluster.hcl'),
    `locals {\n  hosts = [for n in range(${HOSTS}) : "10.0.0.\${n + 1}"]\n}\n${blocks.join('')}`,
  );
  writeFileSync(
    path.join(folder, 'app', 'component.hcl'),
    `input "port" { type = number }
input "name" { type = string }
directory "data" { path = "/var/lib/\${input.name}" }
file "main" {
  path     = "/etc/\${input.name}/main.conf"
  template = "main.tftpl"
}
file "peers" {
  path    = "/etc/\${input.name}/peers.conf"
  content = "self = \${host.address}:\${input.port}\\nindex = \${instance.index} of \${instance.count}\\n"
}
link "current" {
  path   = "/srv/\${input.name}"
  target = "/var/lib/\${input.name}"
}
service "run" {
  name    = input.name
  command = "/usr/bin/\${input.name} --port \${input.port}"
}
endpoint "main" { port = input.port }
`,
  );
  const lines = Array.from({ length: 20 }, (_, i) => `option_${i} = value-${i}\n`).join('');
  writeFileSync(
    path.join(folder, 'app', 'main.tftpl'),
    `address = \${host.address}\nport = \${input.port}\nindex = \${instance.index}\n${lines}`,
  );
}
