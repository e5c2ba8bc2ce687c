import { describe, expect, it } from 'vitest';
import { canonicalAddress, isLoopback } from '../../src/spec/address.ts';
import { parseBytes, parseSeconds } from '../../src/spec/units.ts';

describe('an address has one canonical form', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::0001', '::1'],
    ['FE80::1%eth0', 'fe80::1%eth0'],
    ['DB.Example.com.', 'db.example.com'],
    ['web-1', 'web-1'],
    ['10.0.0', undefined],
    ['10.0.0.256', undefined],
    ['1:2', undefined],
    ['a..b', undefined],
    ['-a.b', undefined],
    ['a b', undefined],
    ['', undefined],
  ])('%s is %s', (text, expected) => {
    expect(canonicalAddress(text)).toBe(expected);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['127.example.com', false],
    ['128.0.0.1', false],
  ])('%s is a loopback address: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});

describe('quantities', () => {
  it.each([
    ['1GiB', 2 ** 30],
    ['1.5 KiB', 1536],
    ['10MB', 10_000_000],
    ['42', 42],
    ['1 gib', 2 ** 30],
    ['1G', undefined],
    ['-1B', undefined],
    ['much', undefined],
  ])('%s is %s bytes', (text, expected) => {
    expect(parseBytes(text)).toBe(expected);
  });

  it.each([
    ['30s', 30],
    ['1m30s', 90],
    ['250ms', 0.25],
    ['1h', 3600],
    ['1d', 86_400],
    ['15', 15],
    ['1 hour', undefined],
    ['', undefined],
  ])('%s is %s seconds', (text, expected) => {
    expect(parseSeconds(text)).toBe(expected);
  });
});
