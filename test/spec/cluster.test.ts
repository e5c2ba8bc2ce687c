import { describe, expect, it } from 'vitest';
import { factsValue } from '../../src/spec/facts.ts';
import { Sensitive, Unknown } from '../../src/spec/value.ts';
import { plain } from './language.ts';
import { APP, evaluateProject } from './project.ts';

const facts = factsValue({
  hostname: 'box',
  os: { id: 'debian', version: '12', name: 'Debian', like: [] },
  arch: 'x86_64',
  kernel: '6.1',
  cores: 4,
  cpuModel: 'fast',
  memoryBytes: 8_000_000_000,
  disks: [{ mount: '/', device: '/dev/sda1', type: 'ext4', sizeBytes: 10 }],
  init: 'systemd',
  packageManager: 'apt',
  virtualization: '',
  uid: 0,
  home: '/root',
});

const placed = (hosts: string, rest = '') =>
  `component "app" {\n  source = "./app"\n  hosts  = ${hosts}\n${rest}\n}\n`;

describe('hosts', () => {
  it('are known by one address however they are written', async () => {
    const { cluster, said } = await evaluateProject({
      ...APP,
      'main.hcl': `host "edge" {
  address = "Edge.Example.COM."
  labels  = { zone = "a", rack = 7 }
}
${placed('["edge", "FE80::0:1", "10.0.0.1"]')}`,
    });
    expect(said).toEqual([]);
    expect([...cluster.hosts.keys()]).toEqual(['edge.example.com', 'fe80::1', '10.0.0.1']);
    expect(cluster.hosts.get('edge.example.com')).toMatchObject({
      name: 'edge',
      labels: { zone: 'a', rack: '7' },
    });
    expect(cluster.components.get('app')?.hosts).toEqual(['edge.example.com', 'fe80::1', '10.0.0.1']);
  });

  it('take the local provider on loopback addresses, ssh elsewhere, and their own settings over the defaults', async () => {
    const { cluster, said } = await evaluateProject(
      {
        ...APP,
        'main.hcl': `variable "pw" {
  type      = string
  sensitive = true
}
locals { secret = var.pw }
provider "ssh" {
  user            = "deploy"
  port            = 22
  become          = "sudo"
  become_password = local.secret
}
host "near" {
  address = "127.0.1.7"
  provider "ssh" {
    port            = 2222
    become          = null
    connect_timeout = "1m30s"
  }
}
${placed('["near", "127.0.0.1", "::1", "10.0.0.1"]')}`,
      },
      { sources: { arguments: [{ option: 'var', text: 'pw=hunter2' }] } },
    );
    expect(said).toEqual([]);
    expect(cluster.hosts.get('127.0.0.1')?.provider).toEqual({ provider: 'local', settings: {} });
    expect(cluster.hosts.get('::1')?.provider.provider).toBe('local');
    const secret = { value: new Sensitive('hunter2'), variable: 'pw' };
    expect(cluster.hosts.get('10.0.0.1')?.provider).toEqual({
      provider: 'ssh',
      settings: {
        user: { value: 'deploy', variable: null },
        port: { value: 22, variable: null },
        become: { value: 'sudo', variable: null },
        become_password: secret,
      },
    });
    expect(cluster.hosts.get('127.0.1.7')?.provider).toEqual({
      provider: 'ssh',
      settings: {
        user: { value: 'deploy', variable: null },
        port: { value: 2222, variable: null },
        become_password: secret,
        connect_timeout: { value: 90, variable: null },
      },
    });
  });
});

