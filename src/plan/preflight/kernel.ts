import { probeKey } from '../../host/observation.ts';
import { serviceInit, type Facts } from '../../host/facts.ts';
import { countsBytes, type Condition, type LimitName } from '../../spec/demands.ts';
import type { Requirements } from '../../spec/model.ts';
import { formatBytes } from './amounts.ts';
import { findingsOn, type PreflightFinding } from './finding.ts';
import type { HostLoad } from './host-load.ts';

/** The kernel's version, command line and settings, and the limits that services get. */
export function checkKernel(load: HostLoad): readonly PreflightFinding[] {
  return load.desired
    .filter(({ declaration }) => load.changes(declaration.address))
    .flatMap(({ declaration: { component }, requires }) => [
      ...checkVersion(load, component, requires.kernel),
      ...checkParameters(load, component, requires.kernel.parameters),
      ...requires.sysctl.map((demand) => checkSetting(load, component, demand)),
      ...requires.limits.map(({ name, atLeast }) => checkLimit(load, component, name, atLeast)),
    ]);
}

function checkVersion(
  { host, observation }: HostLoad,
  component: string,
  { version }: Requirements['kernel'],
): readonly PreflightFinding[] {
  if (version.length === 0) return [];
  const { pass, fail } = findingsOn(host);
  const { kernel } = observation.facts;
  const wanted = version.map(wordCondition).join(', ');
  if (version.every((condition) => holdsVersion(kernel, condition)))
    return [pass('kernel', `${kernel}, ${wanted} needed`, component)];
  const detail = `${component} needs a kernel ${wanted}; the host runs ${kernel}.`;
  return [fail('kernel', 'Wrong kernel', detail, 'Install such a kernel and restart the host.', component)];
}

function checkParameters(
  { host, observation }: HostLoad,
  component: string,
  wanted: readonly string[],
): readonly PreflightFinding[] {
  const answer = observation.answers.get(probeKey({ probe: 'kernel-command-line' }));
  if (answer?.probe !== 'kernel-command-line') return [];
  const { pass, fail } = findingsOn(host);
  const words = answer.text.split(/\s+/).map(normalParameter);
  return wanted.map((parameter) => {
    const normal = normalParameter(parameter);
    const found = words.some(
      (word) => word === normal || (!normal.includes('=') && word.startsWith(`${normal}=`)),
    );
    if (found) return pass('kernel', `started with ${parameter}`, component);
    const detail = `${component} needs the kernel to be started with ${parameter}.`;
    const remedy =
      "Add it to the kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub) and restart the host.";
    return fail('kernel', `Kernel parameter ${parameter} is missing`, detail, remedy, component);
  });
}

/** The kernel takes `-` and `_` in names of parameters for the same. */
function normalParameter(word: string): string {
  const at = word.indexOf('=');
  const name = at < 0 ? word : word.slice(0, at);
  return name.replaceAll('-', '_') + (at < 0 ? '' : word.slice(at));
}

function checkSetting(
  { host, observation }: HostLoad,
  component: string,
  demand: Requirements['sysctl'][number],
): PreflightFinding {
  const { pass, fail } = findingsOn(host);
  const { name } = demand;
  const answer = observation.answers.get(probeKey({ probe: 'sysctl', name }));
  const value = answer?.probe === 'sysctl' ? answer.value : null;
  const wanted = wordCondition(demand);
  if (value === null) {
    const detail = `${component} needs ${name} ${wanted}, but this kernel has no such setting.`;
    const remedy = 'Check the name, or load the kernel module that brings it.';
    return fail('sysctl', `${name} is not there`, detail, remedy, component);
  }
  const found = value.replace(/\s+/g, ' ');
  if (holds(found, demand)) return pass('sysctl', `${name} is ${found}, ${wanted} needed`, component);
  const detail = `${component} needs ${name} ${wanted}; the host has ${found === '' ? 'nothing' : found}.`;
  const change = ['>=', '<=', '='].includes(demand.operator) ? demand.value : 'VALUE';
  const remedy = `Set it there: sysctl -w ${name}=${change.includes(' ') ? `"${change}"` : change}, and in a file of /etc/sysctl.d so that it stays.`;
  return fail('sysctl', `${name} is ${found === '' ? 'not set' : found}`, detail, remedy, component);
}

function checkLimit(
  { host, observation }: HostLoad,
  component: string,
  name: LimitName,
  atLeast: number,
): PreflightFinding {
  const { pass, warn, fail } = findingsOn(host);
  const answer = observation.answers.get(probeKey({ probe: 'limits' }));
  const limit = answer?.probe === 'limits' ? answer.hard.get(name) : undefined;
  const wanted = wordLimit(name, atLeast);
  if (limit === undefined) {
    const detail = `${component} needs ${name} ${atLeast === Infinity ? 'to be unlimited' : `of at least ${wanted}`}, but the host does not tell its limit.`;
    return warn('limits', `Limit ${name} is not known`, detail, '', component);
  }
  const found = wordLimit(name, limit);
  if (limit >= atLeast) return pass('limits', `${name} is ${found}, ${wanted} needed`, component);
  const detail = `${component} needs ${name} ${atLeast === Infinity ? 'to be unlimited' : `of at least ${wanted}`}; a service gets ${found} there.`;
  return fail(
    'limits',
    `Limit ${name} is ${found}`,
    detail,
    raiseLimit(observation.facts, name, atLeast),
    component,
  );
}

function raiseLimit(facts: Facts, name: LimitName, atLeast: number): string {
  const value = atLeast === Infinity ? 'infinity' : String(atLeast);
  if (serviceInit(facts) === 'systemd')
    return `Set DefaultLimit${name.toUpperCase()}=${value} in a file of /etc/systemd/system.conf.d, then systemctl daemon-reexec.`;
  if (serviceInit(facts) === 'monit')
    return `Raise it for monit itself (ulimit -H in what starts it) and start it anew.`;
  return `Raise it in /etc/security/limits.conf for the user that slipway logs in as.`;
}

function wordLimit(name: LimitName, value: number): string {
  if (value === Infinity) return 'unlimited';
  return countsBytes(name) ? formatBytes(value) : String(value);
}

function wordCondition({ operator, value }: Condition): string {
  return `${operator} ${value}`;
}

/** Numbers compare as numbers, of any length; all else can only be equal or not. */
export function holds(found: string, { operator, value }: Condition): boolean {
  const numbers = [found, value].every((text) => /^-?\d+$/.test(text));
  if (!numbers) return operator === '=' ? found === value : operator === '!=' && found !== value;
  const [a, b] = [BigInt(found), BigInt(value)];
  return compares(a < b ? -1 : a > b ? 1 : 0, operator);
}

/** `6.1.0-18-amd64` against `>= 5.10`: as many parts are compared as the condition has. */
export function holdsVersion(found: string, { operator, value }: Condition): boolean {
  const parts = (/^\d+(\.\d+)*/.exec(found)?.[0] ?? '').split('.').map(Number);
  for (const [i, part] of value.split('.').map(Number).entries()) {
    const order = Math.sign((parts[i] ?? 0) - part);
    if (order !== 0) return compares(order, operator);
  }
  return compares(0, operator);
}

function compares(order: number, operator: Condition['operator']): boolean {
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
  }
}
