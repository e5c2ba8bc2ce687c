import path from 'node:path';
import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { HOST_OPTIONS } from './host-commands.ts';
import type { Parsed } from './options.ts';
import { transferArguments, transferOnHosts } from './transfer-command.ts';
import { UsageError } from './usage-error.ts';

export const push: Command = {
  name: 'push',
  summary: 'put a file or a directory on hosts',
  usage: '[options] SELECTOR... LOCAL REMOTE',
  options: {
    all: HOST_OPTIONS.all,
    mode: { type: 'string', value: 'MODE', help: 'of a file, such as 0640' },
    owner: {
      type: 'string',
      value: 'USER[:GROUP]',
      help: 'owner there (root, or that of the file it replaces)',
    },
    force: { type: 'boolean', help: 'a directory takes the place of what is there' },
    parallelism: { ...HOST_OPTIONS.parallelism, help: 'hosts worked on at the same time (16)' },
    json: HOST_OPTIONS.json,
    ...VARIABLE_OPTIONS,
  },
  details: [
    'Once per host, as root where the provider has `become`. REMOTE is absolute; where it is a directory, LOCAL goes into it, as with',
    'scp. It arrives beside its place, is verified by SHA-256, and takes its place by one rename: whole or not at all.',
    '',
    'A new file has the mode of LOCAL; one that replaces another keeps its owner and mode, unless --owner or --mode is given.',
    'A directory is put where nothing is yet (or with --force instead of what is there); links in it stay links.',
    '',
    'What slipway manages shows as drift when it is changed this way, and the next apply puts it back.',
  ].join('\n'),
  async run(context) {
    const { args, directory } = context;
    const { selectors, from, to } = transferArguments(args, `push ${push.usage}`);
    if (!to.startsWith('/')) throw new UsageError(`REMOTE is an absolute path on the hosts, not "${to}".`);
    const [mode, owner] = [modeOf(args), ownerOf(args)];
    return transferOnHosts(context, selectors, async ({ cluster, hosts, signal, viewFor }) => {
      const [{ pushSource }, { pushToHosts }] = await Promise.all([
        import('../app/operate/push-source.ts'),
        import('../app/operate/transfer.ts'),
      ]);
      const parcel = await pushSource(path.resolve(directory, from), signal);
      if (parcel.kind === 'tree' && mode !== null)
        throw new UsageError('--mode is for a file; a directory keeps its modes.');
      const options = viewFor(parcel.sizeBytes * hosts.length);
      return pushToHosts(
        cluster,
        hosts,
        parcel,
        { path: to, mode, owner, replace: args.flag('force') },
        options,
      );
    });
  },
};

function modeOf(args: Parsed): string | null {
  const text = args.text('mode');
  if (text === undefined) return null;
  if (!/^[0-7]{3,4}$/.test(text))
    throw new UsageError(`--mode takes an octal mode such as 0644, not "${text}".`);
  return text;
}

function ownerOf(args: Parsed): string | null {
  const text = args.text('owner');
  if (text === undefined) return null;
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*\$?(?::[A-Za-z0-9_.][A-Za-z0-9_.-]*)?$/.test(text))
    throw new UsageError(`--owner takes USER or USER:GROUP, not "${text}".`);
  return text;
}
