import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OVERRIDE_FILE } from '../spec/override.ts';
import { sensitiveNames, specRedaction, type RedactedText } from './history-redaction.ts';
import { versionNumbers, type HistoryVersion, type VersionFile } from './history-read.ts';
import { keptVariables } from './history-variables.ts';
import { redactOverride } from './override/kept-override.ts';
import type { Ports } from './ports.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import type { LoadedProject } from './project.ts';
import type { RunRequest } from './run-plan.ts';

/**
 * Keeps a numbered version of what was applied: `.slipway/history/N.json` with the spec's files, its override, values of variables
 * (a sensitive one as the marker `(sensitive)`), author and time; contents lie once each in `.slipway/history/files/SHA256`.
 */
export async function recordVersion(
  project: LoadedProject,
  prepared: PreparedPlan,
  request: Pick<RunRequest, 'run' | 'operation' | 'selection'> & { readonly deployment: number | null },
  ports: Ports,
): Promise<void> {
  const directory = project.paths.history;
  const files = path.join(directory, 'files');
  await mkdir(files, { recursive: true, mode: 0o700 });
  const number = ((await versionNumbers(directory)).at(-1) ?? 0) + 1;
  const { workspace } = project;
  const listed: VersionFile[] = [];
  const redact = specRedaction(workspace, project.variables);
  for (const file of workspace.files) {
    listed.push(await keepText(files, file.path, redact(file.text)));
  }
  const override = redactOverride(workspace, project.variables);
  if (override !== null) listed.push(await keepText(files, OVERRIDE_FILE, override));
  // What a definition is called by is where it belongs; a rollback reads it from elsewhere.
  for (const [home, definition] of workspace.definitions) {
    const prefix = path.relative(workspace.directory, home);
    for (const file of definition.files) {
      const source = path.join(definition.directory, file.path);
      listed.push(await keepFile(files, `${prefix}/${file.path}`, source, file));
    }
  }
  const variables = keptVariables(workspace, project.variables);
  const { plan } = prepared;
  const { targets = [], excludes = [] } = request.selection ?? {};
  const version: HistoryVersion & { readonly specDigest: string } = {
    version: number,
    run: request.run,
    operation: request.operation,
    author: ports.owner,
    time: new Date(ports.clock()).toISOString(),
    cluster: plan.cluster,
    specVersion: plan.specVersion,
    specDigest: plan.specDigest,
    deployment: request.deployment,
    ...(targets.length > 0 ? { targets } : {}),
    ...(excludes.length > 0 ? { excludes } : {}),
    changes: plan.changes
      .filter((change) => change.action !== 'none')
      .map(({ address, action }) => ({ address, action })),
    variables: variables.values,
    ...(variables.redacted.length > 0 ? { redacted: variables.redacted } : {}),
    sensitive: sensitiveNames(workspace, project.variables),
    files: listed,
  };
  const file = path.join(directory, `${number}.json`);
  await writeFile(`${file}.new`, `${JSON.stringify(version, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Larger files of a definition are named by their digest only. */
const KEPT_BYTES = 16 * 1024 * 1024;

async function keepText(
  folder: string,
  name: string,
  { text, variables }: RedactedText,
): Promise<VersionFile> {
  const digest = createHash('sha256').update(text).digest('hex');
  await keepOnce(path.join(folder, digest), (file) => writeFile(file, text, { mode: 0o600 }));
  const bytes = Buffer.byteLength(text);
  return { path: name, digest, bytes, ...(variables.length > 0 ? { redacted: variables } : {}) };
}

async function keepFile(
  folder: string,
  name: string,
  source: string,
  { digest, bytes }: { readonly digest: string; readonly bytes: number },
): Promise<VersionFile> {
  if (bytes <= KEPT_BYTES) {
    await keepOnce(path.join(folder, digest), async (file) => {
      await copyFile(source, file, constants.COPYFILE_FICLONE);
      await chmod(file, 0o600);
    });
  }
  return { path: name, digest, bytes };
}

/**
 * Whole or not at all, and never again: what was cut off (a full disk) must not pass for the file of that digest, which older
 * versions need too.
 */
async function keepOnce(kept: string, write: (file: string) => Promise<void>): Promise<void> {
  if (existsSync(kept)) return;
  const aside = `${kept}.new`;
  try {
    await write(aside);
    await rename(aside, kept);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
