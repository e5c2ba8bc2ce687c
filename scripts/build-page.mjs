// Bundles src/page into dist/page: `index.html`, and beside it in `assets/` a script, a style and an icon whose names hold
// the digest of their content. Each is there compressed as well, for the server spends no time on that.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { removeStale, writeInPlace } from './build-files.mjs';

const compressions = [
  ['.gz', (content) => promisify(gzip)(content, { level: 9 })],
  ['.br', promisify(brotliCompress)],
];

/** @returns bytes of the script and the style, as they travel */
export async function buildPage(bundle, root, dist) {
  const source = join(root, 'src/page');
  const target = join(dist, 'page');
  const assets = join(target, 'assets');
  const { outputFiles } = await bundle({
    absWorkingDir: root,
    entryPoints: { page: join(source, 'main.tsx') },
    outdir: assets,
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome109', 'firefox115', 'safari16'],
    tsconfig: join(source, 'tsconfig.json'),
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  });
  await mkdir(assets, { recursive: true });

  const files = outputFiles.map(({ path, contents }) => ({ path, content: Buffer.from(contents) }));
  const icon = await readFile(join(source, 'icon.svg'));
  files.push({ path: join(assets, `icon-${digestOf(icon)}.svg`), content: icon });
  const nameOf = (ending) =>
    `/assets/${basename(files.find(({ path }) => path.endsWith(ending))?.path ?? `missing${ending}`)}`;
  const template = await readFile(join(source, 'index.html'), 'utf8');
  const index = template
    .replace('{{script}}', nameOf('.js'))
    .replace('{{style}}', nameOf('.css'))
    .replace('{{icon}}', nameOf('.svg'))
    .replace(/\n\s*/g, '\n');

  let travelling = 0;
  const names = new Set();
  for (const { path, content } of files) {
    names.add(basename(path));
    const isNew = !existsSync(path);
    await writeInPlace(path, content);
    for (const [ending, compress] of compressions) {
      names.add(`${basename(path)}${ending}`);
      // The name is that of the content: what is there is right.
      if (isNew || !existsSync(path + ending)) await writeInPlace(path + ending, await compress(content));
    }
    travelling += (await readFile(`${path}.gz`)).length;
  }
  // It comes last: whoever reads it finds what it names.
  await writeInPlace(join(target, 'index.html'), index);
  await removeStale(assets, names);
  return travelling;
}

function digestOf(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
}
