import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

/** What is looked at, in the order in which it is shown. */
export const PREFLIGHT_CHECKS = [
  'reachability',
  'host-key',
  'credentials',
  'root',
  'shell',
  'os',
  'kernel',
  'cpu',
  'memory',
  'disk',
  'space',
  'clock',
  'hostname',
  'init',
  'lock',
  'ownership',
  'ports',
  'resolves',
  'reaches',
  'sysctl',
  'limits',
  'packages',
] as const;
export type PreflightCheck = (typeof PREFLIGHT_CHECKS)[number];

interface About {
  readonly host: string;
  /** The component that asks for it; null: all that is placed there, or slipway itself. */
  readonly component: string | null;
  readonly check: PreflightCheck;
}

/** One thing that was verified on a host before anything is changed there. JSON-serialisable. */
export type PreflightFinding = About &
  (
    | { readonly verdict: 'pass'; /** What was found, in a few words. */ readonly detail: string }
    | {
        readonly verdict: 'warn' | 'fail';
        /** One line, no full stop. */
        readonly summary: string;
        /** What was found and what is needed, in a sentence. */
        readonly detail: string;
        /** What to do; '' where the detail says it all. */
        readonly remedy: string;
      }
  );

/** Makes findings about one host. */
export function findingsOn(host: string) {
  const about = (check: PreflightCheck, component: string | null): About => ({ host, component, check });
  return {
    pass: (check: PreflightCheck, detail: string, component: string | null = null): PreflightFinding => ({
      ...about(check, component),
      verdict: 'pass',
      detail,
    }),
    warn: (
      check: PreflightCheck,
      summary: string,
      detail: string,
      remedy: string,
      component: string | null = null,
    ): PreflightFinding => ({ ...about(check, component), verdict: 'warn', summary, detail, remedy }),
    fail: (
      check: PreflightCheck,
      summary: string,
      detail: string,
      remedy: string,
      component: string | null = null,
    ): PreflightFinding => ({ ...about(check, component), verdict: 'fail', summary, detail, remedy }),
  };
}

/** What a plan tells of findings: a failure forbids it, a warning comes along. */
export function diagnosticsOf(findings: readonly PreflightFinding[]): readonly Diagnostic[] {
  return findings.flatMap((finding): readonly Diagnostic[] => {
    if (finding.verdict === 'pass') return [];
    const { host, verdict, summary, detail, remedy } = finding;
    return [
      {
        severity: verdict === 'fail' ? 'error' : 'warning',
        summary,
        detail: remedy === '' ? detail : `${detail} ${remedy}`,
        subject: { at: 'host', host },
      },
    ];
  });
}
