// Checks who imports whom: `node scripts/layers.mjs [ROOT]`. Prints one line per breach; exit code 1 if there is any.
// The arrows of docs/architecture.md, as a table; tests and benchmarks may import what they like.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf, sourceFiles } from './imports.mjs';

const rooms = ['spec', 'resources', 'plan', 'apply'];
const base = ['graph', 'diagnostics'];

/** Layer -> the other layers that it may import. A folder that is missing here is reported, so that it gets its place. */
const mayImport = {
  diagnostics: [],
  graph: ['diagnostics'],
  host: base,
  'state (port)': base,
  spec: base,
  resources: ['spec', 'host', ...base],
  plan: ['spec', 'resources', 'host', 'state (port)', ...base],
  apply: ['spec', 'resources', 'plan', 'host', 'state (port)', ...base],
  version: [],
  terminal: ['app', ...rooms, ...base],
  app: ['version', ...rooms, 'host', 'state (port)', ...base],
  cli: ['version', 'terminal', 'app', ...rooms, 'host', 'state (port)', ...base],
  tui: ['version', 'terminal', 'app', ...rooms, 'host', 'state (port)', ...base],
  server: ['version', 'app', ...rooms, 'host', 'state (port)', ...base],
  // Runs in a browser: what it knows of the server is the API.
  page: ['terminal', 'diagnostics'],
  provider: ['host', 'diagnostics'],
  store: ['state (port)', 'diagnostics'],
};

/** The layer of a file: a folder of src, one of the providers or of the stores (each its own), or undefined. */
function layerOf(file) {
  const [top, folder] = file.split('/');
  if (top === 'providers') return { name: 'provider', label: `providers/${folder}` };
  if (top === 'state') return { name: 'store', label: `state/${folder}` };
  if (top !== 'src') return undefined;
  if (file === 'src/main.ts') return { name: 'main', label: 'src/main.ts' };
  const name = folder === 'state' ? 'state (port)' : folder.replace(/\.ts$/, '');
  return { name, label: `src/${folder}` };
}

/** Packages too heavy for a start that does not need them: reached from src/main.ts by a dynamic import() only. */
const heavyPackages = ['ink', 'react', 'ssh2', 'hcl2-parser', 'fastify', 'ws'];

const entry = 'src/main.ts';

function check(root) {
  const files = sourceFiles(root, ['src', 'providers', 'state']);
  const imports = new Map(files.map((file) => [file, importsOf(root, file)]));
  return {
    files,
    breaches: [
      ...unknownLayers(files),
      ...[...imports.values()].flat().flatMap(layerBreach),
      ...cycles(imports),
      ...heavyStart(imports),
    ],
  };
}

function unknownLayers(files) {
  const unknown = new Map();
  for (const file of files) {
    const layer = layerOf(file);
    if (layer.name !== 'main' && !(layer.name in mayImport)) unknown.set(layer.label, file);
  }
  return [...unknown].map(
    ([label, file]) => `${file}:1 lies in ${label}, which has no place in the table of scripts/layers.mjs`,
  );
}

function layerBreach({ file, line, specifier, target }) {
  if (target === undefined) return [];
  const from = layerOf(file);
  const to = layerOf(target);
  if (from.name === 'main' || from.label === to?.label) return [];
  const allowed = mayImport[from.name] ?? [];
  // `provider` and `store` stand in nobody's list: only src/main.ts knows an implementation of a port.
  if (to !== undefined && allowed.includes(to.name)) return [];
  const list = allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`;
  return [
    `${file}:${line} imports ${specifier}: ${from.label} may not import ${to?.label ?? target} (it may import ${list})`,
  ];
}

/** One line per group of files that import each other, with the shortest way round. Types are erased and close no circle. */
function cycles(imports) {
  const reported = new Set();
  const breaches = [];
  for (const file of imports.keys()) {
    if (reported.has(file)) continue;
    const way = shortestWay(imports, file, file, ({ kind }) => kind !== 'type');
    if (way === undefined) continue;
    for (const step of way) reported.add(step.file);
    breaches.push(
      `${file}:${way[0].line} imports itself: ${[...way.map((step) => step.file), file].join(' -> ')}`,
    );
  }
  return breaches;
}

/** Breadth first, along the imports that `follow` accepts; those from `from` to `to`, or undefined. */
function shortestWay(imports, from, to, follow) {
  const seen = new Set([from]);
  let ways = [[]];
  while (ways.length > 0) {
    const longer = [];
    for (const way of ways) {
      for (const step of imports.get(way.at(-1)?.target ?? from) ?? []) {
        const at = step.target ?? step.specifier;
        if (!follow(step)) continue;
        if (at === to) return [...way, step];
        if (step.target === undefined || seen.has(at)) continue;
        seen.add(at);
        longer.push([...way, step]);
      }
    }
    ways = longer;
  }
  return undefined;
}

/** What src/main.ts loads at once may not include a heavy package, however long the chain. */
function heavyStart(imports) {
  const specifiers = new Set([...imports.values()].flat().map(({ specifier }) => specifier));
  return [...specifiers]
    .filter((specifier) =>
      heavyPackages.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
    )
    .flatMap((specifier) => {
      const way = shortestWay(imports, entry, specifier, ({ kind }) => kind === 'static');
      if (way === undefined) return [];
      const { file, line } = way.at(-1);
      const path = [...way.map((step) => step.file), specifier].join(' -> ');
      return [`${file}:${line} imports ${specifier} at every start (${path}): put an import() on the way`];
    });
}

const root = resolve(process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url))));
const { files, breaches } = check(root);
for (const breach of breaches) console.error(breach);
if (breaches.length > 0) process.exitCode = 1;
console.log(
  `layers: ${files.length} files, ${breaches.length} ${breaches.length === 1 ? 'breach' : 'breaches'}`,
);
