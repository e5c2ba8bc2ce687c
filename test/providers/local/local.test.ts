import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { localProvider } from '../../../providers/local/local.ts';
import { connectionConformance } from '../../host/conformance/connection.ts';

connectionConformance('local', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-local-'));
  const provider = localProvider(directory);
  return {
    connect: (options = {}) => provider.connect({ host: '127.0.1.1' }, options),
    close: () => rm(directory, { recursive: true }),
  };
});

describe('the local provider', () => {
  it.each(['10.10.0.1', 'example.org', '::2', '128.0.0.1'])(
    'refuses %s, which is not this machine',
    async (host) => {
      await expect(localProvider('/nowhere').connect({ host }, {})).rejects.toMatchObject({
        name: 'HostError',
        kind: 'unreachable',
        message: expect.stringContaining('not a loopback address') as string,
      });
    },
  );

  it('keeps values of variables and the key out of the environment of what it runs', async () => {
    process.env['SLIPWAY_VAR_password'] = 'correct horse';
    try {
      const connection = await localProvider('/nowhere').connect({ host: '127.0.1.1' }, {});
      const { stdout } = await connection.exec({ program: 'env' });
      expect(stdout.toString()).toContain('PATH=');
      expect(stdout.toString()).not.toContain('SLIPWAY_');
    } finally {
      delete process.env['SLIPWAY_VAR_password'];
    }
  });

  it('keeps everything of a host in the working directory, and confines what may be managed', async () => {
    const connection = await localProvider('/srv/shop').connect({ host: '::1' }, {});
    expect(connection.layout).toEqual({
      stateDir: '/srv/shop/.slipway/hosts/::1/state',
      secretsDir: '/srv/shop/.slipway/hosts/::1/secrets',
      instancesDir: '/srv/shop/.slipway/hosts/::1/instances',
      confined: true,
    });
    expect(localProvider('/srv/shop').layout({ host: '::1' })).toEqual(connection.layout);
    await connection.close();
  });

  it('takes its empty folders away when it is closed', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'slipway-local-'));
    const connection = await localProvider(directory).connect({ host: '127.0.1.1' }, {});
    await connection.exec({ program: 'mkdir -p "$1"', args: [connection.layout.instancesDir] });
    await connection.close();
    expect(await readdir(path.join(directory, '.slipway'))).toEqual([]);
    await rm(directory, { recursive: true });
  });

  it('does not wait for what a program left running', async () => {
    const connection = await localProvider('/nowhere').connect({ host: '127.0.1.1' }, {});
    const startedAt = Date.now();
    const result = await connection.exec({ program: 'setsid sleep 3 >/dev/null 2>&1 </dev/null & echo $!' });
    expect(Date.now() - startedAt).toBeLessThan(2000);
    const pid = Number(result.stdout.toString());
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    process.kill(pid);
    await connection.close();
  });
});
