import { hasErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { variableArguments } from './plan-request.ts';
import { positionals } from './positionals.ts';
import { showDiagnostics } from './show-error.ts';

export const validate: Command = {
  name: 'validate',
  summary: 'check the spec without asking any host',
  usage: '[options]',
  options: {
    ...VARIABLE_OPTIONS,
    json: { type: 'boolean', help: 'diagnostics as JSON, with their places' },
  },
  details:
    'All that can be known from the files is checked: syntax, names, types, references, definitions, inputs, claims.\n' +
    'Variables need no values; those that have some are checked with them. Exit code 1 when there is an error.',
  async run(context) {
    const { args, directory, terminal } = context;
    positionals(args, validate, { max: 0 });
    const [{ validateSpec }, ports] = await Promise.all([import('../app/validate.ts'), context.offline()]);
    const diagnostics = await validateSpec(directory, variableArguments(args), ports);
    const valid = !hasErrors(diagnostics);
    if (args.flag('json')) terminal.stdout.write(`${JSON.stringify(report(diagnostics), null, 2)}\n`);
    else {
      await showDiagnostics(diagnostics, terminal, directory);
      if (valid) terminal.stdout.write('The spec is valid.\n');
    }
    return valid ? 0 : 1;
  },
};

function report(diagnostics: readonly Diagnostic[]) {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return { format: 1, valid: errors === 0, errors, warnings: diagnostics.length - errors, diagnostics };
}
