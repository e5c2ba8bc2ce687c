import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told apart from a later one with the same number by the time it started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

async function startTicks(pid: number): Promise<string | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may hold anything; the start time is the 20th field after it.
  return line?.slice(line.lastIndexOf(')') + 2).split(' ')[19];
}

export async function thisProcess(): Promise<ProcessIdentity> {
  return { pid: process.pid, startTicks: (await startTicks(process.pid)) ?? '' };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await startTicks(identity.pid)) === identity.startTicks;
}

/** Runs `work` while no other process does so for the same lock file; a dead owner's lock is taken over. */
export async function exclusively<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const mine = JSON.stringify(await thisProcess());
  while (!(await create(file, mine))) {
    const owner = await readFile(file, 'utf8').catch(() => undefined);
    if (owner && !(await isAlive(JSON.parse(owner) as ProcessIdentity))) await rm(file, { force: true });
    else await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** The file appears with its content or not at all: a half-written owner would never be found dead. */
async function create(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
