import { describe, expect, it } from 'vitest';
import { bytesText, counted, durationText, percentText, spanText } from '../../../src/page/parts/amounts.ts';

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [3_300_000, '3.1 MiB'],
    [104_857_600, '100 MiB'],
    [1_073_741_823, '1.0 GiB'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

  it.each([
    [0, '0%'],
    [0.04, '0.0%'],
    [7.26, '7.3%'],
    [9.96, '10%'],
    [200, '200%'],
  ])('%d percent are %s', (percent, text) => expect(percentText(percent)).toBe(text));

  it.each([
    [-3, '0 s'],
    [59.9, '59 s'],
    [3599, '59 min'],
    [3600, '1 h'],
    [26_760, '7 h 26 min'],
    [97_200, '1 d 3 h'],
    [1_000_000, '11 d'],
  ])('%d seconds are %s', (seconds, text) => expect(spanText(seconds)).toBe(text));

  it.each([
    [40, '0.0 s'],
    [9_940, '9.9 s'],
    [59_400, '59 s'],
    [61_000, '1 min 1 s'],
  ])('a work of %d ms took %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it('counts', () => expect([counted(1, 'host'), counted(2, 'host')]).toEqual(['1 host', '2 hosts']));
});
