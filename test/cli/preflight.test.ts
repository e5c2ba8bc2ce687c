import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { PreflightReport } from '../../src/app/operate/preflight.ts';
import { runCli, workingDirectory } from './run-cli.ts';

const spec = (requires: string): Readonly<Record<string, string>> => ({
  'main.hcl': `host "box" { address = "127.0.3.1" }
component "web" {
  source = "./web"
  hosts  = ["box", "127.0.3.2"]
}
component "idle" {
  source = "./idle"
  hosts  = ["127.0.3.2"]
}
`,
  'web/component.hcl': `definition {
  requires {
${requires}
  }
}
file "page" {
  path    = "page"
  content = "x"
}
`,
  'idle/component.hcl': 'definition { description = "nothing" }\n',
});

describe('slipway preflight', () => {
  it('tells what a host lacks, names the remedy, and writes nothing', async () => {
    const server = createServer().listen(0, '127.0.3.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const cwd = workingDirectory(
      spec(`    ports    = [${port}]
    reaches  = ["127.0.3.1:${port}", "127.0.3.1:1"]
    resolves = ["localhost", "no-such-name.invalid"]
    sysctl   = { "vm.overcommit_memory" = "> 7" }
    limits   = { nofile = 1 }
    kernel { version = ">= 3, < 99" }`),
    );
    const before = readdirSync(cwd, { recursive: true });
    const { code, stdout, stderr } = await runCli(['preflight', '--verbose', '@box'], { cwd });
    server.close();
    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ 127\.0\.3\.1 box \(web\) {2}4 failed, \d+ passed$/m);
    expect(stdout).toMatch(new RegExp(`✗ ports {9}Port ${port} is in use`));
    expect(stdout).toMatch(/✗ reaches {7}127\.0\.3\.1:1 is not reached/);
    expect(stdout).toMatch(new RegExp(`✓ reaches {7}127\\.0\\.3\\.1:${port} is reached`));
    expect(stdout).toMatch(/✗ resolves {6}no-such-name\.invalid is not resolved/);
    expect(stdout).toMatch(/✗ sysctl {8}vm\.overcommit_memory is \d\n.*needs vm\.overcommit_memory > 7/);
    expect(stdout).toMatch(/✓ limits {8}nofile is \w+, 1 needed/);
    expect(stdout).toMatch(/✓ kernel {8}\S+, >= 3, < 99 needed/);
    expect(stdout).toMatch(/\n1 host: 1 not ready\.\n$/);
    // What belongs to real machines only.
    expect(stdout).not.toMatch(/credentials|clock|root|packages/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(readdirSync(cwd, { recursive: true })).toEqual(before);
  });

  it('is short where all is well, and ends with 0', async () => {
    const cwd = workingDirectory(spec('    cpu = 1'));
    const { code, stdout } = await runCli(['preflight'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^✓ 127\.0\.3\.1 box \(web\) {2}\d passed\n✓ 127\.0\.3\.2 \(idle, web\) {2}\d passed\n\n2 hosts: 2 ready\.\n$/,
    );
    const json = await runCli(['preflight', '--json', 'idle'], { cwd });
    const report = JSON.parse(json.stdout) as PreflightReport;
    expect(report).toMatchObject({ format: 1, ready: true, diagnostics: [] });
    expect(report.hosts.map(({ address, components }) => [address, components])).toEqual([
      ['127.0.3.2', ['idle']],
    ]);
    expect(report.hosts[0]?.findings.find(({ check }) => check === 'cpu')).toEqual({
      host: '127.0.3.2',
      component: null,
      check: 'cpu',
      verdict: 'pass',
      detail: expect.stringMatching(/^\d+ cores/) as string,
    });
  });

  it('names unknown selectors, and claims that two make on one thing', async () => {
    const cwd = workingDirectory({
      ...spec('    cpu = 1'),
      'other.hcl': 'component "twin" {\n  source = "./twin"\n  hosts  = ["127.0.3.1", "127.0.3.2"]\n}\n',
      'twin/component.hcl': 'endpoint "http" {\n  port = 47123\n  bind = "0.0.0.0"\n}\n',
    });
    const unknown = await runCli(['preflight', 'wbe'], { cwd });
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean "web"?') as string,
    });
    const { code, stderr } = await runCli(['preflight'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('Port 47123 is claimed twice');
  });
});
