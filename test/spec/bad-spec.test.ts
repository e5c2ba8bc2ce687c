import { describe, expect, it } from 'vitest';
import { APP, evaluateProject, saidOfSpec } from './project.ts';

const app = (rest = '') => `component "app" {\n  source = "./app"\n  hosts  = ["10.0.0.1"]\n${rest}}\n`;

describe('what is wrong in a spec is said with its place and a remedy', () => {
  const cases: [what: string, spec: string, expected: string[]][] = [
    ['nothing', app(), []],
    [
      'an unknown block',
      'componet "a" {}\n',
      ['main.hcl:1:1 Unknown block: There is no block "componet" here. Did you mean "component"?'],
    ],
    [
      'an unknown attribute',
      app('  host = []\n'),
      ['main.hcl:4:3 Unknown attribute: There is no attribute "host" in "component". Did you mean "hosts"?'],
    ],
    [
      'a block written as an attribute',
      app('  update = {}\n'),
      ['main.hcl:4:3 Unknown attribute: "update" is a block: write it without "=", as update { ... }.'],
    ],
    [
      'an attribute written as a block',
      app('  inputs {}\n'),
      ['main.hcl:4:3 Unknown block: "inputs" is an attribute: write "inputs = ...".'],
    ],
    [
      'a missing attribute',
      'component "app" {\n  source = "./app"\n}\n',
      ['main.hcl:1:1 Missing attribute: component "app" needs "hosts".'],
    ],
    [
      'a wrong number of labels',
      'component {\n  source = "./app"\n  hosts = []\n}\nlocals "x" {}\n',
      [
        'main.hcl:1:1 Wrong number of labels: A block "component" has one label, its name: component "NAME" { ... }.',
        'main.hcl:5:8 Wrong number of labels: A block "locals" has no label: locals { ... }.',
      ],
    ],
    [
      'a component that is there twice',
      app() + app(),
      ['main.hcl:5:11 Given twice: component "app" stands already in main.hcl:1.'],
    ],
    [
      'two cluster blocks',
      'cluster "a" {}\ncluster "b" {}\n',
      ['main.hcl:2:9 Given twice: A block "cluster" may stand here once. It stands already in main.hcl:1.'],
    ],
    [
      'a local value that is there twice',
      'locals { a = 1 }\nlocals { a = 2 }\n',
      ['main.hcl:2:10 Given twice: local.a stands already in main.hcl:1.'],
    ],
    [
      'an unknown provider',
      'provider "shh" {}\n',
      [
        'main.hcl:1:10 Unknown provider: There is no provider "shh". Known: "ssh", "local". Did you mean "ssh"?',
      ],
    ],
    [
      'unknown variable, local value, component, endpoint and function, all at once',
      `${app()}variable "port" {}
locals {
  a = var.prot
  b = local.aa
  c = component.ap.hosts
  d = component.app.endpoints.htp
  e = uper("x")
  f = input.x
}`,
      [
        'main.hcl:7:7 Unknown variable: There is no variable "prot". Did you mean "port"?',
        'main.hcl:8:7 Unknown local value: There is no local value "aa". Did you mean "a"?',
        'main.hcl:9:7 Unknown component: There is no component "ap". Did you mean "app"?',
        'main.hcl:10:7 Unknown endpoint: There is no endpoint "htp". Did you mean "http"?',
        expect.stringMatching(/main.hcl:11:7 .*"uper".*"upper"/),
        'main.hcl:12:7 Unknown name: There is no name "input". "input" belongs to definitions: the spec reads var, local, host and component.',
      ] as string[],
    ],
    [
      'an unknown host name',
      'host "edge" { address = "10.0.0.9" }\ncomponent "app" {\n  source = "./app"\n  hosts  = ["egde"]\n}\n',
      [
        'main.hcl:4:13 Unknown host: There is no host block "egde", and an address has a dot or a colon. Did you mean "edge"?',
      ],
    ],
    [
      'the same host twice, in two ways to write it',
      'component "app" {\n  source = "./app"\n  hosts  = ["FE80::0:1", "fe80::1"]\n}\n',
      [
        'main.hcl:3:26 Given twice: The host fe80::1 is in the list twice ("FE80::0:1" and "fe80::1" are the same machine).',
      ],
    ],
    [
      'two names for one machine',
      'host "a" { address = "10.0.0.1" }\nhost "b" { address = "10.0.0.1" }\n',
      ['main.hcl:2:6 Two names for one machine: 10.0.0.1 is host "a" already. A machine has one name.'],
    ],
    [
      'an address that is none',
      'host "a" { address = "10.0.0.300" }\n',
      [
        'main.hcl:1:22 Invalid address: "10.0.0.300" is neither an IPv4 address, nor an IPv6 address, nor a DNS name.',
      ],
    ],
    [
      'the local provider on another machine',
      'host "a" {\n  address = "10.0.0.1"\n  provider "local" {}\n}\n',
      [
        'main.hcl:3:12 Not a local address: The provider "local" works on loopback addresses of this machine (127.0.0.0/8, ::1); 10.0.0.1 is none.',
      ],
    ],
    [
      'a password in the spec',
      'provider "ssh" { password = "hunter2" }\n' + app(),
      [
        'main.hcl:1:29 Secret outside of a variable: "password" is a secret and must be a variable as it is, because the state keeps only its name. Declare a variable with `sensitive = true` and give it as `var.NAME`.',
      ],
    ],
    [
      'a wrong type',
      app('  prevent_destroy = "perhaps"\n  update {\n    watch = "soon"\n    max_in_flight = 0\n  }\n'),
      [
        expect.stringMatching(/^main.hcl:4:21 Wrong type: prevent_destroy: .*bool/),
        'main.hcl:6:13 Wrong type: watch: a duration such as "30s" or "5m", or a number of seconds, is needed.',
        'main.hcl:7:21 Wrong type: max_in_flight: a number from 1, or a share such as "25%", is needed.',
      ] as string[],
    ],
    [
      'inputs that are unknown or of the wrong type, both at once',
      app('  inputs = {\n    prot = 1\n    port = "http"\n  }\n'),
      [
        'main.hcl:5:5 Unknown input: The definition "./app" has no input "prot". Did you mean "port"?',
        expect.stringMatching(/^main.hcl:6:5 Wrong type: port: .*number/),
      ] as string[],
    ],
    [
      'a definition that is not there',
      'component "app" {\n  source = "./ap"\n  hosts  = []\n}\n',
      ['main.hcl:2:12 No such definition: There is no definition in "./ap". Did you mean "./app"?'],
    ],
    [
      'a source that is computed',
      'locals { s = "./app" }\ncomponent "app" {\n  source = local.s\n  hosts  = []\n}\n',
      ['main.hcl:3:12 Source is not constant: The path of a definition is written as plain text.'],
    ],
    [
      'facts in a spec',
      'host "a" { address = "10.0.0.1" }\nlocals { c = host.a.facts.cores }\n',
      [
        'main.hcl:2:14 Unknown attribute of host: There is no attribute of host "facts". Facts are known once a host was probed: read host.facts in the definition.',
      ],
    ],
    [
      'a resource to ignore that is not there',
      app('  ignore_changes = ["file.mtod"]\n'),
      [
        'main.hcl:4:20 Unknown resource: The definition has no resource "file.mtod". Did you mean "file.motd"?',
      ],
    ],
    [
      'a dependency that is not there or no component',
      app('  depends_on = [component.ap, "x"]\n'),
      [
        'main.hcl:4:17 Unknown component: component "app" depends on "ap", which is not there. Did you mean "app"?',
        'main.hcl:4:31 Not a component: The name of a component is needed, as in component.nats.',
      ],
    ],
    [
      'a state that reads a variable',
      'variable "p" { default = "x" }\nstate "local" { path = var.p }\n',
      [
        'main.hcl:2:24 State settings are not constant: The state is read before variables have values: write the value itself.',
      ],
    ],
    [
      'a sensitive value in an output that is not',
      'variable "p" {\n  default   = "x"\n  sensitive = true\n}\noutput "p" { value = ["a", var.p] }\n',
      ['main.hcl:5:22 Sensitive value: output "p" would show a sensitive value: set sensitive = true.'],
    ],
  ];
  it.each(cases)('%s', async (_, spec, expected) => {
    expect(await saidOfSpec(spec)).toEqual(expected);
  });
});

