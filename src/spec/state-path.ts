/** Where the state lies when the spec does not say it, in the working directory. */
export const DEFAULT_STATE_PATH = 'slipway.state.json';
