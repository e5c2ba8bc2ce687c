import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretDigests } from '../../src/app/secret-digests.ts';
import { DiagnosticsError } from '../../src/diagnostics/diagnostic.ts';

let directory: string;
let key: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-key-'));
  key = path.join(directory, '.slipway', 'key');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('digests of secrets', () => {
  it('make their key when it is first needed, for its owner alone, and keep it', () => {
    const first = secretDigests({ key }, {})('secret');
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(key)).mode & 0o777).toBe(0o700);
    expect(readdirSync(path.dirname(key))).toEqual(['key']);
    expect(secretDigests({ key }, {})('secret')).toBe(first);
  });

  it('take SLIPWAY_KEY before the file, and an empty one for none', () => {
    const own = secretDigests({ key }, {})('secret');
    expect(secretDigests({ key }, { SLIPWAY_KEY: '0123456789abcdef' })('secret')).not.toBe(own);
    expect(secretDigests({ key }, { SLIPWAY_KEY: '' })('secret')).toBe(own);
  });

  it('are never made with a key that is empty, cut off or easily guessed', () => {
    secretDigests({ key }, {})('secret');
    const whole = readFileSync(key, 'utf8');
    for (const damaged of ['', '\n', whole.slice(0, 10)]) {
      writeFileSync(key, damaged);
      expect(() => secretDigests({ key }, {})('secret')).toThrow(DiagnosticsError);
    }
    expect(() => secretDigests({ key }, { SLIPWAY_KEY: 'short' })('secret')).toThrow(DiagnosticsError);
  });
});
