import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import type { Ports } from './ports.ts';
import type { ProjectPaths } from './project-paths.ts';

/** With less, who has the state could find the key, and with it guess secrets. */
const LEAST_CHARACTERS = 16;

/**
 * Digests of what must not be known; the key is `SLIPWAY_KEY`, or `.slipway/key`, made when it is first needed. A key that
 * cannot be read, is empty or too short throws `DiagnosticsError` at the first digest.
 */
export function secretDigests(
  paths: Pick<ProjectPaths, 'key'>,
  environment: Ports['environment'],
): (text: string) => string {
  let key: string | null = null;
  return (text) => {
    key ??= givenKey(environment['SLIPWAY_KEY']) ?? readKey(paths.key) ?? makeKey(paths.key);
    return createHmac('sha256', key).update(text).digest('hex');
  };
}

/** Whether there is a key already: without one, nothing that was digested before can be compared. */
export function hasKey(paths: Pick<ProjectPaths, 'key'>, environment: Ports['environment']): boolean {
  return (environment['SLIPWAY_KEY'] ?? '') !== '' || existsSync(paths.key);
}

function givenKey(given: string | undefined): string | null {
  if (given === undefined || given === '') return null;
  if (given.length >= LEAST_CHARACTERS) return given;
  throw keyError(
    'SLIPWAY_KEY is too short',
    `It keeps digests of secrets from being guessed: give at least ${LEAST_CHARACTERS} random characters, as from: openssl rand -hex 32`,
  );
}

function readKey(file: string): string | null {
  let key: string;
  try {
    key = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const remedy = 'It keeps digests of secrets comparable; set its permissions right, or give SLIPWAY_KEY.';
    throw keyError(
      'The key of this working directory cannot be read',
      `${file}: ${String(error)}. ${remedy}`,
    );
  }
  if (key.length >= LEAST_CHARACTERS) return key;
  throw keyError(
    'The key of this working directory is damaged',
    `${file} holds less than ${LEAST_CHARACTERS} characters. Put it back from a backup, or remove it: a new one is made, and all that is sensitive is compared with the hosts again.`,
  );
}

/** It appears whole or not at all, and of two that make one at once both take the first. */
function makeKey(file: string): string {
  const key = randomBytes(32).toString('hex');
  const aside = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(aside, `${key}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(aside, file);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readKey(file) ?? key;
    throw keyError(
      'The key of this working directory cannot be made',
      `${file}: ${String(error)}. Free some space or set the permissions of the folder right, or give SLIPWAY_KEY.`,
    );
  } finally {
    rmSync(aside, { force: true });
  }
}

function keyError(summary: string, detail: string): DiagnosticsError {
  return new DiagnosticsError([runError(summary, detail)]);
}
