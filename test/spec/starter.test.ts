import { expect, it } from 'vitest';
import { starterFiles } from '../../src/spec/starter.ts';
import { evaluateProject } from './project.ts';

it('the starter spec is right as it is and places one instance on this machine', async () => {
  const files = Object.fromEntries(starterFiles().map(({ path, text }) => [path, text]));
  const { said, instances, instance, cluster, outputs } = await evaluateProject(files);
  expect(said).toEqual([]);
  expect(instances).toEqual(['hello@127.0.1.1']);
  expect(cluster.hosts.get('127.0.1.1')?.provider.provider).toBe('local');
  expect(outputs.get('pages')?.value).toEqual(['http://127.0.1.1:8421/']);
  const { resources, unknowns } = instance('hello@127.0.1.1');
  expect(unknowns).toEqual([]);
  expect(resources[0]?.attributes.content).toBe(
    'Hello from slipway\nThis is instance 1 of 1, on 127.0.1.1.\n- 127.0.1.1\n',
  );
});
