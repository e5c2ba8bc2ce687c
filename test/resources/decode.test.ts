import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/resources/content.ts';
import { decodeInstance, type DecodeEnvironment } from '../../src/resources/decode.ts';
import type { InstanceDeclaration, ResourceDeclaration } from '../../src/spec/model.ts';
import { Sensitive, Unknown, type Value } from '../../src/spec/value.ts';
import { RANGE } from './resource-life.ts';

const layout = {
  stateDir: '/var/lib/slipway',
  secretsDir: '/run/slipway',
  instancesDir: '/opt/slipway',
  confined: false,
};
const hmac = (text: string) => `hmac:${sha256(`key${text}`).slice(0, 8)}`;

function declare(
  kind: ResourceDeclaration['kind'],
  attributes: Record<string, Value>,
  label = 'x',
): ResourceDeclaration {
  return { kind, address: `${kind}.${label}`, label, attributes, range: RANGE };
}

function decode(resources: readonly ResourceDeclaration[], environment: Partial<DecodeEnvironment> = {}) {
  const instance: InstanceDeclaration = {
    address: 'app@10.0.0.1',
    component: 'app',
    host: '10.0.0.1',
    index: 0,
    dir: '/opt/slipway/app',
    resources,
    checks: [],
    endpoints: [],
    logs: [],
    unknowns: [],
  };
  const { resources: decoded, diagnostics } = decodeInstance(instance, { layout, hmac, ...environment });
  return { decoded, errors: diagnostics.map((d) => `${d.summary}: ${d.detail}`) };
}

