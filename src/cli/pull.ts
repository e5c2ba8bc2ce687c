import path from 'node:path';
import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { HOST_OPTIONS } from './host-commands.ts';
import { transferArguments, transferOnHosts } from './transfer-command.ts';
import { UsageError } from './usage-error.ts';

export const pull: Command = {
  name: 'pull',
  summary: 'fetch a file or a directory from hosts',
  usage: '[options] SELECTOR... REMOTE LOCAL',
  options: {
    all: HOST_OPTIONS.all,
    force: { type: 'boolean', help: 'a directory takes the place of what is here' },
    parallelism: { ...HOST_OPTIONS.parallelism, help: 'hosts worked on at the same time (16)' },
    json: HOST_OPTIONS.json,
    ...VARIABLE_OPTIONS,
  },
  details: [
    'Once per host, as root where the provider has `become`; nothing is written there. REMOTE is absolute. From one host: to LOCAL, or',
    'into it where it is a directory or ends with a slash. From several: to LOCAL/HOST/NAME.',
    '',
    'It arrives beside its place, is verified by SHA-256, and takes its place by one rename. Modes are kept, the owner is you. Of a',
    'directory, links that lead out of it, devices, sockets and pipes are left out, and named.',
  ].join('\n'),
  async run(context) {
    const { args, directory } = context;
    const { selectors, from, to } = transferArguments(args, `pull ${pull.usage}`);
    const remote = path.posix.normalize(from).replace(/(.)\/+$/, '$1');
    if (!remote.startsWith('/'))
      throw new UsageError(`REMOTE is an absolute path on the hosts, not "${from}".`);
    if (remote === '/')
      throw new UsageError('The whole of a host cannot be fetched: name something below /.');
    const target = {
      remote,
      local: path.resolve(directory, to),
      into: to.endsWith('/'),
      replace: args.flag('force'),
    };
    /** As it was named: relative to the working directory, where it lies in it. */
    const shown = (place: string): string => {
      const relative = path.relative(directory, place);
      return path.isAbsolute(to) || relative.startsWith('..') ? place : relative;
    };
    return transferOnHosts(
      context,
      selectors,
      async ({ cluster, hosts, viewFor }) => {
        const { pullFromHosts } = await import('../app/operate/transfer.ts');
        return pullFromHosts(cluster, hosts, target, viewFor(null));
      },
      shown,
    );
  },
};
