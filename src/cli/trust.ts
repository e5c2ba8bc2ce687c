import type { OfferedKey } from '../app/ports.ts';
import type { TrustSubject } from '../app/trust.ts';
import { errorOnHost, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { count } from '../terminal/amounts.ts';
import { VARIABLE_OPTIONS, type Command, type CommandContext } from './command.ts';
import { confirm } from './confirm.ts';
import { variableArguments } from './plan-request.ts';
import { positionals } from './positionals.ts';
import { showDiagnostics } from './show-error.ts';

type Answering = Extract<TrustSubject, { offered: unknown }>;

export const trust: Command = {
  name: 'trust',
  summary: 'record the keys of hosts once you have confirmed them',
  usage: '[options] [HOST]...',
  options: {
    ...VARIABLE_OPTIONS,
    fingerprint: {
      type: 'string',
      multiple: true,
      value: 'SHA256:...',
      help: 'record keys with this fingerprint, without asking',
    },
    'auto-approve': { type: 'boolean', help: 'record every key shown, without asking' },
  },
  details:
    'HOST is an address, or the name of a host block; without it all hosts of the spec that are reached over SSH are asked.\n' +
    'Compare the fingerprints with what the console of the machine says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub),\n' +
    'then type yes: the keys go into known_hosts, and slipway may send a password to these hosts. A changed key is never\n' +
    'replaced. For scripts: --fingerprint, which must be one of the host.',
  async run(context) {
    const { args, directory, terminal } = context;
    const names = positionals(args, trust);
    const [{ askForKeys }, ports] = await Promise.all([import('../app/trust.ts'), context.ports()]);
    const subjects = await askForKeys(directory, names, variableArguments(args), ports);
    const answering = subjects.filter((subject): subject is Answering => 'offered' in subject);
    for (const subject of answering) terminal.stdout.write(keysOf(subject));
    const problems = subjects.flatMap((subject) =>
      'offered' in subject ? problemsOf(subject, args.list('fingerprint')) : [subject.failure],
    );
    await showDiagnostics(problems, terminal, directory);
    const refused = new Set(problems.flatMap(({ subject }) => (subject.at === 'host' ? [subject.host] : [])));
    const open = answering.filter(({ host, offered }) => !refused.has(host) && isOpen(offered.keys));
    if (open.length > 0 && !(await record(open, context))) {
      terminal.stdout.write('Nothing was recorded.\n');
      return 1;
    }
    return problems.length > 0 ? 1 : 0;
  },
};

async function record(subjects: readonly Answering[], context: CommandContext): Promise<boolean> {
  const { args, terminal } = context;
  const chosen = args.list('fingerprint');
  const all = subjects.flatMap(({ offered }) => offered.keys).filter((key) => key.status === 'unknown');
  const keys = chosen.length === 0 ? all : all.filter((key) => chosen.includes(key.fingerprint));
  if (chosen.length === 0) {
    const files = [...new Set(subjects.map(({ offered }) => offered.knownHostsPath))];
    const question = `Record ${count(keys.length, 'key')} of ${count(subjects.length, 'host')} in ${files.join(', ')}?`;
    if (!(await confirm(question, context, '--fingerprint=SHA256:... or --auto-approve'))) return false;
  }
  const fingerprints = new Set(keys.map((key) => key.fingerprint));
  // One after the other: they append to the same file.
  for (const { offered } of subjects) await offered.record(fingerprints);
  terminal.stdout.write(`Recorded ${count(keys.length, 'key')} of ${count(subjects.length, 'host')}.\n`);
  return true;
}

function isOpen(keys: readonly OfferedKey[]): boolean {
  return keys.some((key) => key.status === 'unknown');
}

const WORDS: Readonly<Record<OfferedKey['status'], string>> = {
  known: 'known already',
  unknown: 'not known yet',
  changed: 'CHANGED',
  revoked: 'REVOKED',
};

function keysOf({ host, offered }: Answering): string {
  const rows = offered.keys.map(
    ({ type, fingerprint, status }) => `  ${type.padEnd(20)} ${fingerprint}  ${WORDS[status]}\n`,
  );
  return `${host}\n${rows.join('')}`;
}

/** What forbids to record the keys of a host. */
function problemsOf({ host, offered }: Answering, chosen: readonly string[]): readonly Diagnostic[] {
  const { name, keys, knownHostsPath } = offered;
  if (keys.some((key) => key.status === 'changed')) {
    const detail = `${knownHostsPath} holds another key for it. When the machine was set up anew, remove that one first: ssh-keygen -R '${name}' -f ${knownHostsPath}. When it was not, somebody else may be answering.`;
    return [errorOnHost(host, 'Host key has changed', detail)];
  }
  if (keys.some((key) => key.status === 'revoked')) {
    return [errorOnHost(host, 'Host key is revoked', `${knownHostsPath} marks it as @revoked.`)];
  }
  if (chosen.length > 0 && !keys.some((key) => chosen.includes(key.fingerprint))) {
    const detail = `It shows none of the fingerprints given with --fingerprint. Nothing was recorded for it.`;
    return [errorOnHost(host, 'Host has another key', detail)];
  }
  return [];
}
