import type { Command } from './command.ts';
import { GLOBAL_OPTIONS, type OptionSpecs } from './options.ts';

/** The list of commands. */
export async function generalHelp(
  commands: Readonly<Record<string, () => Promise<Command>>>,
): Promise<string> {
  const lines: string[] = [];
  for (const load of Object.values(commands)) {
    const command = await load();
    lines.push(`  ${command.name.padEnd(14)}${command.summary}`);
  }
  return [
    'Usage: slipway [options] COMMAND [arguments]',
    '',
    'Plan and apply for the software on your own machines, agentless over SSH.',
    '',
    'Commands:',
    ...lines,
    '',
    'Options:',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    '`slipway COMMAND --help` tells more of one.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  return [
    `Usage: slipway ${command.name}${command.usage === '' ? '' : ` ${command.usage}`}`,
    '',
    command.summary,
    '',
    ...(command.details === undefined ? [] : [command.details, '']),
    'Options:',
    ...optionLines({ ...command.options, ...GLOBAL_OPTIONS }),
    '',
  ].join('\n');
}

function optionLines(options: OptionSpecs): readonly string[] {
  return Object.entries(options).map(([name, option]) => {
    const value = option.type === 'string' ? `=${option.value ?? 'VALUE'}` : '';
    const short = option.short === undefined ? '' : `-${option.short}, `;
    return `  ${`${short}--${name}${value}`.padEnd(28)}${option.help}`;
  });
}
