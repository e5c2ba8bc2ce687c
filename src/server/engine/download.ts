import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { listRuns } from '../../app/operate/runs.ts';
import { projectPaths } from '../../app/project-paths.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';

/** Names of the logs of the last run, the controller's first: `local.log`, `nats_0.log`. Empty before there was a run. */
export async function logNames(use: ServerUseCases): Promise<readonly string[]> {
  return (await lastLogs(use))?.names ?? [];
}

/** One of them, as long as it is by now. Rejects with `HttpError` 404. */
export async function openLog(
  given: Buffer | undefined,
  use: ServerUseCases,
): Promise<{ readonly size: number; readonly text: Readable | null }> {
  const name = readName(given?.toString() ?? '');
  const logs = await lastLogs(use);
  // A name of the list, and no path: nothing else is opened.
  if (logs === null || !logs.names.includes(name))
    throw new HttpError(
      404,
      'There is no such log',
      'GET /deployment-engine/download names those of the last run.',
    );
  const file = await open(path.join(logs.directory, name), constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  if (size > 0) return { size, text: file.createReadStream({ start: 0, end: size - 1 }) };
  await file.close();
  return { size, text: null };
}

/** `local.log`, `"local.log"`, `{ "local.log" }`: all of them are sent. */
function readName(text: string): string {
  return text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .trim();
}

async function lastLogs({
  directory,
  ports,
}: ServerUseCases): Promise<{ readonly directory: string; readonly names: readonly string[] } | null> {
  const [run] = await listRuns(directory, 1, ports);
  if (run === undefined) return null;
  const folder = path.join(projectPaths(directory).runs, run.run);
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.log'));
  const { compare } = new Intl.Collator('en', { numeric: true });
  const names = files
    .map(({ name }) => name)
    .sort((a, b) => Number(b === 'local.log') - Number(a === 'local.log') || compare(a, b));
  return { directory: folder, names };
}
