// Says hello, and who says it. A SIGTERM lets open requests finish.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`${config.greeting} from backend ${config.index} at ${config.address}\n`);
});
server.listen(config.port, config.address, () =>
  console.log(`listening on ${config.address}:${config.port}`),
);

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
