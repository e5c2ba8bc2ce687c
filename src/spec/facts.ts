import type { ValueObject } from './value.ts';

/** `host.facts` of a probed host: the attributes of docs/spec.md, in snake case. */
export type FactsValue = ValueObject;

/** What a probe says of a host as a value of the language: names in snake case (`memoryBytes` is `host.facts.memory_bytes`). */
export function factsValue(_facts: object): FactsValue {
  throw new Error('not there yet');
}
