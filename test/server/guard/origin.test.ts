import { describe, expect, it } from 'vitest';
import { hostName, refuseForeignPage, type Ours } from '../../../src/server/guard/origin.ts';
import { HttpError } from '../../../src/server/http-error.ts';

const OURS: Ours = {
  scheme: 'http',
  listenHost: '10.0.0.5',
  allowHosts: ['ops.example.com'],
  allowOrigins: ['https://board.example.com'],
};

/** Status of the refusal, 'served' when there is none. */
function judge(headers: readonly [string, string][], { url = '/', changes = false, method = 'GET' } = {}) {
  const head = { method, url, rawHeaders: headers.flat(), localAddress: '::ffff:10.0.0.9' };
  try {
    refuseForeignPage(head, OURS, changes);
    return 'served';
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

describe('the name in Host', () => {
  it.each([
    ['127.0.0.1:50000', 'served'],
    ['localhost', 'served'],
    ['LOCALHOST:8080', 'served'],
    ['[::1]:50000', 'served'],
    ['10.0.0.5:50000', 'served'],
    ['10.0.0.9:50000', 'served'],
    ['ops.example.com', 'served'],
    ['Ops.Example.com:443', 'served'],
    ['10.0.0.6:50000', 421],
    ['attacker.example', 421],
    ['localhost.attacker.example', 421],
    ['127.0.0.1.attacker.example:50000', 421],
    ['localhost.', 421],
    ['127.1', 421],
    ['user@localhost', 400],
    ['localhost/..', 400],
    ['localhost:50000:1', 400],
    ['localhost, attacker.example', 400],
    ['', 400],
  ] as const)('%j: %s', (host, expected) => {
    expect(judge([['Host', host]])).toBe(expected);
  });

  it('is needed', () => expect(judge([])).toBe(400));

  it('comes once', () =>
    expect(
      judge([
        ['Host', 'localhost'],
        ['hOST', 'localhost'],
      ]),
    ).toBe(400));
});

describe('the page that asks', () => {
  const from = (headers: Record<string, string>): ReturnType<typeof judge> =>
    judge([['Host', 'localhost:50000'], ...Object.entries(headers)]);

  it.each([
    ['no browser', {}, 'served'],
    ['typed into the address bar', { 'Sec-Fetch-Site': 'none' }, 'served'],
    ['our own page', { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://localhost:50000' }, 'served'],
    ['our own page in an old browser', { Origin: 'http://localhost:50000' }, 'served'],
    ['a picture on another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a page of another port of this machine', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['another port, old browser', { Origin: 'http://localhost:3000' }, 403],
    ['our name by https', { Origin: 'https://localhost:50000' }, 403],
    ['a sandboxed frame', { Origin: 'null' }, 403],
    [
      'a foreign page that says it is ours',
      { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://evil.example' },
      403,
    ],
    [
      'ours by name, foreign by site',
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost:50000' },
      403,
    ],
    ['a value nobody sends', { 'Sec-Fetch-Site': 'same-origin, none' }, 403],
    ['an allowed page', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://board.example.com' }, 'served'],
    [
      'an allowed name over http',
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://board.example.com' },
      403,
    ],
  ] as const)('%s: %j: %s', (_who, headers, expected) => {
    expect(from(headers)).toBe(expected);
  });

  it('is not served what changes something ahead of time', () => {
    const guess: [string, string][] = [
      ['Host', 'localhost'],
      ['Sec-Fetch-Site', 'none'],
      ['Sec-Purpose', 'prefetch;prerender'],
    ];
    expect(judge(guess, { changes: true })).toBe(403);
    expect(judge(guess, { changes: false })).toBe('served');
  });
});

it('is no proxy', () => {
  expect(judge([['Host', 'localhost']], { url: 'http://localhost/deployment-engine/deploy' })).toBe(400);
  expect(judge([['Host', 'localhost']], { url: 'localhost:50000', method: 'CONNECT' })).toBe(400);
});

it('reads names out of Host', () => {
  expect(hostName('[2001:db8::1]:50000')).toBe('2001:db8::1');
  expect(hostName('Box_1.local:80')).toBe('box_1.local');
  expect(hostName('[::1')).toBeUndefined();
});
