// Takes the lock of the state at argv[2] as another process would, says so and holds it until it is killed.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../state/local/local-store.ts', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [source],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const { localStore } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
await localStore(process.argv[2]).lock(
  { run: 'theirs', operation: 'apply', owner: 'bob@desk' },
  { timeoutMs: 0 },
);
console.log('locked');
setInterval(() => undefined, 60_000);
