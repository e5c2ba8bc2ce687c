import { describe, expect, it } from 'vitest';
import {
  byField,
  draftOf,
  hostChanges,
  hostsIn,
  kindOf,
  postedConfig,
  touched,
} from '../../../src/page/views/plan/scale-model.ts';
import type { Diagnostic } from '../../../src/page/api/types.ts';

const config = {
  components: { nats: ['10.0.0.1', '10.0.0.2'], 'nats-box': [] },
  properties: { domain: 'a.example', workers: 2, debug: false, zones: ['a', 'b'], password: '(sensitive)' },
};

describe('a configuration that is typed', () => {
  it('is posted as it came where nothing was typed', () => {
    expect(postedConfig(config, draftOf(config))).toEqual(config);
    expect(touched(config, draftOf(config))).toEqual({ components: [], values: [] });
  });

  it('keeps the types of its values', () => {
    const draft = draftOf(config);
    const posted = postedConfig(config, {
      hosts: { ...draft.hosts, nats: '10.0.0.2, 10.0.0.3\n\n', 'nats-box': '::1' },
      values: { domain: '7', workers: '15', debug: 'true', zones: '["c"]', password: 'secret' },
    });
    expect(posted).toEqual({
      components: { nats: ['10.0.0.2', '10.0.0.3'], 'nats-box': ['::1'] },
      properties: { domain: '7', workers: 15, debug: true, zones: ['c'], password: 'secret' },
    });
  });

  it('leaves to the server what cannot be of its type', () => {
    const draft = draftOf(config);
    const { properties } = postedConfig(config, {
      ...draft,
      values: { ...draft.values, workers: 'many', zones: '[' },
    });
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
