import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveFetches } from '../../src/app/archive-fetches.ts';

const CONTENT = Buffer.from('an archive');
const DIGEST = createHash('sha256').update(CONTENT).digest('hex');
const NEVER = new AbortController().signal;

let directory: string;
let server: Server;
let url: string;
let requests: number;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-archives-'));
  requests = 0;
  server = createServer((request, response) => {
    requests++;
    response.statusCode = request.url === '/app.tar.gz' ? 200 : 404;
    response.end(CONTENT);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

async function contentOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

test('an archive is fetched once, when it is about to be sent', async () => {
  const fetches = archiveFetches(directory);
  const blob = fetches.blobOf(`${url}/app.tar.gz`, DIGEST);
  expect(requests).toBe(0);
  await fetches.fetch(new Set([DIGEST]), NEVER);
  expect(blob.sizeBytes).toBe(CONTENT.length);
  expect(await contentOf(blob.open())).toBe('an archive');
  const again = archiveFetches(directory);
  again.blobOf(`${url}/app.tar.gz`, DIGEST);
  await again.fetch(new Set([DIGEST]), NEVER);
  expect(requests).toBe(1);
});

test('an archive that no change sends is not fetched', async () => {
  const fetches = archiveFetches(directory);
  fetches.blobOf(`${url}/app.tar.gz`, DIGEST);
  await fetches.fetch(new Set(), NEVER);
  expect(requests).toBe(0);
});

test('one with another digest is refused and leaves nothing', async () => {
  const fetches = archiveFetches(directory);
  const wrong = 'a'.repeat(64);
  fetches.blobOf(`${url}/app.tar.gz`, wrong);
  await expect(fetches.fetch(new Set([wrong]), NEVER)).rejects.toThrow(
    `has SHA-256 ${DIGEST}, the spec says ${wrong}`,
  );
  expect(await readdir(directory)).toEqual([]);
});

test('all that cannot be fetched are told at once', async () => {
  const fetches = archiveFetches(directory);
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  fetches.blobOf(`${url}/gone`, a);
  fetches.blobOf('http://127.0.0.1:1/refused', b);
  const failure = fetches.fetch(new Set([a, b]), NEVER);
  await expect(failure).rejects.toThrow(/answered 404[\s\S]*127\.0\.0\.1:1\/refused/);
});
