import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const validate: Command = {
  name: 'validate',
  summary: 'check the spec without asking any host',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('validate does not work yet.')),
};
