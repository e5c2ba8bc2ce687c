import { describe, expect, it } from 'vitest';
import {
  addressOf,
  choiceOf,
  literalOf,
  queryOf,
  sinceMsOf,
  toggled,
} from '../../../src/page/views/logs/choice.ts';

const of = (query: string) => choiceOf(new URLSearchParams(query));
const COMPONENTS = [
  { name: 'nats', instances: ['nats@a', 'nats@b'] },
  { name: 'web', instances: ['web@a'] },
];

describe('which lines are shown', () => {
  it.each([
    '/logs',
    '/logs?instance=nats%4010.0.0.1&log=server',
    '/logs?instance=nats&instance=web%40a&lines=100&since=15m&grep=a%7Cb&follow=false',
  ])('stands in the address: %s', (address) => {
    expect(addressOf(of(address.split('?')[1] ?? ''))).toBe(address);
  });

  it('takes no nonsense of an address', () => {
    expect(of('lines=7&instance=&since=&instance=a&instance=a')).toMatchObject({
      lines: 1000,
      since: null,
      selectors: ['a'],
    });
  });

  it('is asked of the server', () => {
    expect(queryOf(of('instance=a&log=x'), 0)).toEqual({
      select: ['a'],
      log: 'x',
      lines: 1000,
      sinceMs: null,
      grep: null,
      follow: true,
    });
    expect(queryOf(of('instance=a&since=1h&grep=x'), 10_000_000)).toMatchObject({
      lines: null,
      sinceMs: 6_400_000,
      grep: 'x',
    });
    // A search among what is there already looks further back than it shows.
    expect(queryOf(of('instance=a&grep=x'), 0)).toMatchObject({ lines: 10_000 });
    expect(queryOf(of('instance=a&grep=x&follow=false'), 0)).toMatchObject({ lines: 1_000 });
  });

  it('knows spans and moments', () => {
    expect(sinceMsOf('90s', 100_000)).toBe(10_000);
    expect(sinceMsOf('2d', 2 * 86_400_000)).toBe(0);
    expect(sinceMsOf('2026-11-21T04:15:00Z', 0)).toBe(Date.UTC(2026, 10, 21, 4, 15));
    expect(sinceMsOf('yesterday', 0)).toBeNull();
  });

  it('marks words only, no expressions', () => {
    expect(literalOf('disk full')).toBe('disk full');
    expect(literalOf('a|b')).toBeNull();
    expect(literalOf('')).toBeNull();
  });

  it('adds and takes away what is chosen', () => {
    const choice = of('instance=nats%40a&log=server');
    expect(toggled(choice, 'web@a', COMPONENTS)).toMatchObject({ selectors: ['nats@a', 'web@a'], log: null });
    expect(toggled(choice, 'nats@a', COMPONENTS).selectors).toEqual([]);
    expect(toggled(choice, 'nats', COMPONENTS).selectors).toEqual(['nats']);
    expect(toggled(of('instance=nats'), 'nats@b', COMPONENTS).selectors).toEqual(['nats@a']);
  });
});
