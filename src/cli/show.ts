import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const show: Command = {
  name: 'show',
  summary: 'show the state, or a saved plan',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('show does not work yet.')),
};
