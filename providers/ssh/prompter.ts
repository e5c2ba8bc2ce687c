/** Asks the person at the terminal; undefined: nobody there, or no answer. */
export type Prompter = (question: {
  readonly host: string;
  readonly text: string;
  /** Not to be echoed. */
  readonly secret: boolean;
}) => Promise<string | undefined>;