describe('components', () => {
  it('carry requirements, update rules and the names they depend on', async () => {
    const { cluster, said } = await evaluateProject({
      'main.hcl': `cluster "shop" { version = "1.4" }
run { parallelism = 8 }
locals { ports = [for e in component.db.endpoints.sql : e.port] }
component "app" {
  source = "./app"
  hosts  = ["10.0.0.1"]
  inputs = { port = local.ports[0] }
  update {
    canaries      = 1
    max_in_flight = 3
    watch         = "1m"
  }
  ignore_changes  = ["file.motd"]
  prevent_destroy = true
}
component "db" {
  source     = "./db"
  hosts      = ["10.0.0.2"]
  depends_on = [component.zoo]
}
component "zoo" {
  source = "./app"
  hosts  = []
}
`,
      ...APP,
      'db/component.hcl': `definition {
  description = "Database"
  requires {
    cpu    = 2
    memory = "\${input.heap * 2}MiB"
    disk   = "5GiB"
    os     = ["debian"]
    ports  = [9000]
  }
}
input "heap" { default = 256 }
endpoint "sql" { port = 5432 }
`,
    });
    expect(said).toEqual([]);
    expect(cluster).toMatchObject({
      name: 'shop',
      version: '1.4',
      parallelism: 8,
      order: ['zoo', 'db', 'app'],
    });
    expect(cluster.components.get('app')).toMatchObject({
      dependsOn: ['db'],
      update: { canaries: 1, maxInFlight: { unit: 'instances', amount: 3 }, watchSeconds: 60 },
      ignoreChanges: ['file.motd'],
      preventDestroy: true,
    });
    expect(cluster.components.get('db')).toMatchObject({
      description: 'Database',
      dependsOn: ['zoo'],
      requires: { cpu: 2, memoryBytes: 512 * 2 ** 20, diskBytes: 5 * 2 ** 30, os: ['debian'], ports: [9000] },
      update: { canaries: 0, maxInFlight: { unit: 'percent', amount: 25 }, watchSeconds: 0 },
    });
  });

  it('give their endpoints to others as lists by index', async () => {
    const { outputs, said } = await evaluateProject(
      {
        ...APP,
        'main.hcl': `host "b" { address = "10.0.0.2" }
${placed('["10.0.0.3", "b"]', '  inputs = { port = 8080 }')}
output "http" {
  value       = component.app.endpoints.http
  description = "Where"
}
output "hosts" { value = component.app.hosts }
`,
      },
      { placements: { 'app@10.0.0.2': { index: 0, dir: null } } },
    );
    expect(said).toEqual([]);
    expect(plain(outputs.get('http')!.value)).toEqual([
      { host: 'b', address: '10.0.0.2', port: 8080, index: 0 },
      { host: '10.0.0.3', address: '10.0.0.3', port: 8080, index: 1 },
    ]);
    expect(outputs.get('http')?.description).toBe('Where');
    expect(outputs.get('hosts')?.value).toEqual(['10.0.0.3', '10.0.0.2']);
  });

  it('depend on what they read under a computed name, be it through a local value', async () => {
    const { said, cluster } = await evaluateProject({
      'main.hcl': `locals {
  names = ["c"]
  ports = flatten([for n in local.names : component[n].endpoints.http[*].port])
}
component "a" {
  source = "./app"
  hosts  = ["10.0.0.1"]
  inputs = { port = component[format("%s", "b")].endpoints.http[0].port + 1 }
}
component "b" {
  source = "./app"
  hosts  = ["10.0.0.2"]
  inputs = { port = local.ports[0] + 1 }
}
component "c" {
  source = "./app"
  hosts  = ["10.0.0.3"]
  inputs = { port = 80 + length(component[format("%s", "a")].hosts) }
}
`,
      ...APP,
    });
    expect(said).toEqual([]);
    expect(cluster.order).toEqual(['c', 'b', 'a']);
    expect([...cluster.components.values()].map(({ dependsOn }) => dependsOn)).toEqual([[], ['c'], ['b']]);
  });

  it('whose inputs change say which by digest, and digests of secrets tell nothing', async () => {
    const digests = async (port: number, pw: string) => {
      const { cluster } = await evaluateProject(
        {
          'main.hcl': `variable "pw" { sensitive = true }\n${placed('["10.0.0.1"]', `  inputs = { port = ${port}, pw = var.pw }`)}`,
          'app/component.hcl': 'input "port" {}\ninput "pw" {}\n',
        },
        { sources: { arguments: [{ option: 'var', text: `pw=${pw}` }] } },
      );
      return cluster.components.get('app')!.inputDigests;
    };
    const [one, two, three] = [await digests(1, 'a'), await digests(2, 'a'), await digests(1, 'b')];
    expect(two.port).not.toBe(one.port);
    expect(two.pw).toBe(one.pw);
    expect(three.pw).not.toBe(one.pw);
  });

  it('take a null for not given, be it a sensitive one', async () => {
    const { said, instance } = await evaluateProject({
      'main.hcl': `variable "none" {
  sensitive = true
  default   = null
}
${placed('["10.0.0.1"]', '  inputs = { text = var.none, more = { text = var.none } }')}`,
      'app/component.hcl': `input "text" {
  nullable = false
  default  = "a"
}
input "more" { type = object({ text = optional(string, "b") }) }
file "motd" {
  path    = "motd"
  content = "\${input.text}\${input.more.text}"
}
`,
    });
    expect(said).toEqual([]);
    expect(instance('app@10.0.0.1').resources[0]?.attributes.content).toBe('ab');
  });

  it('whose inputs break a rule of the definition are refused where the input is given', async () => {
    const { said } = await evaluateProject({
      'main.hcl': placed('["10.0.0.1"]', '  inputs = { replicas = 2 }'),
      'app/component.hcl': `input "replicas" {
  type = number
  validation {
    condition     = input.replicas % 2 == 1
    error_message = "An odd number is needed."
  }
}`,
    });
    expect(said).toEqual([
      'main.hcl:4:14 Invalid value for "replicas": An odd number is needed. The rule stands in app/component.hcl:4.',
    ]);
  });

  it('placed by a variable without a value are left out, and nothing is said of it', async () => {
    const { cluster, said, resolved } = await evaluateProject({
      ...APP,
      'main.hcl': `variable "hosts" { type = list(string) }\n${placed('var.hosts')}`,
    });
    expect(said).toEqual([]);
    expect(resolved.missing.map((v) => v.name)).toEqual(['hosts']);
    expect([...cluster.components]).toEqual([]);
  });
});

