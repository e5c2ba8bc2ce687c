import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const forceUnlock: Command = {
  name: 'force-unlock',
  summary: 'break the lock of a process that is gone for good',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('force-unlock does not work yet.')),
};
