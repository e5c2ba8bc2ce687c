/**
 * A controller of its own process, to be killed: `node controller.mjs DIRECTORY BODY`. Runs one script with that body on the
 * host of a workplace and prints its events, one JSON per line.
 */
import { localProvider } from '../../providers/local/local.ts';
import { openHostSession } from '../../src/host/open-session.ts';

const [directory = '', body = ''] = process.argv.slice(2);
const provider = localProvider(directory);
const session = openHostSession({
  host: '127.0.1.1',
  connect: (host) => provider.connect({ host }, {}),
  lineage: 'lineage-1',
  run: 'run-killed',
  owner: 'ann@desk',
  expectedToken: null,
  onRetry: () => undefined,
});
const outcome = await session.run(
  { instance: 'app@127.0.1.1', functions: '', steps: [{ id: 'script.it', body }], secrets: new Map() },
  { blobs: [], release: true, onEvent: (event) => console.log(JSON.stringify(event)) },
);
console.log(JSON.stringify(outcome));
await session.close();
