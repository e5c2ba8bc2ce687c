import { loadProject } from '../app/project.ts';
import { preflight as runPreflight } from '../app/operate/preflight.ts';
import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { positiveNumber, variableArguments, variablePrompt } from './plan-request.ts';
import { showDiagnostics } from './show-error.ts';
import { renderPreflight } from './view/preflight-text.ts';

export const preflight: Command = {
  name: 'preflight',
  summary: 'check that hosts can carry what the spec places there',
  usage: '[options] [SELECTOR...]',
  options: {
    ...VARIABLE_OPTIONS,
    parallelism: { type: 'string', value: 'N', help: 'hosts asked at the same time (64)' },
    verbose: { type: 'boolean', help: 'show what passes, too' },
    json: { type: 'boolean', help: 'all findings as JSON' },
  },
  details:
    'Reads the spec, not the state: it works where nothing was ever applied. Looks whether hosts are reached and let us in, root\n' +
    'rights, operating system, kernel, processors, memory, disk, room for what slipway keeps, clock, host name, init system,\n' +
    'other clusters, ports, package sources, and what definitions ask for in `requires`. A SELECTOR is a component (nats), an\n' +
    'instance (nats@10.0.0.1) or a host (@10.0.0.1); without any, all hosts of the spec are asked.\n' +
    '\n' +
    'Changes nothing on any host, takes no lock and writes no file. Exit code 0: nothing fails (warnings are none); 1: something\n' +
    'does, or the spec is wrong. A clock more than 2 s off warns, more than 60 s fails.',
  async run(context) {
    const { args, directory, terminal } = context;
    const parallelism = positiveNumber(args, 'parallelism');
    const ports = await context.ports();
    const interrupts = context.interrupts();
    try {
      const variables = variableArguments(args);
      const project = await loadProject(directory, variables, ports, variablePrompt(terminal), 'look');
      const request = { selectors: args.positionals, parallelism, signal: interrupts.stopping };
      const report = await runPreflight(project, request, ports);
      if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const { color, width } = terminal;
        terminal.stdout.write(renderPreflight(report, { color, width, verbose: args.flag('verbose') }));
        await showDiagnostics(report.diagnostics, terminal, directory);
      }
      return report.ready ? 0 : 1;
    } finally {
      interrupts.dispose();
    }
  },
};
