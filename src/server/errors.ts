import { DeskBusy } from '../app/serve/run-desk.ts';
import { DiagnosticsError, firstError } from '../diagnostics/diagnostic.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { HostError } from '../host/connection.ts';
import { StateError } from '../state/store.ts';
import { HttpError, type ErrorBody } from './http-error.ts';

/**
 * What went wrong, as an answer. What nobody foresaw is told to `onBug` and not to who asked: its message may hold anything.
 */
export function asHttpError(error: unknown, onBug: (error: unknown) => void): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof DiagnosticsError) {
    const first = firstError(error.diagnostics);
    return new HttpError(400, first?.summary ?? 'The request cannot be carried out', first?.detail, {
      diagnostics: error.diagnostics,
    });
  }
  if (error instanceof DeskBusy)
    return new HttpError(
      409,
      error.run === null ? 'The server takes no more runs' : 'A run is going on',
      error.message,
      error.run === null ? {} : { run: error.run },
    );
  if (error instanceof StateError)
    return new HttpError(statusOfState(error), error.message.replace(/\.$/, ''), error.remedy);
  if (error instanceof HostError) return new HttpError(502, 'A host cannot be worked with', error.message);
  const ofFramework = frameworkError(error);
  if (ofFramework !== null) return ofFramework;
  onBug(error);
  return new HttpError(500, 'Something went wrong in the server', 'Its own log says what.');
}

export function errorBody({ summary, detail, more: { diagnostics, run } }: HttpError): ErrorBody {
  return {
    error: {
      summary,
      ...(detail === undefined ? {} : { detail }),
      ...(diagnostics === undefined ? {} : { diagnostics }),
      ...(run === undefined ? {} : { run }),
    },
  };
}

function statusOfState({ kind }: StateError): number {
  switch (kind) {
    case 'locked':
    case 'conflict':
      return 409;
    case 'damaged':
    case 'newer':
    case 'other-lineage':
    case 'io':
      return 500;
    default:
      return unreachable(kind);
  }
}

/** Fastify's own refusals: a body that is too large, of a strange type, or not as its schema wants it. */
function frameworkError(error: unknown): HttpError | null {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return null;
  const { statusCode: status, message } = error;
  if (status < 400 || status > 499) return null;
  const summary =
    'validation' in error
      ? 'The request is not as it should be'
      : status === 413
        ? 'The body is too large'
        : status === 415
          ? 'The type of the body is not known'
          : 'The request cannot be read';
  return new HttpError(status, summary, message);
}
