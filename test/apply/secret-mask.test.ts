import { describe, expect, it } from 'vitest';
import { createMask } from '../../src/apply/secret-mask.ts';

describe('a mask', () => {
  it('takes secrets out of what is shown, however often and wherever they stand', () => {
    const mask = createMask(['correct horse']);
    expect(mask('pw=correct horse;correct horse')).toBe('pw=(sensitive);(sensitive)');
  });

  it('takes the longer of two that begin alike', () => {
    expect(createMask(['secret1', 'secret1-more'])('secret1-more')).toBe('(sensitive)');
  });

  it('takes a secret of several lines line by line, as output comes', () => {
    const mask = createMask(['-----BEGIN KEY-----\nMIIEvQIBADANBg\r\n-----END KEY-----\n']);
    expect(mask('got MIIEvQIBADANBg')).toBe('got (sensitive)');
  });

  it('takes characters of patterns as they are', () => {
    const mask = createMask(['a.b*c$(d)[e]\\f|g^']);
    expect(mask('is a.b*c$(d)[e]\\f|g^')).toBe('is (sensitive)');
    expect(mask('axbbbc')).toBe('axbbbc');
  });

  it('knows a secret between quotes of JSON and of a shell', () => {
    const mask = createMask([`horse's "battery"`]);
    expect(mask('requirepass "horse\'s \\"battery\\""')).toBe('requirepass "(sensitive)"');
    expect(mask(`PW='horse'\\''s "battery"'`)).toBe(`PW='(sensitive)'`);
  });

  it('leaves short ones, which would be found in ordinary words', () => {
    expect(createMask(['on', ''])('on and on')).toBe('on and on');
  });
});
