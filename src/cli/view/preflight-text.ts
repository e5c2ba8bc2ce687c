import type { HostPreflight, PreflightReport } from '../../app/operate/preflight.ts';
import type { PreflightFinding } from '../../plan/preflight/finding.ts';
import { count } from '../../terminal/amounts.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paintLine, span, type Line, type Tone } from '../../terminal/style.ts';
import { wrap } from '../../terminal/width.ts';

export interface PreflightTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Shows what passes, too. */
  readonly verbose: boolean;
}

type Verdict = PreflightFinding['verdict'];

const LOOKS: Readonly<Record<Verdict, { readonly symbol: string; readonly tone: Tone }>> = {
  pass: { symbol: '✓', tone: 'good' },
  warn: { symbol: '!', tone: 'warn' },
  fail: { symbol: '✗', tone: 'bad' },
};

/** Behind symbol and check. */
const PASS_INDENT = 2 + 2 + 14;
/** What more there is to say stands below the check. */
const DETAIL_INDENT = 4;
const LONGEST_LINE = 120;

/** What preflight found, host by host; ends with a line of sums and a newline. Diagnostics are the caller's. */
export function renderPreflight(report: PreflightReport, options: PreflightTextOptions): string {
  const lines: Line[] = [];
  report.hosts.forEach((host, i) => {
    const shown = distinct(host.findings).filter(({ verdict }) => options.verbose || verdict !== 'pass');
    if (i > 0 && (shown.length > 0 || lines.at(-1)?.length === 0)) lines.push([]);
    lines.push(hostLine(host));
    for (const finding of shown) lines.push(...findingLines(finding, Math.min(options.width, LONGEST_LINE)));
    if (shown.length > 0 && i < report.hosts.length - 1) lines.push([]);
  });
  const spaced = lines.filter((line, i) => line.length > 0 || (lines[i - 1]?.length ?? 0) > 0);
  const all = [...spaced, [], summaryLine(report)];
  return all.map((line) => `${paintLine(line, options.color).trimEnd()}\n`).join('');
}

function worst({ findings }: HostPreflight): Verdict {
  const verdicts = new Set(findings.map(({ verdict }) => verdict));
  return verdicts.has('fail') ? 'fail' : verdicts.has('warn') ? 'warn' : 'pass';
}

function hostLine(host: HostPreflight): Line {
  const verdict = worst(host);
  const { symbol, tone } = LOOKS[verdict];
  const counted = (wanted: Verdict): number =>
    distinct(host.findings).filter((finding) => finding.verdict === wanted).length;
  const sums = [
    counted('fail') > 0 ? `${counted('fail')} failed` : '',
    counted('warn') > 0 ? count(counted('warn'), 'warning') : '',
    counted('pass') > 0 ? `${counted('pass')} passed` : '',
  ].filter((part) => part !== '');
  const name = host.name === null ? '' : ` ${host.name}`;
  return [
    span(`${symbol} `, tone),
    span(`${host.address}${name}`, 'strong'),
    span(host.components.length === 0 ? '' : ` (${host.components.join(', ')})`, 'faint'),
    span('  '),
    span(sums.join(', '), tone),
  ];
}

function findingLines(finding: PreflightFinding, width: number): readonly Line[] {
  const { verdict, check } = finding;
  const { symbol, tone } = LOOKS[verdict];
  const start: Line = [
    span(`  ${symbol} `, tone),
    span(check.padEnd(14), verdict === 'pass' ? 'faint' : tone),
  ];
  const block = (text: string, indent: number, textTone: Tone): readonly Line[] =>
    wrap(sanitize(text), width - indent).map((line) => [span(' '.repeat(indent)), span(line, textTone)]);
  const [first = [], ...rest] = block(
    finding.verdict === 'pass' ? finding.detail : finding.summary,
    PASS_INDENT,
    finding.verdict === 'pass' ? 'faint' : 'strong',
  );
  const head: readonly Line[] = [[...start, ...first.slice(1)], ...rest];
  if (finding.verdict === 'pass') return head;
  const { detail, remedy } = finding;
  return [
    ...head,
    ...block(detail, DETAIL_INDENT, 'plain'),
    ...(remedy === '' ? [] : block(remedy, DETAIL_INDENT, 'accent')),
  ];
}

/** Two components may ask for the same, and get the same answer. */
function distinct(findings: readonly PreflightFinding[]): readonly PreflightFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ check, verdict, detail }) => {
    const key = `${check} ${verdict} ${detail}`;
    return !seen.has(key) && Boolean(seen.add(key));
  });
}

function summaryLine({ hosts }: PreflightReport): Line {
  const counted = (wanted: Verdict): number => hosts.filter((host) => worst(host) === wanted).length;
  const [ready, warned, failed] = [counted('pass'), counted('warn'), counted('fail')];
  if (hosts.length === 0) return [span('The spec places nothing on any host.', 'strong')];
  const parts: Line[] = [
    ...(ready > 0 ? [[span(`${ready} ready`, 'good')]] : []),
    ...(warned > 0 ? [[span(`${warned} ready with warnings`, 'warn')]] : []),
    ...(failed > 0 ? [[span(`${failed} not ready`, 'bad')]] : []),
  ];
  return [
    span(`${count(hosts.length, 'host')}: `, 'strong'),
    ...parts.flatMap((part, i): Line => (i === 0 ? part : [span(', '), ...part])),
    span('.'),
  ];
}
