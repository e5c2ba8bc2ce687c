import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const trust: Command = {
  name: 'trust',
  summary: 'record the keys of hosts once you have confirmed them',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('trust does not work yet.')),
};
