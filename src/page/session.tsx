import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { ApiContext } from './api/api-context.ts';
import type { ApiError } from './api/api-error.ts';
import { createApi, type Tokens } from './api/client.ts';
import { TokenDialog } from './token-dialog.tsx';

const KEY = 'slipway.token';

interface Question {
  readonly sent: string | null;
  readonly error: ApiError;
  readonly answered: Promise<void>;
  readonly answer: () => void;
}

/** Talks to the server for all that is within, and asks for a token where the server does. */
export function Session({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [question, setQuestion] = useState<Question | null>(null);
  const api = useMemo(() => {
    let asking: Question | null = null;
    const tokens: Tokens = {
      get: () => sessionStorage.getItem(KEY),
      renew(sent, error) {
        // Another request has been given one meanwhile.
        if (tokens.get() !== sent) return Promise.resolve();
        if (asking !== null) return asking.answered;
        let answer = (): void => undefined;
        const answered = new Promise<void>((resolve) => (answer = resolve)).then(() => {
          asking = null;
          setQuestion(null);
        });
        asking = { sent, error, answered, answer };
        setQuestion(asking);
        return answered;
      },
    };
    return createApi(tokens);
  }, []);
  return (
    <ApiContext.Provider value={api}>
      {children}
      {question === null ? null : (
        <TokenDialog
          wasRefused={question.sent !== null}
          error={question.error}
          onToken={(token) => {
            sessionStorage.setItem(KEY, token);
            question.answer();
          }}
        />
      )}
    </ApiContext.Provider>
  );
}