describe('a declaration', () => {
  it('becomes a typed resource, relative paths in the directory of the instance', () => {
    const { decoded, errors } = decode([
      declare('package', { name: 'nginx', version: '1.22.*' }),
      declare('group', { name: 'ops', gid: 4000, system: true }),
      declare('user', { name: 'app', groups: ['ops'], home: 'home', system: true }),
      declare('directory', { path: 'data/', owner: 'app', mode: '750', on_remove: 'delete' }),
      declare('file', { path: '/etc//app/../app.conf', content: 'x', mode: '0640' }),
      declare('link', { path: './current', target: '../data' }),
    ]);
    expect(errors).toEqual([]);
    expect(decoded).toMatchObject([
      { kind: 'package', name: 'nginx', version: '1.22.*' },
      { kind: 'group', name: 'ops', gid: 4000, system: true },
      { kind: 'user', uid: null, group: null, groups: ['ops'], home: '/opt/slipway/app/home' },
      { path: '/opt/slipway/app/data', owner: 'app', group: null, mode: '0750', onRemove: 'delete' },
      { path: '/etc/app.conf', content: { type: 'text', digest: sha256('x'), sensitive: false } },
      { path: '/opt/slipway/app/current', target: '../data' },
    ]);
  });

  it('gives a service the resources above it as triggers, or those of restart_on with all their items', () => {
    const above = [
      declare('file', { path: 'a', content: '', mode: '0644' }, 'a'),
      { ...declare('file', { path: 'b', content: '', mode: '0644' }), address: 'file.b["1"]' },
      { ...declare('file', { path: 'c', content: '', mode: '0644' }), address: 'file.b["2"]' },
    ];
    const service = (restart_on: Value) =>
      declare('service', { name: 'app.service', command: '/bin/x', restart_on });
    const below = declare('link', { path: 'l', target: 'x' }, 'later');
    const triggersOf = (restartOn: Value) =>
      decode([...above, service(restartOn), below]).decoded.find((r) => r.kind === 'service');
    expect(triggersOf(null)).toMatchObject({
      name: 'app',
      stopTimeoutSeconds: 30,
      enabledAtBoot: true,
      triggers: ['file.a', 'file.b["1"]', 'file.b["2"]'],
    });
    expect(triggersOf(['file.b'])).toMatchObject({ triggers: ['file.b["1"]', 'file.b["2"]'] });
    expect(triggersOf([])).toMatchObject({ triggers: [] });
  });

  it('digests triggers whatever the order of their keys, sensitive ones by HMAC', () => {
    const digest = (triggers: Value) =>
      (
        decode([declare('script', { create: 'x', triggers, secrets: {} })]).decoded[0] as {
          triggersDigest: string;
        }
      ).triggersDigest;
    expect(digest([{ a: 1, b: [true, null] }])).toBe(digest([{ b: [true, null], a: 1 }]));
    expect(digest([1])).not.toBe(digest([2]));
    expect(digest([new Sensitive('pw')])).not.toBe(digest(['pw']));
    expect(digest([new Sensitive('pw')])).toBe(sha256(`[{"hmac":${JSON.stringify(hmac('"pw"'))}}]`));
  });

  it('keeps sensitive text only in the content of files and the secrets of scripts', () => {
    const pw = new Sensitive('hunter2');
    const { decoded, errors } = decode([
      declare('file', { path: 'pw', content: pw, mode: '0600' }),
      declare('script', { create: 'x', triggers: [], secrets: { pw } }),
      declare('service', { name: 'a', command: pw }),
      declare('service', { name: 'b', environment: { PW: pw } }),
      declare('script', { create: pw }),
      declare('file', { path: pw, content: 'x', mode: '0644' }),
    ]);
    expect(decoded).toMatchObject([
      { content: { text: 'hunter2', sensitive: true } },
      { secrets: new Map([['pw', 'hunter2']]) },
    ]);
    expect(errors).toHaveLength(4);
    expect(errors[0]).toContain('Put it in a file with mode 0600');
    expect(errors[1]).toContain('Put it in a file with mode 0600');
    expect(errors[2]).toContain('Give it in `secrets`');
    expect(errors.join()).not.toContain('hunter2');
  });

  it.each([
    [declare('file', { path: 'x', content: '', mode: '0999' }), 'Invalid mode'],
    [declare('file', { path: '../x', content: '', mode: '0644' }), 'Path leaves the instance'],
    [declare('file', { path: '', content: '', mode: '0644' }), 'Invalid path'],
    [declare('file', { path: '/etc/a\nb', content: '', mode: '0644' }), 'Invalid path'],
    [declare('file', { path: 'x', mode: '0644' }), 'Missing content'],
    [declare('file', { path: 'x', source: '/not/there', mode: '0644' }), 'Unreadable file'],
    [declare('file', { path: 'x', content: '', mode: '0644', owner: 'a b' }), 'Invalid name'],
    [declare('directory', { path: '/', mode: '0755' }), 'Invalid path'],
    [declare('directory', { path: '/srv', mode: '0755', on_remove: 'delete' }), 'Too much to delete'],
    [declare('user', { name: '-x' }), 'Invalid name'],
    [declare('user', { name: 'x', uid: 1.5 }), 'Wrong type'],
    [declare('user', { name: 'x', comment: 'a:b' }), 'Invalid comment'],
    [declare('package', { name: 'nginx=1' }), 'Invalid package name'],
    [declare('package', { name: 'nginx', version: '1; rm' }), 'Invalid version'],
    [declare('service', { name: '../x', command: '/bin/x' }), 'Invalid service name'],
    [declare('service', { name: 'x', command: '/bin/x "' }), 'Invalid command'],
    [declare('script', { create: 'x', secrets: { '../x': 'y' } }), 'Invalid name'],
    [
      declare('archive', { path: 'x', source: 'https://e/x.zip', format: 'zip' }),
      'Archive cannot be fetched',
    ],
    [declare('link', { path: 'x', target: new Unknown('host.facts.arch') }), 'Unknown value'],
  ] as const)('is refused where a value cannot be used: %#', (declaration, summary) => {
    const { decoded, errors } = decode([declaration]);
    expect(decoded).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`^${summary}: `));
  });

  it('may only touch the directory of the instance under the local provider', () => {
    const confined = { layout: { ...layout, confined: true } };
    const { decoded, errors } = decode(
      [
        declare('file', { path: 'a/b', content: '', mode: '0644' }),
        declare('directory', { path: '/opt/slipway/app', mode: '0755' }),
        declare('file', { path: '/etc/x', content: '', mode: '0644' }),
        declare('link', { path: '/opt/slipway/app-2', target: 'x' }),
        declare('package', { name: 'nginx' }),
        declare('user', { name: 'x' }),
        declare('group', { name: 'x' }),
      ],
      confined,
    );
    expect(decoded).toHaveLength(2);
    expect(errors.map((error) => error.split(':')[0])).toEqual([
      'Path outside the instance',
      'Path outside the instance',
      'A package cannot be managed on this machine itself',
      'A user cannot be managed on this machine itself',
      'A group cannot be managed on this machine itself',
    ]);
  });

  it('reads a source once, and again when it has changed', () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-source-'));
    try {
      const source = join(dir, 'app.bin');
      writeFileSync(source, 'one');
      const file = () => decode([declare('file', { path: 'x', source, mode: '0755' })]).decoded[0];
      expect(file()).toMatchObject({
        content: { type: 'blob', blob: { digest: sha256('one'), sizeBytes: 3 } },
      });
      writeFileSync(source, 'other');
      expect(file()).toMatchObject({ content: { blob: { digest: sha256('other'), sizeBytes: 5 } } });
      const archive = declare('archive', { path: 'x', source, format: 'zip', sha256: sha256('one') });
      expect(decode([archive]).errors[0]).toMatch(/^Wrong digest: .*app\.bin has SHA-256/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
