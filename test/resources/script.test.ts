import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostObservation, ProbeAnswer } from '../../src/host/observation.ts';
import type { RecordEntry } from '../../src/host/record.ts';
import type { DesiredScript, KindContext, ResourceChange } from '../../src/resources/resource.ts';
import { script } from '../../src/resources/script.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';

const context = { lineage: 'L', instance: 'web@h' } as KindContext;
const KEY = 'script web@h/script.schema';

function desired(create: string, more: Partial<DesiredScript> = {}): DesiredScript {
  return {
    kind: 'script',
    address: 'script.schema',
    range: {} as DesiredScript['range'],
    once: false,
    create,
    unless: null,
    destroy: null,
    triggersDigest: 'T1',
    secrets: new Map(),
    timeoutSeconds: 20,
    ...more,
  };
}

describe.each(SHELLS)('script steps on %s', (_name, shell) => {
  const hosts: StepHost[] = [];
  function host(): StepHost {
    const opened = openStepHost(shell);
    hosts.push(opened);
    return opened;
  }
  afterEach(() => {
    for (const opened of hosts.splice(0)) opened.close();
  });

  function run(at: StepHost, resource: DesiredScript) {
    const secrets = new Map<string, string | Uint8Array>();
    const change = { action: 'run', resource, reason: { because: 'new' } } as const;
    const step = script.apply(change, at.entry(KEY), context, secrets);
    return at.run(script.functions, step, secrets);
  }

  it('runs the text byte for byte, apart from the step, and notes that it is done', async () => {
    const at = host();
    const text = `printf '%s\\n' "it's \${HOME:+set}" '\\n %s "q"' "\\$x"\n# æ – ✓\ncat\npwd\necho last\n`;
    expect(await run(at, desired(text))).toEqual({
      code: 0,
      output: `it's set\n\\n %s "q"\n$x\n/\nlast\n`,
    });
    const entry = at.entry(KEY);
    expect(entry?.notes.get('done')).toBe('T1');
    expect(entry?.owners).toEqual([{ lineage: 'L', instance: 'web@h', resource: 'script.schema' }]);
  });

  it('shows a script exactly its own secrets, as files, and leaves none', async () => {
    const at = host();
    const resource = desired('ls $SECRETS; cat "$SECRETS/pw"; stat -c %a "$SECRETS/pw"', {
      secrets: new Map([
        ['pw', 'geheim\n'],
        ['other.key', 'x'],
      ]),
    });
    expect(await run(at, resource)).toEqual({ code: 0, output: 'other.key\npw\ngeheim\n600\n' });
    expect(readdirSync(join(at.root, 'secrets'))).toEqual([]);
  });

  it('fails with the exit code of the script, at its first failing command, and is not done then', async () => {
    const at = host();
    const result = await run(at, desired('echo one; (exit 9); echo two'));
    expect(result).toEqual({ code: 1, output: 'one\ndied: it failed with exit code 9\n' });
    expect(at.entry(KEY)?.notes.has('done')).toBe(false);
    expect(at.entry(KEY)?.owners).toHaveLength(1);
  });

  it('ends a script that takes too long', async () => {
    const at = host();
    const since = Date.now();
    const result = await run(at, desired('exec sleep 30', { timeoutSeconds: 1 }));
    expect(result.code).toBe(1);
    expect(result.output).toContain('died: it did not finish within 1 s');
    expect(Date.now() - since).toBeLessThan(5000);
  });

  it('carries a text beyond what an argument may hold', async () => {
    const at = host();
    const text = `: '${'x'.repeat(200_000)}'\necho end\n`;
    expect(await run(at, desired(text))).toEqual({ code: 0, output: 'end\n' });
  });

  it('runs destroy at the removal, by what state recorded', async () => {
    const at = host();
    const mark = join(at.root, 'mark');
    const resource = desired(`touch ${mark}`, { destroy: `rm ${mark}` });
    await run(at, resource);
    expect(existsSync(mark)).toBe(true);
    const attributes = script.attributes(resource, context);
    const recorded = { kind: 'script', address: 'script.schema', key: KEY, attributes } as const;
    const reason = { because: 'removed-from-spec' } as const;
    const removal = { action: 'remove', recorded, reason, fate: { fate: 'deleted' } } as const;
    const step = script.remove(removal, at.entry(KEY), context);
    expect(await at.run(script.functions, step)).toEqual({ code: 0, output: '' });
    expect(existsSync(mark)).toBe(false);
    expect(readFileSync(join(at.state, 'record'), 'utf8')).toContain('forget');
    expect(at.entry(KEY)).toBe(null);
  });
});

