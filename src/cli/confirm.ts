import type { CommandContext } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Shows what is about to happen ('': it stands there already) and wants a typed `yes`; `--auto-approve` answers it. Throws `UsageError` where nobody can. */
export async function confirm(
  question: string,
  { args, terminal }: CommandContext,
  answeredBy = '--auto-approve',
): Promise<boolean> {
  if (args.flag('auto-approve')) return true;
  if (question !== '') terminal.stdout.write(`${question}\n`);
  if (!terminal.interactive) throw new UsageError(`Nobody can confirm this here: give ${answeredBy}.`);
  const { ask } = await import('./prompt.ts');
  return (await ask(terminal, 'Go on? Only "yes" is a yes: ', { secret: false })).trim() === 'yes';
}