describe('cycles are shown with their path', () => {
  const cases: [what: string, spec: string, path: string][] = [
    ['between local values', 'locals {\n  a = local.b\n  b = local.a\n}\n', 'local.a -> local.b -> local.a'],
    ['of a local value with itself', 'locals { a = [local.a] }\n', 'local.a -> local.a'],
    [
      'between components by endpoints and depends_on',
      `component "a" {
  source = "./app"
  hosts  = ["10.0.0.1"]
  inputs = { port = component.b.endpoints.http[0].port }
}
component "b" {
  source     = "./app"
  hosts      = ["10.0.0.2"]
  depends_on = [component.a]
}`,
      'component.a -> component.b -> component.a',
    ],
    [
      'through a local value',
      `component "a" {
  source = "./app"
  hosts  = ["10.0.0.1"]
  inputs = { port = local.p }
}
locals { p = component.a.endpoints.http[0].port }`,
      'local.p -> component.a -> local.p',
    ],
  ];
  it.each(cases)('%s', async (_, spec, path) => {
    const said = await saidOfSpec(spec);
    expect(said).toEqual([
      expect.stringContaining(`Cycle: These need each other: ${path}. One of them must do without.`),
    ]);
  });

  it('is found when it hides behind a computed name', async () => {
    const said = await saidOfSpec(
      'locals {\n  n = "a"\n  a = local[local.n]\n}\noutput "o" { value = local.a }\n',
    );
    expect(said.join()).toContain('local.a -> local.a');
  });

  it('is found where only one of two components names the other by a computed name', async () => {
    const of = (name: string, other: string, port: string) =>
      `component "${name}" {\n  source = "./app"\n  hosts  = ["10.0.0.1"]\n  inputs = { port = ${port}${other}.endpoints.http[0].port }\n}\n`;
    const said = await saidOfSpec(
      of('a', 'component.b', 'true ? 1 : ') + of('b', 'component[format("%s", "a")]', '1 + '),
    );
    expect(said.join()).toContain('component.a -> component.b -> component.a');
  });

  it('is none when peers know the hosts of each other', async () => {
    const said = await saidOfSpec(`component "a" {
  source = "./app"
  hosts  = ["10.0.0.1"]
  inputs = { port = length(component.b.hosts) }
}
component "b" {
  source = "./app"
  hosts  = ["10.0.0.2"]
  inputs = { port = length(component.a.hosts) }
}`);
    expect(said).toEqual([]);
  });
});

