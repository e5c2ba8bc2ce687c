import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const fmt: Command = {
  name: 'fmt',
  summary: 'lay out spec files in the canonical way',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('fmt does not work yet.')),
};
