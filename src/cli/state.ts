import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const state: Command = {
  name: 'state',
  summary: 'look into the state and mend it',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('state does not work yet.')),
};
