import { probeKey } from '../../host/observation.ts';
import type { HostObservation, ProbeRequest } from '../../host/observation.ts';
import { wordTcpPlace, type TcpPlace } from '../../spec/demands.ts';
import { findingsOn, type PreflightFinding } from './finding.ts';
import type { HostLoad } from './host-load.ts';

/**
 * Where apt fetches from, without what may be secret in it: `lists yes`, `source http://deb.debian.org`, `proxy http http://proxy:3128`.
 * `update --print-uris` reads the sources, and neither fetches nor locks anything.
 */
const SOURCES_REQUEST: Extract<ProbeRequest, { probe: 'command' }> = {
  probe: 'command',
  key: 'preflight package sources',
  program: `command -v apt-get >/dev/null || exit 3
for list in /var/lib/apt/lists/*Packages*; do
  if [ -e "$list" ]; then echo 'lists yes'; break; fi
done
apt-config dump 2>/dev/null |
  sed -n 's#^Acquire::\\(https\\{0,1\\}\\)::[Pp]roxy "\\([a-z0-9]*://\\)\\([^/"@]*@\\)\\{0,1\\}\\([^/"]*\\).*#proxy \\1 \\2\\4#p'
apt-get update --print-uris 2>/dev/null |
  sed -n "s#^'\\(mirror+\\)\\{0,1\\}\\(https\\{0,1\\}://\\)\\([^/'@]*@\\)\\{0,1\\}\\([^/']*\\).*#source \\2\\4#p" | sort -u`,
  timeoutSeconds: 15,
};

/** What to ask a host whose instances declare packages. */
export function packageRequests(load: Pick<HostLoad, 'desired'>): readonly ProbeRequest[] {
  const names = packageNames(load);
  if (names.length === 0) return [];
  return [SOURCES_REQUEST, ...names.map((name) => ({ probe: 'package', name }) as const)];
}

function packageNames({ desired }: Pick<HostLoad, 'desired'>): readonly string[] {
  const names = desired.flatMap(({ resources }) =>
    resources.flatMap((resource) => (resource.kind === 'package' ? [resource.name] : [])),
  );
  return [...new Set(names)];
}

interface Sources {
  /** Whether package lists were ever fetched. */
  readonly lists: boolean;
  /** What must be reached: the sources, or the proxies before them. */
  readonly places: readonly TcpPlace[];
}

function sourcesOf({ answers }: HostObservation): Sources | null {
  const answer = answers.get(probeKey(SOURCES_REQUEST));
  if (answer?.probe !== 'command' || answer.code !== 0) return null;
  const lines = answer.output.split('\n').map((line) => line.split(' '));
  const proxies = new Map(
    lines.flatMap(([what, scheme = '', url = '']) => (what === 'proxy' ? [[scheme, url] as const] : [])),
  );
  const places = new Map<string, TcpPlace>();
  for (const [what, url = ''] of lines) {
    if (what !== 'source') continue;
    // apt takes the proxy of http for https as well where that has none.
    const proxy = proxies.get(url.split(':')[0] ?? '') ?? proxies.get('http');
    const place = placeOf(proxy ?? url);
    if (place !== null) places.set(wordTcpPlace(place), place);
  }
  return { lists: lines.some(([what]) => what === 'lists'), places: [...places.values()] };
}

function placeOf(url: string): TcpPlace | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (address === '') return null;
  return { address, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

/** What to ask once the sources are known. */
export function sourceRequests(observation: HostObservation): readonly ProbeRequest[] {
  return (sourcesOf(observation)?.places ?? []).map((place) => ({ probe: 'reach', ...place }));
}

/** Whether the host's package manager reaches what it installs from, and knows the packages that are declared. */
export function checkPackageSources(load: HostLoad): readonly PreflightFinding[] {
  const { host, observation } = load;
  const { pass, warn, fail } = findingsOn(host);
  const sources = sourcesOf(observation);
  if (sources === null) return [];
  const packages = packageNames(load).map((name) => {
    const answer = observation.answers.get(probeKey({ probe: 'package', name }));
    return {
      name,
      installed: answer?.probe === 'package' && answer.installed !== null,
      known: answer?.probe === 'package' && answer.candidate !== null,
    };
  });
  const missing = packages.filter(({ installed }) => !installed);
  const findings: PreflightFinding[] = [];
  const lost: { where: string; why: string }[] = [];
  for (const place of sources.places) {
    const answer = observation.answers.get(probeKey({ probe: 'reach', ...place }));
    if (answer?.probe !== 'reach') continue;
    const where = wordTcpPlace(place);
    if (answer.reached) findings.push(pass('packages', `apt reaches ${where}`));
    else lost.push({ where, why: answer.why ?? 'there is no answer' });
  }
  // One source of several that is away is no harm to packages of the others.
  const hopeless = missing.length > 0 && lost.length > 0 && lost.length === sources.places.length;
  for (const { where, why } of lost) {
    const tell = hopeless ? fail : warn;
    const detail = `apt fetches packages from there: ${why}.`;
    const remedy = "Let the host through to it, or change its sources or apt's proxy.";
    findings.push(tell('packages', `apt does not reach ${where}`, detail, remedy));
  }
  const unknown = missing.filter(({ known }) => !known).map(({ name }) => name);
  const names = unknown.join(', ');
  if (unknown.length > 0 && sources.places.length === 0 && !sources.lists) {
    const detail = `apt has no source on the network, and ${names} ${are(unknown)} not installed.`;
    findings.push(fail('packages', 'No package sources', detail, SOURCES_REMEDY));
  } else if (unknown.length > 0 && sources.lists) {
    const detail = `The host's package lists do not have ${names}. An apply fetches the lists anew before it gives up.`;
    findings.push(
      warn('packages', `apt does not know ${names}`, detail, `Check the name. ${SOURCES_REMEDY}`),
    );
  } else if (unknown.length > 0) {
    findings.push(pass('packages', `apt has no lists yet: an apply fetches them for ${names}`));
  } else if (missing.length > 0) {
    findings.push(pass('packages', `apt knows ${missing.map(({ name }) => name).join(', ')}`));
  }
  return findings;
}

const SOURCES_REMEDY = 'Add the repository that has it to /etc/apt/sources.list.d.';

function are(names: readonly string[]): string {
  return names.length === 1 ? 'is' : 'are';
}
