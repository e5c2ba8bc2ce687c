import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const HOSTS = 100;

/** A spec of so many components on 100 hosts each: one definition, five resources, two files with interpolations. */
export function writeManyInstances(folder: string, components: number): void {
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
