import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const init: Command = {
  name: 'init',
  summary: 'write a starter spec and definition',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('init does not work yet.')),
};
