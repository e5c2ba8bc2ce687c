import { describe, expect, it } from 'vitest';
import { localNames } from '../../../src/app/operate/local-names.ts';

const ROOT = '/d/nats@10.0.0.1/server';
const nameOf = (file: string, pattern: string): string =>
  localNames('/d/nats@10.0.0.1', 'server').of(file, pattern);

describe('the name of a copy', () => {
  it.each([
    ['/var/log/nats/nats.log', '/var/log/nats/*.log', 'nats.log'],
    ['/srv/a/x.log', '/srv/*/x.log', 'a/x.log'],
    ['/var/log/nats.log', '/var/log/nats.log', 'nats.log'],
    ['/etc/shadow', '/var/log/*.log', 'shadow'],
    ['/var/log/../../etc/passwd', '/var/log/*', '_/_/etc/passwd'],
    ['/var/log/..', '/var/log/*', '_'],
    ['/var/log/a\u001b[31m.log', '/var/log/*', 'a_[31m.log'],
  ])('of %s never leaves its folder', (file, pattern, expected) => {
    expect(nameOf(file, pattern)).toBe(`${ROOT}/${expected}`);
  });

  it('is given once', () => {
    const names = localNames('/d/nats@10.0.0.1', 'service.web["a/b"]');
    const root = '/d/nats@10.0.0.1/service.web["a_b"]';
    expect([names.of('/a/x.log', ''), names.of('/b/x.log', '')]).toEqual([
      `${root}/x.log`,
      `${root}/x.log~2`,
    ]);
  });
});