describe('when a script runs', () => {
  const owners = [{ lineage: 'L', instance: 'web@h', resource: 'script.schema' }];
  const entry = (notes: Record<string, string>): RecordEntry => ({
    key: KEY,
    owners,
    before: null,
    notes: new Map(Object.entries(notes)),
  });
  const done = entry({ done: 'T1' });

  function plan(resource: DesiredScript, code: number | null, known: RecordEntry | null): ResourceChange {
    const answer: ProbeAnswer = { probe: 'command', code: code ?? 1, output: '' };
    const answers = new Map([[`command ${KEY}`, answer]]);
    const observed = script.observe(resource, { answers } as unknown as HostObservation, context);
    const attributes = script.attributes(desired('x', { unless: resource.unless }), context);
    const prior =
      known === null ? null : ({ kind: 'script', address: 'script.schema', key: KEY, attributes } as const);
    return script.diff(resource, observed, prior, known, context);
  }

  it.each([
    ['unrecorded', desired('x'), null, null, 'run', 'new'],
    ['unrecorded, unless fails', desired('x', { unless: 'u' }), 1, null, 'run', 'new'],
    ['unrecorded, unless succeeds', desired('x', { unless: 'u' }), 0, null, 'adopt', null],
    ['done', desired('x'), null, done, 'none', null],
    ['done, unless succeeds', desired('x', { unless: 'u' }), 0, done, 'none', null],
    ['done, unless fails', desired('x', { unless: 'u' }), 1, done, 'run', 'drifted'],
    ['a trigger changed', desired('x', { triggersDigest: 'T2' }), null, done, 'run', 'input-changed'],
    [
      'a trigger changed, unless succeeds',
      desired('x', { unless: 'u', triggersDigest: 'T2' }),
      0,
      done,
      'run',
      'input-changed',
    ],
    ['started, not finished', desired('x'), null, entry({}), 'run', 'unfinished'],
    ['only its text changed', desired('y'), null, done, 'update', 'input-changed'],
  ] as const)('%s', (_case, resource, code, known, action, because) => {
    const change = plan(resource, code, known);
    expect(change.action).toBe(action);
    expect('reason' in change ? change.reason.because : null).toBe(because);
  });

  it('a text that changed is only noted by state', () => {
    const change = plan(desired('y'), null, done) as ResourceChange & { resource: DesiredScript };
    expect(script.apply(change, done, context, new Map())).toBe(null);
  });

  it('belongs to the component when it runs once', () => {
    expect(script.key(desired('x', { once: true }), context)).toBe('script web/script.schema');
  });

  it('stays undestroyed when it was as wanted before slipway', () => {
    const attributes = script.attributes(desired('x', { destroy: 'd' }), context);
    const recorded = { kind: 'script', address: 'script.schema', key: KEY, attributes } as const;
    const adopted = { ...done, before: 'as-wanted' };
    const fate = (known: RecordEntry) =>
      script.planRemoval(
        recorded,
        { record: { entries: new Map([[KEY, known]]) } } as unknown as HostObservation,
        context,
      ).fate;
    expect(fate(adopted)).toBe('kept');
    expect(fate(done)).toBe('deleted');
  });
});
