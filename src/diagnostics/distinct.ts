import type { Diagnostic } from './diagnostic.ts';

/** Without repetitions, by place: sources by file and line in front, then hosts, then the rest in the order given. */
export function distinct(diagnostics: Iterable<Diagnostic>): Diagnostic[] {
  const known = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { severity, summary, detail, subject } = diagnostic;
    const key = JSON.stringify([severity, summary, detail, subject]);
    if (!known.has(key)) known.set(key, diagnostic);
  }
  return [...known.values()].sort(byPlace);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.subject.at !== 'source' || b.subject.at !== 'source') return rank(a) - rank(b);
  const [one, other] = [a.subject.range, b.subject.range];
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.start.byte - other.start.byte;
}

function rank({ subject }: Diagnostic): number {
  return ['source', 'host', 'run'].indexOf(subject.at);
}
