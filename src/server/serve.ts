import type { ServeOptions, RunningServer } from '../app/serve/serve-options.ts';
import type { ServerUseCases } from './use-cases.ts';

/** Listens, with all groups of routes. Rejects before that when the options do not go together, or the address is taken. */
export async function startServer(options: ServeOptions, use: ServerUseCases): Promise<RunningServer> {
  await Promise.resolve();
  throw new Error(`not yet: ${options.host} ${use.directory}`);
}
