import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localProvider } from '../../../providers/local/local.ts';
import { connectionConformance } from '../../host/conformance/connection.ts';

connectionConformance('local', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-local-'));
  const provider = localProvider(folder);
  return {
    connect: (options = {}) => provider.connect({ host: '127.0.1.9' }, options),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
