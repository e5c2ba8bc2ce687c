import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

/** As the original's documentation prints it, a line break inside an address included. */
const CONFIG = `{
    "components":{
        "haproxy":["10.10.101.181"],
        "nats":["10.10.101.182", "10.10.101.183"],
        "cloud_controller_ng":["10.10.101.186","10.10.10
1.187"],
        "dea":["10.10.101.199"]
    },
    "properties":{
        "domain":"cf.local", "disksize":15, "checkdisk":1, "adduser":1, "user":"vcap",
        "password":"a-password", "root":"123456", "home":"10.10.101.180", "odd \${x}":"\${y}"
    }
}`;

describe('slipway init --from deployment-engine', () => {
  it('makes a spec that is valid, laid out as fmt has it, and can be planned', async () => {
    const cwd = workingDirectory({ 'config.json': CONFIG });
    const { code, stdout, stderr } = await runCli(
      ['init', '--from', 'deployment-engine', 'config.json', 'cf'],
      { cwd },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('cd cf');
    expect(stdout).toContain('Line breaks inside texts');
    expect(stdout).toContain('odd ${x}');
    const there = { cwd: path.join(cwd, 'cf') };
    expect(await runCli(['validate'], there)).toEqual({
      code: 0,
      stdout: 'The spec is valid.\n',
      stderr: '',
    });
    expect(await runCli(['fmt', '--check'], there)).toEqual({ code: 0, stdout: '', stderr: '' });
    const plan = await runCli(['plan', '--refresh=false'], there);
    expect(plan.stdout).toContain('install cloud_controller_ng@10.10.101.187');
    expect(plan.stdout).toContain('Plan: 6 to install');
  }, 60_000);

  it('keeps secrets in a file of their own', async () => {
    const cwd = workingDirectory({ 'config.json': CONFIG });
    await runCli(['init', '--from', 'deployment-engine', 'config.json'], { cwd });
    const secrets = path.join(cwd, 'secrets.auto.vars.json');
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(cwd, '.gitignore'), 'utf8')).toContain('secrets.auto.vars.json');
    expect(readFileSync(path.join(cwd, 'variables.hcl'), 'utf8')).not.toMatch(/123456|a-password/);
  });

  it('reads standard input', async () => {
    const cwd = workingDirectory();
    const { code } = await runCli(['init', '--from=deployment-engine', '-'], { cwd, input: CONFIG });
    expect(code).toBe(0);
    expect((await runCli(['validate'], { cwd })).code).toBe(0);
  });

  it.each([
    [['init', '--from', 'chef', 'config.json'], /no format "chef"/],
    [['init', '--from', 'deployment-engine'], /argument is missing/],
    [['init', '--from', 'deployment-engine', 'nothing.json'], /no file nothing\.json/],
    [['init', '--from', 'deployment-engine', 'config.json'], /is no configuration/],
  ])('says what is wrong with %j', async (args, why) => {
    const cwd = workingDirectory({ 'config.json': '{"components"' });
    const { code, stderr } = await runCli(args, { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
  });
});
