import type { Command } from './command.ts';
import { powerCommand } from './power.ts';

export const stop: Command = powerCommand({
  action: 'stop',
  summary: 'stop services, dependants first; they stay stopped until `slipway start`',
  details: [
    'What was stopped stays down across applies and reboots of its host until `slipway start`; an apply keeps its files up',
    'to date. A drain command runs before the stop. A host that cannot be reached does not hold up the others.',
  ],
});
