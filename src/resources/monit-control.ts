import { createHash } from 'node:crypto';
import { monitPidFile } from '../host/monit-program.ts';
import type { DesiredService } from './resource.ts';
import { LOG_LIMIT_BYTES } from './supervisor-program.ts';
import { serviceProgram, supervisedFolder } from './supervisor.ts';

/*
 * A service under monit is two files: what monit reads (the control file, in a folder that its own one includes), and what is
 * executed then (`program` in `${dir}/.slipway/NAME`, the same as under the pidfile supervisor).
 *
 * The last line of a control file says what happens at boot. It is written on the host, for its words depend on the version
 * of monit there (`onreboot` since 5.18, `mode manual` before), and is no part of what is compared: `slipway stop` changes it.
 */

const HEADER = '# managed by slipway: changes made here are overwritten';
const BOOT_LINE = /^ {2}(?:onreboot|mode) (\w+)\n?$/m;

/** How long a program may take until monit sees it run. */
const START_SECONDS = 30;
/** What the program gets is not all: a moment more until monit thinks that its end has failed. */
const STOP_GRACE_SECONDS = 10;

/** A control file without its last line. */
export function renderControl(service: DesiredService): string {
  const { name, dir } = service;
  const seconds = Math.ceil(service.stopTimeoutSeconds);
  const folder = supervisedFolder(dir, name);
  const run = (action: string) =>
    `"/bin/sh ${folder}/run ${action} ${folder} ${monitPidFile(name)} ${seconds}"`;
  return [
    HEADER,
    `check file ${name}.log with path ${folder}/log`,
    '  if does not exist then alert',
    `  if size > ${LOG_LIMIT_BYTES / 1024 / 1024} MB then exec ${run('rotate')}`,
    `check process ${name} with pidfile ${monitPidFile(name)}`,
    `  start program = ${run('start')} with timeout ${START_SECONDS} seconds`,
    `  stop program = ${run('stop')} with timeout ${seconds + STOP_GRACE_SECONDS} seconds`,
    '',
  ].join('\n');
}

/** Was a control file written by slipway? */
export function isManagedControl(text: string): boolean {
  return text.startsWith(HEADER);
}

/** A control file as it lies on a host, parted. `digest` is of the whole file. */
export function readControl(text: string): {
  readonly text: string;
  readonly atBoot: boolean;
  readonly digest: string;
} {
  const atBoot = BOOT_LINE.exec(text)?.[1];
  return {
    text: text.replace(BOOT_LINE, ''),
    atBoot: atBoot === 'start' || atBoot === 'active',
    digest: sha256(text),
  };
}

/** What a service under monit is compared by: digest over the control file and the digest of the program. */
export function monitDigest(control: string, programDigest: string): string {
  return sha256(`${control}${programDigest}\n`);
}

export function monitDigestOf(service: DesiredService): string {
  return monitDigest(renderControl(service), sha256(serviceProgram(service)));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
