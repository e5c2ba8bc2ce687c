import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import type { HclParser } from '../../spec/hcl/parse.ts';
import type { VariableArgument } from '../../spec/variables.ts';
import { loadWorkspace } from '../../spec/workspace.ts';
import type { ServeOptions } from './serve-options.ts';
import { environmentFile, serviceUnit, unitName } from './service-unit.ts';

const run = promisify(execFile);
const UNITS = '/etc/systemd/system';
/** A server whose options do not go together ends within that time. */
const SETTLE_MS = 2_000;

export interface ServiceRequest {
  readonly directory: string;
  readonly options: ServeOptions;
  readonly variables: readonly VariableArgument[];
}

/**
 * Writes the unit of a server for a working directory, enables it and starts it (anew). It runs as the directory's owner. Throws
 * `DiagnosticsError` when it cannot be, or does not stay up.
 */
export async function installService(
  { directory, options, variables }: ServiceRequest,
  parser: HclParser,
): Promise<{ readonly unit: string; readonly name: string; readonly user: string }> {
  refuseWithoutSystemd();
  const { workspace } = await loadWorkspace(directory, { parser });
  const cluster = workspace.cluster?.label ?? path.basename(directory);
  const variableFiles = variables.map((variable) => {
    if (variable.option === 'var')
      throw problem(
        '--var cannot be kept in a unit',
        `Everybody can read a unit. Give --var-file, or write SLIPWAY_VAR_name=VALUE into ${environmentFile(cluster)} (mode 0600).`,
      );
    return path.resolve(directory, variable.path);
  });
  const name = unitName(cluster);
  const unit = path.join(UNITS, name);
  const served = await directoryOf(unit);
  if (served !== null && served !== directory)
    throw problem(
      `${name} serves another directory`,
      `It serves ${served}. \`slipway serve --uninstall --chdir=${served}\` takes it off.`,
    );
  const owner = await accountOf((await stat(directory)).uid);
  const program = [process.execPath, realpathSync(process.argv[1] ?? '')];
  const text = serviceUnit({ cluster, directory, options, variableFiles, program, ...owner });
  await writeFile(unit, text, { mode: 0o644 });
  await systemctl('daemon-reload');
  await systemctl('enable', name);
  await systemctl('restart', name);
  await sleep(SETTLE_MS);
  const active = await run('systemctl', ['is-active', '--quiet', name]).then(
    () => true,
    () => false,
  );
  if (!active) {
    const { stdout } = await run('journalctl', ['-u', name, '-n', '8', '-o', 'cat', '--no-pager']);
    throw problem(`${name} does not stay up`, `It is installed. Its last words:\n${stdout.trimEnd()}`);
  }
  return { unit, name, user: owner.user };
}

/** Stops the server of a working directory and takes its unit off. Resolves to the unit's path. */
export async function uninstallService(directory: string): Promise<string> {
  refuseWithoutSystemd();
  for (const name of await readdir(UNITS)) {
    if (!/^slipway-.*\.service$/.test(name)) continue;
    const unit = path.join(UNITS, name);
    if ((await directoryOf(unit)) !== directory) continue;
    await systemctl('disable', '--now', name);
    await rm(unit);
    await systemctl('daemon-reload');
    return unit;
  }
  throw problem(
    'There is no service to take off',
    `No unit slipway-*.service in ${UNITS} serves ${directory}.`,
  );
}

/** The directory that a unit of ours serves; null when there is no such unit. */
async function directoryOf(unit: string): Promise<string | null> {
  const text = await readFile(unit, 'utf8').catch(() => '');
  return /^WorkingDirectory=(.*)$/m.exec(text)?.[1]?.replaceAll('%%', '%') ?? null;
}

async function accountOf(uid: number): Promise<{ user: string; group: string; home: string }> {
  const { stdout } = await run('getent', ['passwd', String(uid)]).catch(() => ({ stdout: '' }));
  const [user, , , gid, , home] = stdout.trim().split(':');
  if (user === undefined || gid === undefined || home === undefined)
    throw problem(
      'The directory of the spec has no owner',
      `No account has its uid ${uid}. Give it to one with chown.`,
    );
  return { user, group: gid, home };
}

function refuseWithoutSystemd(): void {
  if (!existsSync('/run/systemd/system'))
    throw problem(
      'There is no systemd here',
      'Let what starts programs on this machine run `slipway serve` in the directory of the spec.',
    );
  if (process.getuid?.() !== 0)
    throw problem(
      'Only root installs services',
      'Run this with sudo; the service runs as the owner of the directory.',
    );
}

async function systemctl(...words: readonly string[]): Promise<void> {
  await run('systemctl', [...words]).catch((error: { stderr?: string }) => {
    throw problem(`systemctl ${words.join(' ')} failed`, error.stderr?.trim() ?? '');
  });
}

function problem(summary: string, detail: string): DiagnosticsError {
  return new DiagnosticsError([runError(summary, detail)]);
}
