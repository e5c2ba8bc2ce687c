import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

export const graph: Command = {
  name: 'graph',
  summary: 'print the dependencies of components as DOT',
  usage: '[options]',
  options: {},
  run: () => Promise.reject(new UsageError('graph does not work yet.')),
};
