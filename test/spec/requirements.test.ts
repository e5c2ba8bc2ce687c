import { describe, expect, it } from 'vitest';
import { parseCondition, parseLimit, parseTcpPlace, parseVersionConditions } from '../../src/spec/demands.ts';
import { evaluateProject, saidOfDefinition } from './project.ts';

const MAIN = (inputs: string) => `component "app" {
  source = "./app"
  hosts  = ["10.0.0.1"]
  inputs = { ${inputs} }
}
`;

describe('requires', () => {
  it('holds what a host must resolve, reach, have set and run, inputs among it', async () => {
    const { cluster, said } = await evaluateProject({
      'main.hcl': MAIN('db = "db.internal", maps = 262144'),
      'app/component.hcl': `definition {
  requires {
    resolves = [input.db, "localhost"]
    reaches  = ["\${input.db}:5432", "[2001:db8::1]:80"]
    sysctl   = { "vm.max_map_count" = ">= \${input.maps}", "net.core.somaxconn" = 1024, "kernel.x" = "!= 0" }
    limits   = { nofile = 65536, memlock = "unlimited", core = "1MiB" }
    kernel {
      version    = ">= 5.10, < 7"
      parameters = ["cgroup_enable=memory", "quiet"]
    }
  }
}
input "db" { type = string }
input "maps" { type = number }
`,
    });
    expect(said).toEqual([]);
    expect(cluster.components.get('app')?.requires).toEqual({
      cpu: null,
      memoryBytes: null,
      diskBytes: null,
      os: [],
      ports: [],
      resolves: ['db.internal', 'localhost'],
      reaches: [
        { address: 'db.internal', port: 5432 },
        { address: '2001:db8::1', port: 80 },
      ],
      sysctl: [
        { name: 'vm.max_map_count', operator: '>=', value: '262144' },
        { name: 'net.core.somaxconn', operator: '=', value: '1024' },
        { name: 'kernel.x', operator: '!=', value: '0' },
      ],
      limits: [
        { name: 'nofile', atLeast: 65536 },
        { name: 'memlock', atLeast: Infinity },
        { name: 'core', atLeast: 2 ** 20 },
      ],
      kernel: {
        version: [
          { operator: '>=', value: '5.10' },
          { operator: '<', value: '7' },
        ],
        parameters: ['cgroup_enable=memory', 'quiet'],
      },
    });
  });

  it.each([
    ['resolves = ["db internal"]', '16 Wrong type: resolves[0]: the name of a host is needed'],
    ['resolves = "db"', '16 Wrong type: resolves: a list is needed'],
    ['reaches = ["a:1", "10.0.0.5"]', '15 Wrong type: reaches[1]: an address and a port are needed'],
    ['reaches = ["a:70000"]', '15 Wrong type: reaches[0]: an address and a port are needed'],
    [
      'sysctl = { "vm.swappiness" = "> a lot" }',
      '14 Wrong type: sysctl.vm.swappiness: a number, or a condition',
    ],
    ['sysctl = { swappiness = 1 }', '14 Wrong type: sysctl.swappiness: the name of a kernel setting'],
    ['limits = { files = 1 }', '14 Wrong type: limits.files: a limit is one of as, core, cpu'],
    ['limits = { nofile = "64MiB" }', '14 Wrong type: limits.nofile: a whole number, a size where bytes'],
    ['kernel { version = "new" }', '24 Wrong type: version: conditions on a version are needed'],
    ['kernel { versoin = "1" }', '14 Unknown attribute: There is no attribute "versoin" in "kernel".'],
  ])('refuses %s', async (line, said) => {
    const found = await saidOfDefinition(`definition {\n  requires {\n    ${line}\n  }\n}\n`);
    expect(found).toEqual([expect.stringContaining(`app/component.hcl:3:${said}`)]);
  });
});

describe('demands', () => {
  it.each([
    ['>= 5', { operator: '>=', value: '5' }],
    ['<5', { operator: '<', value: '5' }],
    ['== a  b', { operator: '=', value: 'a b' }],
    [' 7 ', { operator: '=', value: '7' }],
    ['>=', undefined],
    ['', undefined],
    ['>= >= 5', undefined],
  ])('condition %j', (text, condition) => expect(parseCondition(text)).toEqual(condition));

  it.each([
    ['a.b:1', { address: 'a.b', port: 1 }],
    ['[::1]:22', { address: '::1', port: 22 }],
    ['::1:22', undefined],
    ['a:0', undefined],
    ['a', undefined],
    ['http://a:1', undefined],
  ])('place %j', (text, place) => expect(parseTcpPlace(text)).toEqual(place));

  it('versions and limits', () => {
    expect(parseVersionConditions('5.10')).toEqual([{ operator: '=', value: '5.10' }]);
    expect(parseVersionConditions('>= 5.10,')).toBe(undefined);
    expect(parseLimit('nofile', 'unlimited')).toBe(Infinity);
    expect(parseLimit('memlock', '64MiB')).toBe(64 * 2 ** 20);
    expect(parseLimit('nproc', -1)).toBe(undefined);
  });
});
