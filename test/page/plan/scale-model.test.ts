import { describe, expect, it } from 'vitest';
import {
  byField,
  draftOf,
  hostChanges,
  hostsIn,
  kindOf,
  postedConfig,
  touched,
  wayBack,
} from '../../../src/page/views/plan/scale-model.ts';
import type { Diagnostic } from '../../../src/page/api/types.ts';

const config = {
  components: { nats: ['10.0.0.1', '10.0.0.2'], 'nats-box': [] },
  properties: { domain: 'a.example', workers: 2, debug: false, zones: ['a', 'b'], password: '(sensitive)' },
};

describe('a configuration that is typed', () => {
  it('is posted as it came where nothing was typed', () => {
    expect(postedConfig(config, draftOf(config), config)).toEqual(config);
    expect(touched(config, draftOf(config))).toEqual({ components: [], values: [] });
  });

  it('leaves to the spec what nobody has changed', () => {
    const draft = draftOf(config);
    const typed = { ...draft, values: { ...draft.values, workers: '3' } };
    const { components } = config;
    expect(postedConfig(config, draft, null)).toEqual({ components, properties: {} });
    expect(postedConfig(config, typed, null)).toEqual({ components, properties: { workers: 3 } });
    // The secret that was posted stays; what the spec has no more goes.
    const override = { components, properties: { password: '(sensitive)', gone: '(sensitive)' } };
    expect(postedConfig(config, typed, override).properties).toEqual({ workers: 3, password: '(sensitive)' });
  });

  it('says what is another thing without it', () => {
    const override = {
      components: config.components,
      properties: {
        domain: 'a.example',
        workers: '2',
        debug: false,
        zones: ['a', 'b'],
        password: '(sensitive)',
      },
    };
    const spec = {
      components: { nats: ['10.0.0.1'], 'nats-box': [] },
      properties: { domain: 'b.example', workers: 2, zones: ['a'], password: '(sensitive)' },
    };
    expect(wayBack(config, { override, spec })).toEqual({
      components: [{ name: 'nats', before: ['10.0.0.1', '10.0.0.2'], after: ['10.0.0.1'] }],
      values: [
        { name: 'domain', before: '"a.example"', after: '"b.example"' },
        { name: 'debug', before: 'false', after: null },
        { name: 'zones', before: '["a","b"]', after: '["a"]' },
        { name: 'password', before: '(sensitive)', after: '(sensitive)' },
      ],
    });
    expect(wayBack(config, { override: { ...override, properties: {} }, spec: config })).toEqual({
      components: [],
      values: [],
    });
  });

  it('keeps the types of its values', () => {
    const draft = draftOf(config);
    const posted = postedConfig(
      config,
      {
        hosts: { ...draft.hosts, nats: '10.0.0.2, 10.0.0.3\n\n', 'nats-box': '::1' },
        values: { domain: '7', workers: '15', debug: 'true', zones: '["c"]', password: 'secret' },
      },
      null,
    );
    expect(posted).toEqual({
      components: { nats: ['10.0.0.2', '10.0.0.3'], 'nats-box': ['::1'] },
      properties: { domain: '7', workers: 15, debug: true, zones: ['c'], password: 'secret' },
    });
  });

  it('leaves to the server what cannot be of its type', () => {
    const draft = draftOf(config);
    const typed = { ...draft, values: { ...draft.values, workers: 'many', zones: '[' } };
    const { properties } = postedConfig(config, typed, null);
    expect(properties).toMatchObject({ workers: 'many', zones: '[' });
  });

  it('never shows a secret: an empty field leaves it as it is', () => {
    expect(kindOf(config.properties.password)).toBe('sensitive');
    expect(draftOf(config).values['password']).toBe('');
  });

  it('says which hosts come, go, and stand there twice', () => {
    expect(hostChanges(config.components.nats, '10.0.0.2 10.0.0.3 10.0.0.3')).toEqual({
      added: ['10.0.0.3'],
      removed: ['10.0.0.1'],
      twice: ['10.0.0.3'],
    });
    expect(hostsIn(' \n')).toEqual([]);
  });

  it('puts what is wrong beside the field that it is about', () => {
    const wrong = (detail: string): Diagnostic => ({
      severity: 'error',
      summary: 'Unknown host',
      detail,
      subject: { at: 'run' },
    });
    const found = byField(
      [
        wrong('components.nats[1]: No such host.'),
        wrong('components.nats-box: Too few.'),
        wrong('properties.workers: a number is needed.'),
        wrong('Something else.'),
      ],
      config,
    );
    expect([...found].map(([field, all]) => [field, all.map(({ detail }) => detail)])).toEqual([
      ['components.nats', ['No such host.']],
      ['components.nats-box', ['Too few.']],
      ['properties.workers', ['a number is needed.']],
      ['', ['Something else.']],
    ]);
  });
});
