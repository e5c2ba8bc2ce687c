import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/layers.mjs', import.meta.url));
const trees: string[] = [];

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

/** Runs the check over a tree of these files; `breaches` are the lines that a developer sees. */
function checkTree(files: Readonly<Record<string, string>>): { exitCode: number | null; breaches: string[] } {
  const tree = mkdtempSync(join(tmpdir(), 'layers-'));
  trees.push(tree);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, tree], { encoding: 'utf8' });
  return { exitCode: status, breaches: stderr.split('\n').filter((line) => line !== '') };
}

const empty = 'export {};\n';

test('a tree whose arrows all point down passes', () => {
  const result = checkTree({
    'src/main.ts':
      "import './cli/plan.ts';\nimport '../providers/ssh/connect.ts';\nimport '../state/local/store.ts';\n",
    'src/cli/plan.ts': "import { plan } from '../app/plan.ts';\n",
    'src/app/plan.ts': "export { planChanges as plan } from '../plan/planner.ts';\n",
    'src/plan/planner.ts':
      "import type { Host } from '../host/connection.ts';\nimport '../state/model.ts';\n",
    'src/host/connection.ts': "import type { Diagnostic } from '../diagnostics/diagnostic.ts';\n",
    'src/state/model.ts': empty,
    'src/diagnostics/diagnostic.ts': empty,
    'providers/ssh/connect.ts':
      "import '../../src/host/connection.ts';\nimport './agent.ts';\nimport 'node:net';\n",
    'providers/ssh/agent.ts': empty,
    'state/local/store.ts': "import '../../src/state/model.ts';\n",
  });
  expect(result).toEqual({ exitCode: 0, breaches: [] });
});

test.each([
  [
    'src/diagnostics/a.ts',
    '../graph/b.ts',
    'src/diagnostics may not import src/graph (it may import nothing of ours)',
  ],
  [
    'src/host/a.ts',
    '../state/b.ts',
    'src/host may not import src/state (it may import only graph, diagnostics)',
  ],
  ['src/spec/a.ts', '../resources/b.ts', 'src/spec may not import src/resources'],
  ['src/resources/a.ts', '../plan/b.ts', 'src/resources may not import src/plan'],
  ['src/plan/a.ts', '../apply/b.ts', 'src/plan may not import src/apply'],
  ['src/app/a.ts', '../cli/b.ts', 'src/app may not import src/cli'],
  ['src/cli/a.ts', '../tui/b.tsx', 'src/cli may not import src/tui'],
  ['src/app/a.ts', '../../providers/ssh/b.ts', 'src/app may not import providers/ssh'],
  ['src/app/a.ts', '../../state/local/b.ts', 'src/app may not import state/local'],
  ['providers/ssh/a.ts', '../local/b.ts', 'providers/ssh may not import providers/local'],
  ['providers/ssh/a.ts', '../../src/state/b.ts', 'providers/ssh may not import src/state'],
  ['state/local/a.ts', '../../src/host/b.ts', 'state/local may not import src/host'],
  ['src/spec/a.ts', '../main.ts', 'src/spec may not import src/main.ts'],
  ['src/app/a.ts', '../../test/lab/b.ts', 'src/app may not import test/lab/b.ts'],
])('%s importing %s is named with its line', (file, specifier, message) => {
  const { exitCode, breaches } = checkTree({ [file]: `// why\nimport type { B } from '${specifier}';\n` });
  expect(exitCode).toBe(1);
  expect(breaches).toEqual([expect.stringContaining(`${file}:2 imports ${specifier}: ${message}`)]);
});

test('imports over several lines, re-exports, bare and dynamic imports are all seen', () => {
  const { breaches } = checkTree({
    'src/graph/a.ts': [
      'import {',
      '  one,',
      '  two,',
      "} from '../app/a.ts';",
      "export * from '../app/b.ts';",
      "import '../app/c.ts';",
      "const load = () => import('../app/d.ts');",
    ].join('\n'),
  });
  expect(breaches.map((line) => line.split(':')[1])).toEqual([
    '1 imports ../app/a.ts',
    '5 imports ../app/b.ts',
    '6 imports ../app/c.ts',
    '7 imports ../app/d.ts',
  ]);
});

test('imports in comments do not count', () => {
  const commented = "// import '../app/a.ts';\n/*\nimport '../app/b.ts';\n*/\nexport const a = 1;\n";
  expect(checkTree({ 'src/graph/a.ts': commented }).breaches).toEqual([]);
});

test('a cycle is reported once, with its path', () => {
  const { exitCode, breaches } = checkTree({
    'src/plan/a.ts': "import { b } from './b.ts';\n",
    'src/plan/b.ts': "\nimport { c } from './c.ts';\n",
    'src/plan/c.ts': "export * from './a.ts';\n",
    'src/plan/d.ts': "import './a.ts';\n",
  });
  expect(exitCode).toBe(1);
  expect(breaches).toEqual([
    'src/plan/a.ts:1 imports itself: src/plan/a.ts -> src/plan/b.ts -> src/plan/c.ts -> src/plan/a.ts',
  ]);
});

test('types close no cycle: they are erased', () => {
  const { breaches } = checkTree({
    'src/plan/a.ts': "import { b } from './b.ts';\n",
    'src/plan/b.ts': "import type { A } from './a.ts';\n",
  });
  expect(breaches).toEqual([]);
});

test('a heavy package that every start would load is reported with the way to it', () => {
  const { breaches } = checkTree({
    'src/main.ts': "import { run } from './cli/run.ts';\n",
    'src/cli/run.ts': "import '../app/live.ts';\n",
    'src/app/live.ts': "import { Box } from 'ink';\n",
  });
  expect(breaches).toEqual([
    'src/app/live.ts:1 imports ink at every start (src/main.ts -> src/cli/run.ts -> src/app/live.ts -> ink): put an import() on the way',
  ]);
});

test('a .tsx file that every start would load counts as an import of react', () => {
  const { breaches } = checkTree({ 'src/main.ts': "import './tui/live.tsx';\n", 'src/tui/live.tsx': empty });
  expect(breaches).toEqual([
    expect.stringContaining('src/tui/live.tsx:1 imports react/jsx-runtime at every start'),
  ]);
});

test('a heavy package behind import() or used for its types only is fine', () => {
  const { breaches } = checkTree({
    'src/main.ts':
      "import type { Client } from 'ssh2';\nconst ssh = () => import('../providers/ssh/connect.ts');\n",
    'providers/ssh/connect.ts': "import { Client } from 'ssh2';\n",
  });
  expect(breaches).toEqual([]);
});

test('a folder without a place in the table is reported', () => {
  const { breaches } = checkTree({ 'src/misc/a.ts': empty });
  expect(breaches).toEqual([
    'src/misc/a.ts:1 lies in src/misc, which has no place in the table of scripts/layers.mjs',
  ]);
});
