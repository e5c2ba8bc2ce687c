// Serves the package mirror over http. usage: node mirror.mjs DIRECTORY ADDRESS PORT
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const [directory, address, port] = process.argv.slice(2);

async function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://mirror');
  const file = path.join(directory, path.normalize(decodeURIComponent(pathname)));
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-length': found.size, 'last-modified': found.mtime.toUTCString() });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file), response);
}

createServer((request, response) => {
  serve(request, response).catch(() => response.destroy());
}).listen(Number(port), address);
