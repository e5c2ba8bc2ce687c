import type { Command } from './command.ts';
import { positionals } from './positionals.ts';

export const forceUnlock: Command = {
  name: 'force-unlock',
  summary: 'break the lock of a process that is gone for good',
  usage: 'ID',
  options: {},
  details:
    'ID stands in the message of the command that found the state locked. The lock of a process that died on this machine\n' +
    'is broken by the next command by itself; this is for locks that another machine left behind. Never break the lock of\n' +
    'a run that is still at work: two runs would change the same hosts.',
  async run(context) {
    const { args, directory, terminal } = context;
    const [id = ''] = positionals(args, forceUnlock, { min: 1, max: 1 });
    const [{ openStore }, ports] = await Promise.all([import('../app/locate-state.ts'), context.offline()]);
    const store = await openStore(directory, ports);
    const held = await store.lockInfo();
    await store.forceUnlock(id);
    const whose = held === null ? '' : ` It was held by ${held.owner} (${held.operation}, run ${held.run}).`;
    terminal.stdout.write(`The state is unlocked.${whose}\n`);
    return 0;
  },
};