describe('indices', () => {
  const indices = async (hosts: string[], placements: Record<string, number>) => {
    const { instances, instance } = await evaluateProject(
      { ...APP, 'main.hcl': placed(JSON.stringify(hosts)) },
      {
        placements: Object.fromEntries(
          Object.entries(placements).map(([host, index]) => [`app@${host}`, { index, dir: null }]),
        ),
      },
    );
    return Object.fromEntries(instances.map((a) => [a.replace('app@', ''), instance(a).index]));
  };

  it('are given in the order of the spec', async () => {
    expect(await indices(['10.0.0.9', '10.0.0.1'], {})).toEqual({ '10.0.0.9': 0, '10.0.0.1': 1 });
  });
  it('stay when the first host goes, and the freed one is not given out in the same plan', async () => {
    const prior = { '10.0.0.1': 0, '10.0.0.2': 1 };
    expect(await indices(['10.0.0.2', '10.0.0.3'], prior)).toEqual({ '10.0.0.2': 1, '10.0.0.3': 2 });
  });
  it('fill the lowest gap of earlier plans', async () => {
    expect(await indices(['10.0.0.2', '10.0.0.3'], { '10.0.0.2': 1 })).toEqual({
      '10.0.0.2': 1,
      '10.0.0.3': 0,
    });
  });
});

