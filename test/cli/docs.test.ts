import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/cli/apply.ts';
import type { Command } from '../../src/cli/command.ts';
import { exec } from '../../src/cli/exec.ts';
import { hardware } from '../../src/cli/hardware.ts';
import { status } from '../../src/cli/status.ts';
import { diff } from '../../src/cli/diff.ts';
import { fmt } from '../../src/cli/fmt.ts';
import { forceUnlock } from '../../src/cli/force-unlock.ts';
import { graph } from '../../src/cli/graph.ts';
import { history } from '../../src/cli/history.ts';
import { init } from '../../src/cli/init.ts';
import { logs } from '../../src/cli/logs.ts';
import { runs } from '../../src/cli/runs.ts';
import { output } from '../../src/cli/output.ts';
import { plan } from '../../src/cli/plan.ts';
import { preflight } from '../../src/cli/preflight.ts';
import { restart } from '../../src/cli/restart.ts';
import { pull } from '../../src/cli/pull.ts';
import { push } from '../../src/cli/push.ts';
import { serve } from '../../src/cli/serve.ts';
import { ssh } from '../../src/cli/ssh.ts';
import { rollback } from '../../src/cli/rollback.ts';
import { show } from '../../src/cli/show.ts';
import { start } from '../../src/cli/start.ts';
import { state } from '../../src/cli/state.ts';
import { stop } from '../../src/cli/stop.ts';
import { trust } from '../../src/cli/trust.ts';
import { validate } from '../../src/cli/validate.ts';

const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const sections = new Map(text.split(/^## /m).map((part) => [part.slice(0, part.indexOf('\n')), part]));
const commands: readonly Command[] = [
  init,
  validate,
  fmt,
  plan,
  preflight,
  start,
  stop,
  restart,
  status,
  hardware,
  show,
  state,
  graph,
  output,
  logs,
  runs,
  history,
  diff,
  exec,
  ssh,
  push,
  pull,
  serve,
  trust,
  forceUnlock,
];

describe('docs/cli.md', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    'has every option of %s',
    (name, command) => {
      const section = sections.get(name) ?? '';
      expect(section).not.toBe('');
      for (const option of Object.keys(command.options)) {
        expect(section).toMatch(new RegExp(`\`--${option}[=\`]`));
      }
    },
  );

  it('has the options of apply, beside those of plan', () => {
    const section = `${sections.get('plan') ?? ''}${sections.get('apply') ?? ''}`;
    for (const option of Object.keys(apply.options)) expect(section).toContain(`\`--${option}`);
  });

  it('has the option of rollback, beside those of apply', () => {
    const own = Object.keys(rollback.options).filter((option) => !Object.hasOwn(apply.options, option));
    expect(own).toEqual(['write']);
    expect(sections.get('rollback')).toContain('`--write`');
  });

  it('names no option that does not exist', () => {
    const known = new Set([...commands, apply, rollback].flatMap((command) => Object.keys(command.options)));
    for (const name of ['chdir', 'no-color', 'help', 'version', 'name']) known.add(name);
    const named = [...text.matchAll(/--([a-z][a-z-]*)/g)].map((match) => match[1]);
    expect(named.filter((name) => !known.has(name ?? ''))).toEqual([]);
  });
});
