import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { hostParallelism, hostRequest } from './host-commands.ts';
import { renderHardware } from './view/hardware-text.ts';

const PARALLELISM = 64;

export const hardware: Command = {
  name: 'hardware',
  summary: 'what hosts consist of, and whether that is enough for what is on them',
  usage: '[options] [SELECTOR...]',
  options: {
    verbose: { type: 'boolean', help: 'all of each host, not a line' },
    json: { type: 'boolean', help: 'as JSON' },
    parallelism: { type: 'string', value: 'N', help: `hosts asked at the same time (${PARALLELISM})` },
    ...VARIABLE_OPTIONS,
  },
  details: [
    'A line per host, and what falls short of the `requires` of the instances there; all that is known of it where one host is',
    'selected. Changes nothing. SELECTOR: a component (nats), an instance (nats@ADDRESS) or a host (@ADDRESS); all hosts',
    'without any.',
    '',
    'Exit code: 0 all hosts answered, 1 one did not, or an error.',
  ].join('\n'),
  async run(context) {
    const { args, directory, terminal } = context;
    const parallelism = hostParallelism(args, PARALLELISM);
    const [{ openCluster }, { selectHosts }, { hardwareOfCluster }, ports] = await Promise.all([
      import('../app/operate/open-cluster.ts'),
      import('../app/operate/select-hosts.ts'),
      import('../app/operate/hardware.ts'),
      context.ports(),
    ]);
    const interrupts = context.interrupts();
    const done = new AbortController();
    const signal = AbortSignal.any([interrupts.stopping, done.signal]);
    const { clock } = ports;
    const request = hostRequest(context, clock, signal);
    const cluster = await openCluster(directory, { outageMs: 0, ...request }, ports);
    try {
      const hosts = selectHosts(cluster.state, args.positionals);
      const report = await hardwareOfCluster(cluster, hosts, { parallelism, signal, clock });
      if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const { color, width } = terminal;
        const verbose = args.flag('verbose') || hosts.length === 1;
        terminal.stdout.write(renderHardware(report, { color, width, verbose }));
      }
      return report.hosts.every(({ problem }) => problem === null) ? 0 : 1;
    } finally {
      done.abort();
      await cluster.close();
      interrupts.dispose();
    }
  },
};
