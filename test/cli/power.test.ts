import { describe, expect, test } from 'vitest';
import { localStore } from '../../state/local/local-store.ts';
import { sampleState } from '../state/sample-state.ts';
import { runCli, workingDirectory } from './run-cli.ts';

async function cluster(): Promise<string> {
  const cwd = workingDirectory();
  await localStore(`${cwd}/slipway.state.json`).write(sampleState());
  return cwd;
}

describe.each(['start', 'stop', 'restart'])('slipway %s', (command) => {
  test('wants to be told what, and names the ways to say it', async () => {
    const { code, stderr } = await runCli([command, '--auto-approve'], { cwd: await cluster() });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Error: What to ${command}? Name a component (nats), an instance (nats@10.0.0.1) or a host (@10.0.0.1), or give --all.\n`,
    );
  });

  test('does not take --all beside something else', async () => {
    const { code, stderr } = await runCli([command, 'nats', '--all', '--auto-approve'], {
      cwd: await cluster(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('--all means the whole cluster: leave out nats, or --all.');
  });

  test('does nothing where nobody can confirm it', async () => {
    const { code, stderr, stdout } = await runCli([command, '--all'], { cwd: await cluster() });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Nobody can confirm this here: give --auto-approve.');
  });

  test('proposes the nearest name', async () => {
    const { code, stderr } = await runCli([command, 'nast', '--auto-approve'], { cwd: await cluster() });
    expect(code).toBe(1);
    expect(stderr).toContain('Did you mean "nats"?');
  });

  test('says what it leaves alone, and is content with that', async () => {
    const { code, stdout } = await runCli([command, 'api', '--auto-approve'], { cwd: await cluster() });
    expect(code).toBe(0);
    expect(stdout).toBe(`Nothing to ${command}.\n\nLeft alone:\n  api@10.0.0.2: it has no service\n`);
  });

  test('needs a state', async () => {
    const { code, stderr } = await runCli([command, '--all', '--auto-approve'], { cwd: workingDirectory() });
    expect(code).toBe(1);
    expect(stderr).toContain('There is no state yet');
  });
});