it('a file in another encoding is not read with other letters', async () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const { said } = await evaluateProject(
    {
      'main.hcl': latin1('# gr\u00fcn\nvariable "a" {}\nvariable "b" {}\n'),
      'a.auto.vars.hcl': latin1('a = "\u00e4"\n'),
      'b.vars.json': latin1('{"b": "\u00e4"}'),
    },
    { sources: { arguments: [{ option: 'var-file', path: 'b.vars.json' }] } },
  );
  const wrong = 'Not in UTF-8: The file is in another encoding. Save it as UTF-8.';
  expect(said).toEqual([`a.auto.vars.hcl:1:6 ${wrong}`, `b.vars.json:1:8 ${wrong}`, `main.hcl:1:5 ${wrong}`]);
});

describe('moved', () => {
  const app = 'component "new" {\n  source = "./app"\n  hosts  = []\n}\n';
  const moved = (from: string, to: string) =>
    `moved {\n  from = component.${from}\n  to   = component.${to}\n}\n`;

  it('leads every old name of a chain to the newest', async () => {
    const { workspace, said } = await evaluateProject({
      'main.hcl': moved('a', 'b') + app + moved('b', 'new'),
      ...APP,
    });
    expect(said).toEqual([]);
    expect(workspace.moves).toEqual([
      { from: 'a', to: 'new' },
      { from: 'b', to: 'new' },
    ]);
  });

  const cases: [what: string, spec: string, expected: string][] = [
    [
      'to a component that is not there',
      moved('a', 'nwe') + app,
      'There is no component "nwe" to move to. Did you mean "new"?',
    ],
    [
      'away from one that is still there',
      app + moved('new', 'other'),
      'component "new" still stands in the spec',
    ],
    [
      'one name twice',
      app + moved('a', 'new') + moved('a', 'x'),
      'component.a is moved to component.new already.',
    ],
    [
      'two to one',
      app + moved('a', 'new') + moved('b', 'new'),
      'component.a is moved to component.new already.',
    ],
    ['in a circle', app + moved('a', 'b') + moved('b', 'a'), 'component.a is moved to itself.'],
  ];
  it.each(cases)('is refused: %s', async (_, spec, expected) => {
    expect((await saidOfSpec(spec)).join('\n')).toContain(expected);
  });
});

describe('files', () => {
  it('with a syntax error are named, and the errors of the others are shown as well', async () => {
    const { said } = await evaluateProject({
      ...APP,
      'a.hcl': 'component "x" {\n',
      'b.hcl': 'clustre "y" {}\n',
      '.hidden.hcl': 'nonsense',
      'prod.vars.hcl': 'nonsense = 1',
    });
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/^a\.hcl:/);
    expect(said[1]).toMatch(/^b\.hcl:1:1 Unknown block/);
  });
});
