import type { Command } from './command.ts';
import { powerCommand } from './power.ts';

export const start: Command = powerCommand({
  action: 'start',
  summary: 'start services: dependencies first, and healthy before what needs them',
  details: [
    'All instances of a component are started at once, and then checked. They are enabled again for the next boot of their',
    'host, where their definition wants that. What runs already stays as it is.',
  ],
});
