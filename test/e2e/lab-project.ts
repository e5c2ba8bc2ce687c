import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { Lab } from '../lab/lab.ts';
import { Project } from './project.ts';

/** Values for variables, as JSON has them. */
export type Variables = Readonly<Record<string, unknown>>;

/** An example whose hosts are those of a lab: their keys are known, variables come from a vars file. */
export async function exampleOnLab(name: string, lab: Lab, variables: Variables): Promise<Project> {
  const project = await Project.ofExample(name);
  await knowHosts(project, lab);
  await setVariables(project, { private_key: lab.privateKeyPath, ...variables });
  return project;
}

/** A spec of its own for hosts of a lab: `provider "ssh"` as root with the lab's key is added. */
export async function specOnLab(lab: Lab, files: Readonly<Record<string, string>>): Promise<Project> {
  const project = await Project.of(files);
  await knowHosts(project, lab);
  await project.write('provider.hcl', sshProvider({ user: 'root', private_key: lab.privateKeyPath }));
  return project;
}

export function sshProvider(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}\n`);
  return `provider "ssh" {\n${lines.join('')}}\n`;
}

export async function setVariables(project: Project, variables: Variables): Promise<void> {
  const file = 'lab.auto.vars.json';
  const known = JSON.parse(await project.read(file).catch(() => '{}')) as Variables;
  await project.write(file, JSON.stringify({ ...known, ...variables }, null, 2));
}

/** The project's user knows the keys of the lab's hosts. */
export async function knowHosts(project: Project, lab: Lab): Promise<void> {
  await copyFile(lab.knownHostsPath, path.join(project.home, '.ssh', 'known_hosts'));
}
