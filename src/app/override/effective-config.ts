import type { ConfigUse, EffectiveConfig } from './config.ts';

/**
 * The configuration in force: of the spec, with the override laid over it. Variables that have no value yet are no hindrance. Throws
 * `DiagnosticsError` when the spec or the override is damaged.
 */
export async function effectiveConfig(use: ConfigUse): Promise<EffectiveConfig> {
  await Promise.resolve();
  throw new Error(`not there yet: ${use.directory}`);
}
