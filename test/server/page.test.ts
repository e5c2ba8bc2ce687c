import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodingFor, hasAlready } from '../../src/server/page/negotiate.ts';
import { builtPage, readPage } from '../../src/server/page/page-files.ts';
import { testServer } from './test-server.ts';

/** What the page may weigh at first load, as it travels. */
const MAX_BYTES = 150_000;

/** `npm test` has built it. */
describe('the page', async () => {
  const server = await testServer();
  const ask = (to: string, init: RequestInit = {}): Promise<Response> =>
    fetch(server.url + to, { redirect: 'error', ...init });
  const assets = readFileSync(path.join(builtPage(), 'index.html'), 'utf8').match(/\/assets\/[^"]+/g) ?? [];

  it.each(['/', '/plan', '/runs', '/runs/20261121T041500-83c1', '/hosts', '/logs', '/history', '/history/3'])(
    'is there at %s',
    async (to) => {
      const answer = await ask(to);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(await answer.text()).toContain('<div id="app">');
    },
  );

  it.each([
    '/api',
    '/api/v1/nope',
    '/api/v1',
    '/nope',
    '/assets/nope.js',
    '/assets/',
    '/index.html',
    '/plan/x',
  ])('is not what %s answers with', async (to) => {
    const answer = await ask(to);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it.each([
    '/assets/..%2findex.html',
    '/assets/../index.html',
    '/assets/%2e%2e%2f%2e%2e%2fmain.js',
    '/assets/..%5cindex.html',
    '/assets/%00',
  ])('lets nothing else out by %s', async (to) => {
    const answer = await ask(to);
    expect(answer.status).toBe(404);
  });

  it('runs our own scripts only, and nobody frames it', async () => {
    const policy = (await ask('/')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    // Such a policy would break a page with anything of that in it.
    const html = await (await ask('/')).text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:/);
  });

  it('is asked for each time, its assets once', async () => {
    const index = await ask('/');
    expect(index.headers.get('cache-control')).toBe('no-cache');
    const again = await ask('/', { headers: { 'if-none-match': index.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    expect(assets).toHaveLength(3);
    for (const asset of assets) {
      const answer = await ask(asset);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      const known = await ask(asset, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } });
      expect(known.status).toBe(304);
    }
  });

  it('travels compressed, and is the same then', async () => {
    for (const asset of assets) {
      // `fetch` would unpack it.
      const page = await readPage(builtPage());
      const encodings = page?.assets.get(path.basename(asset))?.encodings;
      const [plain, gzip, br] = (['identity', 'gzip', 'br'] as const).map((name) => encodings?.get(name));
      expect(gunzipSync(gzip?.content ?? '')).toEqual(plain?.content);
      expect(brotliDecompressSync(br?.content ?? '')).toEqual(plain?.content);
      expect(new Set([plain?.etag, gzip?.etag, br?.etag]).size).toBe(3);
      const answer = await ask(asset, { headers: { 'accept-encoding': 'gzip' } });
      expect(answer.headers.get('content-encoding')).toBe('gzip');
      expect(Number(answer.headers.get('content-length'))).toBe(gzip?.content.length);
      expect(answer.headers.get('vary')).toBe('accept-encoding');
    }
  });

  it(`weighs less than ${MAX_BYTES / 1000} kB at first load`, async () => {
    let bytes = 0;
    for (const to of ['/', ...assets]) {
      const { headers } = await ask(to, { headers: { 'accept-encoding': 'gzip' } });
      bytes += Number(headers.get('content-length'));
    }
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });

  it('answers HEAD with the same head and no body', async () => {
    const [head, get] = [await ask('/', { method: 'HEAD' }), await ask('/')];
    expect(head.status).toBe(200);
    for (const name of ['etag', 'content-length', 'content-type', 'content-security-policy'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    expect(await head.text()).toBe('');
  });

  it('needs no token, for it holds nothing; the data does', async () => {
    const guarded = await testServer({
      files: { tokens: `${'a'.repeat(32)} read anna\n` },
      options: {},
    }).then(async ({ directory, close }) => {
      await close('now');
      return testServer({ directory, options: { tokenFile: path.join(directory, 'tokens') } });
    });
    expect((await fetch(`${guarded.url}/`)).status).toBe(200);
    expect((await fetch(guarded.url + (assets[0] ?? ''))).status).toBe(200);
    expect((await fetch(`${guarded.url}/api/v1/cluster`)).status).toBe(401);
  });

  it('that was never built is missed in words', async () => {
    expect(await readPage(path.join(server.directory, 'nowhere'))).toBeNull();
  });
});

describe('the encoding', () => {
  const all = new Set(['br', 'gzip', 'identity'] as const);
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['br;q=0, *', 'gzip'],
    ['x-gzip', 'identity'],
  ])('for %j is %s', (accepted, expected) => expect(encodingFor(accepted, all)).toBe(expected));

  it('is one that there is', () => expect(encodingFor('br, gzip', new Set(['identity']))).toBe('identity'));

  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    [undefined, false],
  ])('a client with %j has "a": %s', (header, expected) => expect(hasAlready(header, '"a"')).toBe(expected));
});
