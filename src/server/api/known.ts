import { openStore } from '../../app/locate-state.ts';
import { DiagnosticsError, firstError } from '../../diagnostics/diagnostic.ts';
import type { State } from '../../state/model.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';

/** The same, but what is not known is 404: for use cases that find something by its name. */
export async function known<T>(find: () => T | Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    const first = firstError(error.diagnostics);
    throw new HttpError(404, first?.summary ?? 'There is no such thing', first?.detail);
  }
}

/** The state as it is stored; null: nothing was applied yet. Rejects with `StateError` when it is damaged. */
export async function storedState({ directory, ports }: ServerUseCases): Promise<State | null> {
  const store = await openStore(directory, ports);
  return (await store.read())?.state ?? null;
}

/** The state, or 404. */
export async function appliedState(use: ServerUseCases): Promise<State> {
  const state = await storedState(use);
  if (state !== null) return state;
  throw new HttpError(404, 'Nothing was applied yet', 'Make a plan, and apply it.');
}
