import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const output: Command = {
  name: 'output',
  summary: 'print outputs of the last apply',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('output does not work yet.')),
};
