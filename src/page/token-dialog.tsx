import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from './api/api-error.ts';
import { Dialog } from './parts/dialog.tsx';

export interface TokenDialogProps {
  /** Whether one was sent, and was none of the server's. */
  readonly wasRefused: boolean;
  readonly error: ApiError;
  readonly onToken: (token: string) => void;
}

/** Asks for the token that `slipway serve --token-file` wants. It cannot be closed: without one there is nothing to see. */
export function TokenDialog({ wasRefused, error, onToken }: TokenDialogProps): JSX.Element {
  const [token, setToken] = useState('');
  const submit = (): void => {
    if (token.trim() !== '') onToken(token.trim());
  };
  return (
    <Dialog
      title="Who are you?"
      onClose={null}
      isLight={false}
      onSubmit={submit}
      actions={
        <button type="submit" class="button button-main">
          Go on
        </button>
      }
    >
      <p>This server asks for a token. Whoever runs it has one for you in its token file.</p>
      <label class="field">
        <span class="field-label">Token</span>
        <input
          class="input mono"
          type="password"
          autoComplete="current-password"
          spellcheck={false}
          autofocus
          value={token}
          aria-invalid={wasRefused}
          aria-describedby="token-note"
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <p
        id="token-note"
        class={wasRefused ? 'field-error' : 'field-note'}
        role={wasRefused ? 'alert' : undefined}
      >
        {wasRefused ? error.summary : 'It is kept until this tab is closed.'}
      </p>
    </Dialog>
  );
}
