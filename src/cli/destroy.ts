import { changeCluster, apply } from './apply.ts';
import type { Command } from './command.ts';
import { positionals } from './positionals.ts';

export const destroy: Command = {
  name: 'destroy',
  summary: 'take everything off the hosts that slipway put there',
  usage: '[options]',
  options: apply.options,
  run(context) {
    positionals(context.args, destroy, { max: 0 });
    return changeCluster('destroy', context);
  },
};
