import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createMask, type Mask } from '../apply/secret-mask.ts';
import { Sensitive } from '../spec/value.ts';
import { jsonOf } from './json-value.ts';
import { sensitiveTexts } from './sensitive-texts.ts';
import type { Ports } from './ports.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import type { LoadedProject } from './project.ts';
import type { RunRequest } from './run-plan.ts';

/**
 * Keeps a numbered version of what was applied: `.slipway/history/N.json` with the spec's files, values of variables
 * (a sensitive one as the marker `(sensitive)`), author and time; contents lie once each in `.slipway/history/files/SHA256`.
 */
export async function recordVersion(
  project: LoadedProject,
  prepared: PreparedPlan,
  request: RunRequest,
  ports: Ports,
): Promise<void> {
  const directory = project.paths.history;
  const files = path.join(directory, 'files');
  await mkdir(files, { recursive: true, mode: 0o700 });
  const number = (await lastVersion(directory)) + 1;
  const { workspace } = project;
  const listed: KeptFile[] = [];
  const redact = secretsOf(project);
  for (const file of workspace.files) {
    listed.push(await keepText(files, file.path, redact(file.text)));
  }
  for (const definition of workspace.definitions.values()) {
    const prefix = path.relative(workspace.directory, definition.directory);
    for (const file of definition.files) {
      const source = path.join(definition.directory, file.path);
      listed.push(await keepFile(files, `${prefix}/${file.path}`, source, file));
    }
  }
  const variables = [...project.variables].map(([name, value]) => [
    name,
    value instanceof Sensitive ? '(sensitive)' : jsonOf(value),
  ]);
  const { plan } = prepared;
  const version = {
    version: number,
    run: request.run,
    operation: request.operation,
    author: ports.owner,
    time: new Date(ports.clock()).toISOString(),
    cluster: plan.cluster,
    specVersion: plan.specVersion,
    specDigest: plan.specDigest,
    changes: plan.changes
      .filter((change) => change.action !== 'none')
      .map(({ address, action }) => ({ address, action })),
    variables: Object.fromEntries(variables) as Record<string, unknown>,
    files: listed,
  };
  await writeFile(path.join(directory, `${number}.json`), `${JSON.stringify(version, null, 2)}\n`, {
    mode: 0o600,
  });
}

interface KeptFile {
  readonly path: string;
  readonly digest: string;
}

/** Larger files of a definition are named by their digest only. */
const KEPT_BYTES = 16 * 1024 * 1024;

async function keepText(folder: string, name: string, text: string): Promise<KeptFile> {
  const digest = createHash('sha256').update(text).digest('hex');
  await writeFile(path.join(folder, digest), text, { mode: 0o600 });
  return { path: name, digest };
}

async function keepFile(
  folder: string,
  name: string,
  source: string,
  { digest, bytes }: { readonly digest: string; readonly bytes: number },
): Promise<KeptFile> {
  const kept = path.join(folder, digest);
  if (bytes <= KEPT_BYTES && !existsSync(kept)) {
    // Whole or not at all: a copy that was cut off must not pass for the file of that digest.
    const copy = `${kept}.new`;
    await copyFile(source, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, 0o600);
    await rename(copy, kept);
  }
  return { path: name, digest };
}

async function lastVersion(directory: string): Promise<number> {
  const numbers = (await readdir(directory)).map((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

/** What of sensitive variables stands as a literal in a file of the spec, values as well as defaults, is not kept. */
function secretsOf({ variables, workspace }: LoadedProject): Mask {
  const defaults = [...workspace.variables.values()].flatMap((declared) => declared.default ?? []);
  const secrets = sensitiveTexts([...variables.values(), ...defaults]);
  // As it is, and as it stands between quotes.
  return createMask(
    secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
    4,
  );
}