describe('instances', () => {
  const definition = `input "port" { default = 80 }
directory "data" {
  path  = "data"
  owner = "app"
}
file "config" {
  path     = "/etc/app.conf"
  template = "app.tftpl"
}
file "copy" {
  path   = "~/copy"
  source = "./app.tftpl"
}
archive "bundle" {
  source = "https://example.com/x.tar.xz?v=1"
  sha256 = "${'a'.repeat(64)}"
}
user "extra" { enabled = false }
package "tool" {
  for_each = { a = "curl", b = "jq" }
  name     = each.value
  enabled  = each.key == "b"
}
service "app" {
  command           = "\${instance.dir}/run"
  working_directory = "."
  restart_on        = ["file.config", "package.tool[\\"b\\"]"]
}
check "port" {
  tcp      = input.port
  interval = "250ms"
}
check "http" {
  http   = "http://\${host.address}/"
  status = 204
}
check "command" {
  command = "true"
  timeout = 5
}
endpoint "http" {
  port = input.port
  bind = "0.0.0.0"
}
log "files" { path = "logs/*.log" }
log "journal" { unit = "app" }
`;
  const template = `\${cluster.name} \${host.name} \${instance.index}/\${instance.count} \${host.facts.cores}
%{ for p in instance.peers ~}
\${p.host}=\${p.address}
%{ endfor ~}
`;
  const files = {
    'main.hcl': `cluster "shop" {}\nhost "edge" { address = "10.0.0.1" }\n${placed('["edge", "10.0.0.2"]')}`,
    'app/component.hcl': definition,
    'app/app.tftpl': template,
  };

  it('have their resources with every attribute, in the order written', async () => {
    const { instance, said, workspace } = await evaluateProject(files);
    expect(said).toEqual([]);
    const { resources, dir, unknowns } = instance('app@10.0.0.1', facts);
    expect(dir).toBe('/opt/slipway/app');
    expect(unknowns).toEqual([]);
    expect(resources.map((r) => r.address)).toEqual([
      'directory.data',
      'file.config',
      'file.copy',
      'archive.bundle',
      'package.tool["b"]',
      'service.app',
    ]);
    expect(resources.map((r) => plain(r.attributes))).toEqual([
      { path: '/opt/slipway/app/data', owner: 'app', group: null, mode: '0755', on_remove: 'keep' },
      {
        path: '/etc/app.conf',
        content: 'shop edge 0/2 4\nedge=10.0.0.1\n10.0.0.2=10.0.0.2\n',
        template: null,
        source: null,
        owner: null,
        group: null,
        mode: '0644',
      },
      {
        path: '~/copy',
        content: null,
        template: null,
        source: `${workspace.directory}/app/app.tftpl`,
        owner: null,
        group: null,
        mode: '0644',
      },
      {
        path: '/opt/slipway/app/bundle',
        source: 'https://example.com/x.tar.xz?v=1',
        sha256: 'a'.repeat(64),
        format: 'tar.xz',
        strip: 0,
        owner: null,
        group: null,
      },
      { name: 'jq', version: null },
      {
        name: 'app',
        command: '/opt/slipway/app/run',
        user: null,
        group: null,
        environment: {},
        working_directory: '/opt/slipway/app',
        drain: null,
        reload: null,
        restart_on: ['file.config', 'package.tool["b"]'],
        enabled_at_boot: true,
        stop_timeout: 30,
      },
    ]);
  });

  it('have checks, endpoints and logs', async () => {
    const { instance } = await evaluateProject(files);
    expect(instance('app@10.0.0.2', facts)).toMatchObject({
      checks: [
        {
          name: 'port',
          target: { type: 'tcp', address: '10.0.0.2', port: 80 },
          intervalMs: 250,
          timeoutMs: 60_000,
        },
        { name: 'http', target: { type: 'http', url: 'http://10.0.0.2/', status: 204 } },
        { name: 'command', target: { type: 'command', command: 'true' }, intervalMs: 1000, timeoutMs: 5000 },
      ],
      endpoints: [{ name: 'http', address: '10.0.0.2', port: 80, bind: '0.0.0.0' }],
      logs: [
        { name: 'files', source: { type: 'files', path: '/opt/slipway/app/logs/*.log' } },
        { name: 'journal', source: { type: 'unit', unit: 'app' } },
      ],
    });
  });

  it('say which facts they wait for', async () => {
    const { instance } = await evaluateProject(files);
    const { resources, unknowns } = instance('app@10.0.0.1');
    expect(unknowns).toEqual(['host.facts.cores']);
    expect(resources[1]!.attributes.content).toEqual(new Unknown('host.facts.cores'));
  });

  it('wait as a whole resource when for_each needs facts', async () => {
    const { instance } = await evaluateProject({
      'main.hcl': placed('["10.0.0.1"]'),
      'app/component.hcl':
        'directory "d" {\n  for_each = [for d in host.facts.disks : d.mount]\n  path     = "/x${each.value}"\n}\n',
    });
    expect(instance('app@10.0.0.1')).toMatchObject({ resources: [], unknowns: ['host.facts.disks'] });
    expect(instance('app@10.0.0.1', facts).resources.map((r) => r.address)).toEqual(['directory.d["/"]']);
  });

  it('keep the directory that they have, and know it late where it depends on facts', async () => {
    const { instance } = await evaluateProject(files, {
      placements: { 'app@10.0.0.1': { index: 0, dir: '/opt/slipway/old' } },
      instanceDir: (component, _host, known) => (known ? `${known.home as string}/${component}` : null),
    });
    expect(instance('app@10.0.0.1').dir).toBe('/opt/slipway/old');
    expect(instance('app@10.0.0.2')).toMatchObject({
      dir: null,
      unknowns: ['host.facts.cores', 'instance.dir'],
    });
    expect(instance('app@10.0.0.2', facts)).toMatchObject({ dir: '/root/app', unknowns: [] });
  });

  it('carry secrets as such', async () => {
    const { instance, said } = await evaluateProject({
      'main.hcl': placed('["10.0.0.1"]'),
      'app/component.hcl': `input "pw" {
  default   = "hunter2"
  sensitive = true
}
file "f" { template = "t.tftpl" }
script "s" {
  create   = "x"
  triggers = [input.pw, 1]
  secrets  = { pw = input.pw }
}`,
      'app/t.tftpl': 'pw=${input.pw}',
    });
    expect(said).toEqual([]);
    const [file, script] = instance('app@10.0.0.1').resources;
    expect((file!.attributes.content as Sensitive).reveal()).toBe('pw=hunter2');
    expect(JSON.stringify(script!.attributes)).not.toContain('hunter2');
    expect(script!.attributes.timeout).toBe(600);
  });
});

describe('the digest of a spec', () => {
  const digest = async (files: Record<string, string>, text: string) => {
    const { cluster } = await evaluateProject(
      { 'main.hcl': `variable "pw" { sensitive = true }\n${placed('["10.0.0.1"]')}`, ...APP, ...files },
      { sources: { arguments: [{ option: 'var', text }] } },
    );
    return cluster.digest;
  };
  it('changes with a file of a definition and with a secret, and with nothing else', async () => {
    const one = await digest({}, 'pw=a');
    expect(await digest({}, 'pw=a')).toBe(one);
    expect(await digest({ 'app/.hidden': 'x', 'notes.txt': 'x' }, 'pw=a')).toBe(one);
    expect(await digest({}, 'pw=b')).not.toBe(one);
    expect(await digest({ 'app/more.txt': 'x' }, 'pw=a')).not.toBe(one);
  });
});
