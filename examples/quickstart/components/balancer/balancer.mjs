// Hands requests round a list of backends. One that cannot be reached is passed over and the next one asked.
//   node balancer.mjs ADDRESS PORT BACKENDS.json     serve
//   node balancer.mjs reload ADDRESS PORT            make the running one read its list again
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';

const RELOAD_PATH = '/-/reload';

if (process.argv[2] === 'reload') {
  const [, , , address, port] = process.argv;
  const response = await fetch(`http://${address}:${port}${RELOAD_PATH}`, { method: 'POST' });
  if (!response.ok) throw new Error(`reload answered ${response.status}`);
} else {
  serve(process.argv[2], Number(process.argv[3]), process.argv[4]);
}

function serve(address, port, file) {
  let backends = JSON.parse(readFileSync(file, 'utf8'));
  let turn = 0;

  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === RELOAD_PATH) {
      backends = JSON.parse(readFileSync(file, 'utf8'));
      console.log(`now ${backends.length} backends`);
      response.end('reloaded\n');
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const first = turn++;
    for (let i = 0; i < backends.length; i++) {
      const backend = backends[(first + i) % backends.length];
      if (await forward(backend, request, body, response)) return;
    }
    response.writeHead(502, { 'content-type': 'text/plain' });
    response.end('no backend answers\n');
  });
  server.listen(port, address, () =>
    console.log(`balancing on ${address}:${port} over ${backends.length} backends`),
  );

  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

/** Resolves to false when the backend could not be reached and nothing was sent to the client yet. */
function forward(backend, request, body, response) {
  return new Promise((resolve) => {
    const outgoing = httpRequest(
      {
        host: backend.address,
        port: backend.port,
        method: request.method,
        path: request.url,
        headers: { ...request.headers, connection: 'close' },
      },
      (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, incoming.headers);
        incoming.pipe(response);
        incoming.on('end', () => resolve(true));
        incoming.on('error', () => response.destroy());
      },
    );
    outgoing.on('error', () => {
      if (!response.headersSent) resolve(false);
      else {
        response.destroy();
        resolve(true);
      }
    });
    outgoing.end(body);
  });
}
