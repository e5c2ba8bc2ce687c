import { describe, expect, it } from 'vitest';
import { saidOfDefinition } from './project.ts';

describe('what is wrong in a definition is said with its place and a remedy', () => {
  const cases: [what: string, definition: string, expected: unknown[]][] = [
    [
      'names that are not there, all at once',
      `input "port" { type = number }
file "a" {
  path    = "a"
  content = "\${input.prot} \${host.adress} \${instance.idx} \${host.facts.core} \${var.x} \${each.key}"
}
`,
      [
        'app/component.hcl:4:16 Unknown input: There is no input "prot". Did you mean "port"?',
        'app/component.hcl:4:30 Unknown attribute of host: There is no attribute of host "adress". Did you mean "address"?',
        'app/component.hcl:4:45 Unknown attribute of instance: There is no attribute of instance "idx". Known: "index", "count", "peers", "dir".',
        'app/component.hcl:4:61 Unknown fact: There is no fact "core". Did you mean "cores"?',
        'app/component.hcl:4:80 Unknown name: There is no name "var". "var" belongs to the spec: a definition reads "input".',
        'app/component.hcl:4:89 Unknown name: There is no name "each". "each" is known only in a resource with for_each.',
        'main.hcl:1:11 Missing input: component "app" needs the input "port" (number).',
      ],
    ],
    [
      'none of content, template and source, and two of them',
      'file "a" { path = "a" }\nfile "b" {\n  content = ""\n  source = "component.hcl"\n}\n',
      [
        'app/component.hcl:1:1 Missing attribute: file "a" needs one of "content", "template" or "source".',
        'app/component.hcl:4:3 Attributes exclude each other: file "b" takes exactly one of "content", "template" or "source"; "content" is given already.',
      ],
    ],
    [
      'files that are not there or lie outside',
      'file "a" { template = "a.tfpl" }\nfile "b" { source = "../main.hcl" }\narchive "c" { source = "x.tar.gz" }\n',
      [
        'app/component.hcl:1:23 No such file: There is no file "a.tfpl" in app/. Did you mean "a.tftpl"?',
        'app/component.hcl:2:21 File outside of the definition: "../main.hcl" lies outside of the definition. A definition uses only files of its own.',
        'app/component.hcl:3:24 No such file: There is no file "x.tar.gz" in app/.',
      ],
    ],
    [
      'an error in a template, at its place there',
      'file "a" { template = "bad.tftpl" }\nfile "b" { template = "names.tftpl" }\n',
      [
        expect.stringMatching(/^app\/bad.tftpl:2:1 /),
        expect.stringMatching(/^app\/names.tftpl:2:3 Unknown input: .*"x"\./),
      ],
    ],
    [
      'a resource that is there twice',
      'user "a" {}\nuser "a" {}\n',
      ['app/component.hcl:2:6 Given twice: user "a" stands already in app/component.hcl:1.'],
    ],
    [
      'a kind that is not there',
      'fiel "a" {}\n',
      ['app/component.hcl:1:1 Unknown block: There is no block "fiel" here. Did you mean "file"?'],
    ],
    [
      'values that an attribute does not take',
      `directory "d" {
  mode      = "rwx"
  on_remove = "purge"
}
check "c" { tcp = 70000 }
service "s" { restart_on = ["directory.e"] }
`,
      [
        'app/component.hcl:2:15 Wrong type: mode: permissions are needed as text in octal digits, such as "0644".',
        'app/component.hcl:3:15 Invalid value: "on_remove" is one of "keep", "delete".',
        'app/component.hcl:5:19 Wrong type: tcp: a port is needed: a number from 1 to 65535.',
        'app/component.hcl:6:28 Unknown resource: The definition has no resource "directory.e". Did you mean "directory.d"?',
      ],
    ],
    [
      'an endpoint that depends on facts',
      'endpoint "e" { port = host.facts.cores }\n',
      [
        'app/component.hcl:1:23 Endpoint depends on facts: Other components read an endpoint before its host is probed: it cannot depend on facts.',
      ],
    ],
    [
      'an archive from a URL without a digest',
      'archive "a" { source = "https://example.com/a.tgz" }\n',
      ['app/component.hcl:1:24 Missing digest: An archive from a URL needs its "sha256".'],
    ],
    [
      'a check of something that is no URL',
      'check "c" { http = "localhost:80" }\n',
      ['app/component.hcl:1:20 Invalid URL: "localhost:80" is no URL: http://ADDRESS:PORT/PATH is needed.'],
    ],
    [
      'a default of the wrong type and one that reads something',
      'input "a" {\n  type    = number\n  default = "x"\n}\ninput "b" { default = input.a }\n',
      [
        expect.stringMatching(/^app\/component.hcl:3:13 Wrong type: a: .*number/),
        'app/component.hcl:5:23 Default is not constant: A default cannot read anything.',
      ],
    ],
    [
      'too few hosts',
      'definition {\n  instances { min = 3 }\n}\n',
      ['main.hcl:3:12 Too few hosts: component "app" is placed on 1 host; its definition needs at least 3.'],
    ],
    [
      'for_each over what cannot be gone over',
      'user "a" { for_each = 1 }\nuser "b" { for_each = ["x", "x"] }\nuser "c" { for_each = [1] }\n',
      [
        'app/component.hcl:1:23 Wrong type: for_each: a map, or a set or list of different strings, is needed.',
        'app/component.hcl:2:23 Given twice: for_each: "x" is in the list twice.',
        'app/component.hcl:3:23 Wrong type: for_each: every item of the list must be a string that is not sensitive.',
      ],
    ],
  ];
  it.each(cases)('%s', async (_, definition, expected) => {
    const said = await saidOfDefinition(definition, {
      'a.tftpl': 'x',
      'bad.tftpl': 'x ${\n',
      'names.tftpl': 'y\n${input.x}\n',
    });
    expect(said).toEqual(expected);
  });

  it('a sensitive value where it would be shown, with the place where it belongs', async () => {
    const said = await saidOfDefinition(`input "pw" {
  sensitive = true
  default   = "hunter2"
}
service "s" {
  command = "run \${input.pw}"
  drain   = "drain \${input.pw}"
  reload  = "reload \${input.pw}"
}
script "x" {
  create   = "create \${input.pw}"
  triggers = [input.pw]
  secrets  = { pw = input.pw }
}
file "f" {
  path    = "/etc/\${input.pw}"
  content = input.pw
}
check "c" { command = "check \${input.pw}" }
`);
    const lines = said.map((line) => /^app\/component.hcl:(\d+):.*? Sensitive value/.exec(line)?.[1]);
    expect(lines).toEqual(['6', '7', '8', '11', '16', '19']);
    expect(said[0]).toContain('a file with mode 0600');
    expect(said[3]).toContain('Give it in `secrets`');
    expect(said.join()).not.toContain('hunter2');
  });

  it('nothing of what only its instances could tell, when the definition itself is wrong', async () => {
    expect(await saidOfDefinition('input "a" {\n')).toHaveLength(1);
  });
});
