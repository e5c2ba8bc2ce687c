import { describe, expect, it } from 'vitest';
import { redactLike, restoreSecrets, specRedaction } from '../../src/app/history-redaction.ts';
import { Sensitive, type Value } from '../../src/spec/value.ts';
import type { Workspace } from '../../src/spec/workspace.ts';

/** Of a workspace only its variables matter here. */
function redaction(values: Readonly<Record<string, Value>>, defaults: Readonly<Record<string, Value>> = {}) {
  const declared = Object.entries(defaults).map(([name, value]) => [name, { name, default: value }] as const);
  const workspace = { variables: new Map(declared) } as unknown as Workspace;
  return specRedaction(workspace, new Map(Object.entries(values)));
}

describe('literals of sensitive variables', () => {
  it('go, each under the name of its variable, as they are and as they stand between quotes', () => {
    const redact = redaction({ pw: new Sensitive('p"${w}'), pin: new Sensitive(123456), open: 'visible' });
    expect(redact('a = "p\\"$${w}" # p"${w}\nb = 123456\nc = "visible"\n')).toEqual({
      text: 'a = "(sensitive:pw)" # (sensitive:pw)\nb = (sensitive:pin)\nc = "visible"\n',
      variables: ['pin', 'pw'],
    });
  });

  it('are found among defaults too, the longest first', () => {
    const redact = redaction({ pw: new Sensitive('secret-1') }, { other: new Sensitive('secret-123') });
    expect(redact('"secret-123" "secret-1"').text).toBe('"(sensitive:other)" "(sensitive:pw)"');
  });

  it('come back from today, so that the text means the same', () => {
    const text = 'a = "p\\"$${w}"\nb = 123456\n';
    const values: Record<string, Value> = { pw: new Sensitive('p"${w}'), pin: new Sensitive(123456) };
    const redacted = redaction(values)(text);
    expect(restoreSecrets(redacted, (name) => values[name])).toEqual({ text, missing: [] });
  });

  it.each<[string, Value | undefined]>([
    ['no value', undefined],
    ['several texts', new Sensitive(['one-text', 'two-texts'])],
    ['several lines', new Sensitive('line one\nline two')],
  ])('do not come back from %s', (_, value) => {
    const redacted = { text: 'a = "(sensitive:pw)"\n', variables: ['pw'] };
    expect(restoreSecrets(redacted, () => value)).toEqual({ text: redacted.text, missing: ['pw'] });
  });

  it('do not show when a text is compared with one they were taken from', () => {
    const model = 'x = 1\npassword = "(sensitive:pw)"\n';
    expect(redactLike('x = 2\npassword = "hunter22"\n', model)).toBe('x = 2\npassword = "(sensitive:pw)"\n');
    expect(redactLike('x = 2\n', 'x = 1\n')).toBe('x = 2\n');
  });
});
