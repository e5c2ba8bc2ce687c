import type { AcceptedConfig, ConfigUse } from './config.ts';

/**
 * Takes a configuration: checks it together with the whole spec, and only then writes it to `deployment-engine_override.json`, mode
 * 0600. `posted` is JSON that was parsed: `{"components": {NAME: [ADDRESS, ...]}, "properties": {NAME: value}}`, keys without regard to
 * case. A component that it leaves out gets no hosts; a sensitive variable given as `(sensitive)` keeps what it has. Throws
 * `DiagnosticsError` with everything that is wrong; then nothing has changed. `StateError`s do not occur.
 */
export async function proposeOverride(use: ConfigUse, posted: unknown): Promise<AcceptedConfig> {
  await Promise.resolve();
  throw new Error(`not there yet: ${use.directory}, ${typeof posted}`);
}
