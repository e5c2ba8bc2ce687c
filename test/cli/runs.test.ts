import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

const FIRST = '20260101T080000-aaaa';
const BROKEN = '20260102T080000-bbbb';
const LAST = '20260103T080000-cccc';

const summary = (run: string, more: object) =>
  JSON.stringify({
    run,
    operation: 'apply',
    owner: 'ann@desk',
    startedAt: '2026-01-03T08:00:00.000Z',
    finishedAt: '2026-01-03T08:01:05.000Z',
    outcome: 'succeeded',
    counts: { succeeded: 2, failed: 0, skipped: 0 },
    ...more,
  });

function project() {
  const cwd = workingDirectory({
    // Of an older version: it says nothing of its instances.
    [`.slipway/runs/${FIRST}/run.json`]: summary(FIRST, { startedAt: '2026-01-01T08:00:00.000Z' }),
    [`.slipway/runs/${FIRST}/nats_0.log`]: '',
    [`.slipway/runs/${BROKEN}/local.log`]: [
      `2026-01-02T08:00:00.000Z run ${BROKEN} of 3 changes`,
      '2026-01-02T08:00:00.000Z nats@10.0.0.1: to install, log nats_0.log',
      '2026-01-02T08:00:00.000Z nats@10.0.0.2: to install, log nats_1.log',
      '2026-01-02T08:00:00.000Z api@10.0.0.3: to update, log api_0.log',
      '2026-01-02T08:00:00.000Z nats@10.0.0.1: started',
      '2026-01-02T08:00:01.000Z nats@10.0.0.1: succeeded in 1000 ms',
      '2026-01-02T08:00:01.000Z nats@10.0.0.2: failed in service.nats: did not start Look at its log.',
      '',
    ].join('\n'),
    [`.slipway/runs/${LAST}/run.json`]: summary(LAST, {
      outcome: 'failed',
      counts: { succeeded: 1, failed: 1, skipped: 0 },
      instances: [
        {
          instance: 'nats@10.0.0.1',
          action: 'update',
          outcome: 'succeeded',
          elapsedMs: 1200,
          why: null,
          log: 'nats_0.log',
        },
        {
          instance: 'api@10.0.0.3',
          action: 'install',
          outcome: 'failed',
          elapsedMs: 300,
          why: 'file.config: no room \u001b[31mthere',
          log: 'api_0.log',
        },
      ],
    }),
    [`.slipway/runs/${LAST}/local.log`]: 'what the controller did\n',
    [`.slipway/runs/${LAST}/api_0.log`]: 'what was done for api\n',
  });
  return { slipway: (...args: string[]) => runCli(args, { cwd, env: { TZ: 'UTC' } }) };
}

describe('slipway runs', () => {
  it('lists runs, the newest first, also those that were killed', async () => {
    const { slipway } = project();
    const { code, stdout } = await slipway('runs');
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n').slice(1);
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(`^${LAST} +apply +01-03 08:00 +1m 05s +failed +1/2 +ann@`)),
      expect.stringMatching(new RegExp(`^${BROKEN} +- +01-02 08:00 .* broken off +1/2 `)),
      expect.stringMatching(new RegExp(`^${FIRST} +apply +01-01 08:00 .* succeeded +2 `)),
    ]);
    expect((await slipway('runs', '-n', '1')).stdout.split('\n')).toHaveLength(3);
    expect((JSON.parse((await slipway('runs', '--json')).stdout) as unknown[]).length).toBe(3);
  });

  it('says where there were none', async () => {
    const { code, stdout } = await runCli(['runs'], { cwd: workingDirectory() });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'There were no runs here yet.\n' });
  });

  it('shows one with its instances, safe to print', async () => {
    const { slipway } = project();
    const { stdout } = await slipway('runs', 'last');
    expect(stdout).toContain(`Run ${LAST}  apply, failed\n2026-01-03 08:00:00, 1m 05s, by ann@desk\n`);
    expect(stdout).toContain('  ✓ nats@10.0.0.1  updated in 1.2 s\n');
    expect(stdout).toContain(
      '  ✗ api@10.0.0.3   install failed in 0.3 s\n      file.config: no room there\n',
    );
    expect(stdout).toContain(`slipway runs ${LAST} --log=api@10.0.0.3\n`);
  });

  it('tells of a killed one what its log tells', async () => {
    const { slipway } = project();
    const { stdout } = await slipway('runs', '20260102');
    expect(stdout).toContain('broken off');
    expect(stdout).toContain('✓ nats@10.0.0.1  installed in 1.0 s');
    expect(stdout).toContain('✗ nats@10.0.0.2  install failed\n      service.nats: did not start');
    expect(stdout).toContain('? api@10.0.0.3   update not known to have ended');
  });

  it('prints the logs of one', async () => {
    const { slipway } = project();
    expect((await slipway('runs', 'last', '--log=local')).stdout).toBe('what the controller did\n');
    expect((await slipway('runs', 'last', '--log', 'api@10.0.0.3')).stdout).toBe('what was done for api\n');
    expect((await slipway('runs', LAST, '--log=api_0')).stdout).toBe('what was done for api\n');
  });

  it.each([
    [['runs', '20260103T080000-cccd'], /No run is called.*Did you mean "20260103T080000-cccc"/s],
    [['runs', '2026010'], /is not one run.*Several begin with it/s],
    [['runs', 'last', '--log=api@10.0.0.4'], /No log of run .*Did you mean\s+"api@10.0.0.3"/s],
    [['runs', 'last', '--log=nats@10.0.0.1'], /has no log/],
    [['runs', 'last', '--log=../../../etc/passwd'], /No log of run/],
    [['runs', '--log=local'], /Of which run/],
    [['runs', '-n', 'many'], /--lines takes a whole number/],
    [['runs', 'last', 'first'], /"first" is too much/],
  ])('refuses %j', async (args, complaint) => {
    const { slipway } = project();
    const { code, stderr } = await slipway(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(complaint);
  });
});
