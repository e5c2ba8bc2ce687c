import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiagnosticsError } from '../../../src/diagnostics/diagnostic.ts';
import { createFailures, MAX_FAILURES, peerKey, WINDOW_MS } from '../../../src/server/guard/failures.ts';
import {
  findToken,
  givenToken,
  parseTokens,
  readTokens,
  tokenFile,
} from '../../../src/server/guard/tokens.ts';
import { testDirectory } from '../test-server.ts';

const READER = 'r'.repeat(24);
const OPERATOR = `${'0123456789abcdef'.repeat(2)}.~+/=-_`;

describe('a token file', () => {
  it('has a line per token, and comments', () => {
    const { tokens, diagnostics } = parseTokens(
      `# who\n\n${READER} read board\r\n  ${OPERATOR}\toperate  anna\n`,
      'f',
    );
    expect(diagnostics).toEqual([]);
    expect(tokens.map(({ name, role }) => [name, role])).toEqual([
      ['board', 'read'],
      ['anna', 'operate'],
    ]);
    expect(JSON.stringify(tokens)).not.toContain(READER);
  });

  it.each([
    ['', 'has no line'],
    ['# nobody', 'has no line'],
    [`${READER} read`, 'f:1: a line is TOKEN ROLE NAME'],
    [`${READER} read a b`, 'f:1: a line is TOKEN ROLE NAME'],
    [`${READER} admin a`, 'f:1: a role is'],
    ['short operate a', 'f:1: a token has at least 24'],
    [`${READER}" operate a`, 'f:1: a token is made of'],
    [`${READER} read a\n${OPERATOR} read a`, 'f:2: the name a is given twice'],
  ])('%j is refused', (text, why) => {
    const [found] = parseTokens(text, 'f').diagnostics;
    expect(found?.detail).toContain(why);
    expect(found?.detail).not.toContain(READER);
  });

  it('is read by its owner only', async () => {
    const file = path.join(testDirectory({ tokens: `${READER} read a\n` }), 'tokens');
    expect(await readTokens(file)).toHaveLength(1);
    chmodSync(file, 0o640);
    await expect(readTokens(file)).rejects.toThrow(/chmod 600/);
    rmSync(file);
    await expect(readTokens(file)).rejects.toThrow(DiagnosticsError);
  });

  it('is read anew when it changes; one that cannot be read lets nobody in', async () => {
    const file = path.join(testDirectory({ tokens: `${READER} read a\n` }), 'tokens');
    const problems: string[] = [];
    const tokens = await tokenFile(file, (message) => problems.push(message));
    expect(await tokens()).toHaveLength(1);
    writeFileSync(file, `${READER} read a\n${OPERATOR} operate b\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await tokens()).toHaveLength(2);
    writeFileSync(file, 'nonsense\n');
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await tokens()).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it('forgets a token that was revoked before anybody was checked', async () => {
    const file = path.join(testDirectory({ tokens: `${READER} read a\n${OPERATOR} operate b\n` }), 'tokens');
    const tokens = await tokenFile(file, () => undefined);
    writeFileSync(file, `${READER} read a\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await tokens()).map(({ name }) => name)).toEqual(['a']);
  });
});

describe('a token that is given', () => {
  const { tokens } = parseTokens(`${READER} read a\n${OPERATOR} operate b`, 'f');
  it.each([
    [READER, 'a'],
    [OPERATOR, 'b'],
    [READER.slice(1), null],
    [`${READER}r`, null],
    [READER.toUpperCase(), null],
    ['', null],
  ])('%j is of %s', (given, name) => expect(findToken(tokens, given)?.name ?? null).toBe(name));

  it.each([
    ['Bearer abc', undefined, 'abc'],
    ['bearer  abc', undefined, 'abc'],
    ['Basic abc', undefined, null],
    ['Bearer a b', undefined, null],
    [undefined, 'slipway, bearer.abc', 'abc'],
    ['Bearer abc', 'bearer.def', 'abc'],
    [undefined, 'abc', null],
    [undefined, undefined, null],
  ])('%j and %j give %j', (authorization, protocols, token) => {
    expect(givenToken(authorization, protocols)).toBe(token);
  });
});

describe('wrong tokens', () => {
  it('are counted by peer, for a minute', () => {
    let now = 0;
    const failures = createFailures(() => now);
    for (let n = 0; n < MAX_FAILURES; n++) {
      expect(failures.waitOf('a')).toBeNull();
      failures.add('a');
      now += 1_000;
    }
    expect(failures.waitOf('a')).toBe(50);
    expect(failures.waitOf('b')).toBeNull();
    now = WINDOW_MS;
    expect(failures.waitOf('a')).toBeNull();
  });

  it('of many peers do not fill the memory', () => {
    const failures = createFailures(() => 0);
    for (let n = 0; n < MAX_FAILURES; n++) failures.add('first');
    for (let n = 0; n < 10_000; n++) failures.add(`peer ${n}`);
    expect(failures.waitOf('first')).toBeNull();
  });

  it.each([
    ['10.0.0.1', null, '10.0.0.1'],
    ['127.0.0.1', 1000, '127.0.0.1#1000'],
    ['::1', 0, '::1#0'],
    ['2001:db8:1:2:3:4:5:6', null, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', null, '2001:db8:1:2::/64'],
  ] as const)('of %s, user %s, count for %s', (address, uid, key) => expect(peerKey(address, uid)).toBe(key));
});
