import type { Command } from './command.ts';
import { powerCommand } from './power.ts';

export const restart: Command = powerCommand({
  action: 'restart',
  summary: "restart services, rolling by each component's update rules",
  details: [
    'Dependencies go first. Within a component: canaries, then batches of max_in_flight; each has to be healthy, and is',
    'watched, before the next one. A batch that fails stops the later ones. What is stopped stays stopped.',
  ],
});
