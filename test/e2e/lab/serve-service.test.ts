import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { eventually } from '../wait.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const UNIT = 'slipway-quickstart';
const slipway = 'node /opt/slipway-program/dist/main.js';

/** The quickstart, served by a host that boots systemd; the tests build on each other. */
describe.skipIf(noLab())('slipway serve as a service', () => {
  let host: LabHost;
  const sh = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await host.exec(script);
    if (code !== 0) throw new Error(`exit code ${code}: ${script}\n${stdout}${stderr}`);
    return stdout;
  };
  const ask = (what: string, user = 'root'): Promise<string> => sh(`runuser -u ${user} -- curl -s ${what}`);
  const api = 'http://127.0.0.1:50000/api/v1';
  const isReady = async (): Promise<boolean> =>
    (await ask('http://127.0.0.1:50000/readyz')).includes('"ready"');

  beforeAll(async () => {
    const [first] = await (await useLab()).fresh(1);
    if (first === undefined) throw new Error('no host');
    host = first;
    const unpack = async (directory: string, words: readonly string[]): Promise<void> => {
      const archive = execFileSync('tar', ['-cf', '-', ...words], { maxBuffer: 1024 ** 3 });
      const made = await host.exec(`mkdir -p ${directory} && tar -C ${directory} -xf - --no-same-owner`, {
        input: archive,
      });
      if (made.code !== 0) throw new Error(made.stderr);
    };
    const packages = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
      cwd: root,
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .slice(1)
      .map((directory) => path.relative(root, directory));
    await unpack('/opt/slipway-program', ['-C', root, 'package.json', 'dist', ...packages]);
    await unpack('/usr/bin', ['-C', path.dirname(process.execPath), path.basename(process.execPath)]);
    await unpack('/srv/shop', ['-C', path.join(root, 'examples/quickstart'), 'cluster.hcl', 'components']);
    await sh('id -u served >/dev/null 2>&1 || useradd --create-home served; chown -R served: /srv/shop');
  });
  afterAll(() => host.exec(`${slipway} destroy --auto-approve --chdir=/srv/shop`));

  it('runs as the owner of the directory, who is served beside root', async () => {
    const installed = await sh(`${slipway} serve --chdir=/srv/shop --install`);
    expect(installed).toContain(`/etc/systemd/system/${UNIT}.service is enabled and runs as served.`);
    expect(await isReady()).toBe(true);
    expect(await ask('http://127.0.0.1:50000/healthz', 'served')).toBe('{"status":"ok"}');
    expect(await ask('http://127.0.0.1:50000/healthz', 'nobody')).toContain(
      'Only the user of this server is served',
    );
  });

  it('works inside its walls', async () => {
    const json = "-H 'content-type: application/json'";
    const { plan } = JSON.parse(await ask(`${json} -d '{}' ${api}/plan`)) as { plan: string };
    await ask(`${json} -d '{"does":"apply","plan":"${plan}"}' ${api}/runs`);
    await eventually('the end of the run', async () => {
      const { outcome } = JSON.parse(await ask(`${api}/runs/last`)) as { outcome: string };
      return outcome === 'succeeded';
    });
    expect(await ask('http://127.0.1.100:18000/')).toContain('hello from backend');
    expect(await sh('stat -c %U:%a /srv/shop/.slipway/audit.log')).toBe('served:600\n');
  });

  it('goes on when it is reloaded, which a renewed certificate wants', async () => {
    const pid = (): Promise<string> => sh(`systemctl show -p MainPID --value ${UNIT}`);
    const before = await pid();
    await sh(`systemctl reload ${UNIT}`);
    await eventually('its answer', async () =>
      (await sh(`journalctl -u ${UNIT} -o cat --no-pager`)).includes('There is no certificate to read anew.'),
    );
    expect(await pid()).toBe(before);
    expect(await isReady()).toBe(true);
  });

  it('its end is not the end of what it started; a crash is not its end', async () => {
    await sh(`systemctl stop ${UNIT}`);
    expect(await ask('http://127.0.1.100:18000/')).toContain('hello from backend');
    await sh(`systemctl start ${UNIT}`);
    await eventually('the server', isReady);
    await sh(`kill -9 $(systemctl show -p MainPID --value ${UNIT})`);
    await eventually('the server again', isReady);
  });

  it('is there after a reboot', async () => {
    await host.kill();
    await host.start();
    await eventually('the server', isReady);
  });

  it('says why it does not stay up, and is taken off', async () => {
    await expect(sh(`${slipway} serve --chdir=/srv/shop --install --listen=0.0.0.0:50000`)).rejects.toThrow(
      /does not stay up[^]*--token-file is needed/,
    );
    expect(await sh(`${slipway} serve --chdir=/srv/shop --uninstall`)).toContain(
      'stopped, disabled and removed',
    );
    expect(await sh('ls /etc/systemd/system')).not.toContain('slipway');
    await expect(sh(`${slipway} serve --chdir=/srv/shop --uninstall`)).rejects.toThrow(
      /no service to take off/,
    );
  });
});
