import type { UserTerminal } from '../host/connection.ts';
import { VARIABLE_OPTIONS, type Command, type Terminal } from './command.ts';
import { hostRequest } from './host-commands.ts';
import { showError } from './show-error.ts';
import { UsageError } from './usage-error.ts';

/** The host did not answer, or the connection broke: as ssh says it. */
const NO_ANSWER = 255;

export const ssh: Command = {
  name: 'ssh',
  summary: 'a shell on a host',
  usage: '[options] HOST|INSTANCE [-- COMMAND [ARG]...]',
  options: {
    become: { type: 'boolean', help: 'as root, by sudo' },
    ...VARIABLE_OPTIONS,
  },
  details: [
    'HOST is an address or a name; an instance (nats@ADDRESS), or a component that stands on one host only, means its host. The way',
    'there is that of every other command: keys, passwords, jump hosts. `~.` at the start of a line ends the session from here, `~~`',
    'is a tilde. With COMMAND (as for `exec`) that runs instead of a shell; without a terminal its input and outputs are ours.',
    '',
    'The exit code is that of the shell or the command, 255 where the host does not answer.',
    'Under the provider "local" it is your own shell, in the directory of the instance or the host.',
  ].join('\n'),
  async run(context) {
    const { args, directory, terminal } = context;
    const words = args.afterDashes ?? [];
    const names = args.positionals.slice(0, args.positionals.length - words.length);
    const [name] = names;
    if (name === undefined) throw new UsageError(`To which host? Usage: slipway ssh ${ssh.usage}`);
    if (names.length > 1)
      throw new UsageError(
        `"${names[1] ?? ''}" is too much; a command stands after --. Usage: slipway ssh ${ssh.usage}`,
      );
    const isAtTerminal = terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
    if (!isAtTerminal && words.length === 0)
      throw new UsageError(
        'A shell needs a terminal, and this is none: give a command after --, or use `slipway exec`.',
      );
    const [{ openCluster }, { selectHost }, { pipeThroughHost, visitHost }, ports] = await Promise.all([
      import('../app/operate/open-cluster.ts'),
      import('../app/operate/select-hosts.ts'),
      import('../app/operate/interact.ts'),
      context.ports(),
    ]);
    const interrupts = context.interrupts();
    const signal = interrupts.stopping;
    const cluster = await openCluster(directory, hostRequest(context, ports.clock, signal), ports);
    try {
      const visit = { ...selectHost(cluster.state, name), words, asRoot: args.flag('become') };
      const { code } = isAtTerminal
        ? await visitHost(cluster, visit, userTerminal(terminal), signal)
        : await pipeThroughHost(cluster, visit, terminal, signal);
      if (code === null && isAtTerminal) terminal.stderr.write(`\nThe session on ${visit.host} has ended.\n`);
      return code ?? NO_ANSWER;
    } catch (error) {
      const { HostError } = await import('../host/connection.ts');
      if (!(error instanceof HostError)) throw error;
      await showError(error, terminal, directory);
      return NO_ANSWER;
    } finally {
      await cluster.close();
      interrupts.dispose();
    }
  },
};

function userTerminal({ stdin, stdout, stderr }: Terminal): UserTerminal {
  const locale = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && /^(?:LANG|LC_[A-Z]+)$/.test(name) ? [[name, value] as const] : [],
  );
  return { stdin, stdout, stderr, type: process.env['TERM'] ?? 'vt100', locale: Object.fromEntries(locale) };
}
