import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Value } from '../../spec/value.ts';
import type { VariableArgument } from '../../spec/variables.ts';
import type { OfflinePorts } from '../ports.ts';

/** The working directory that a configuration belongs to. */
export interface ConfigUse {
  readonly directory: string;
  /** `--var` and `--var-file` of this process: they are stronger than an override. */
  readonly variables: readonly VariableArgument[];
  readonly ports: OfflinePorts;
}

/** A cluster as the deployment engine's API tells of it: where components are placed, and the values of variables. */
export interface EffectiveConfig {
  /** Canonical addresses, for every component of the spec in the order of the spec; none: `[]`. */
  readonly components: Readonly<Record<string, readonly string[]>>;
  /** By name, numbers exact: a bigint beyond 2^53. A sensitive one is the text `(sensitive)`. A variable without a value is left out. */
  readonly properties: Readonly<Record<string, Value>>;
}

/** A configuration that was taken. */
export interface AcceptedConfig {
  /** What is in force from now on. */
  readonly config: EffectiveConfig;
  /** Whether it differs from what was in force before. */
  readonly changed: boolean;
  /** What it shadows of the spec. */
  readonly warnings: readonly Diagnostic[];
  /** What was understood in another way than it was written: `Component "uua" is taken for uaa`. */
  readonly notes: readonly string[];
}
