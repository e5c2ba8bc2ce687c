import type { ClusterReport } from '../app/operate/cluster-report.ts';
import type { ClusterSource } from '../app/operate/cluster-watch.ts';
import type { OfflinePorts, Ports } from '../app/ports.ts';
import type { Serve } from '../app/serve/serve-options.ts';
import type { RunEvent } from '../apply/events.ts';
import type { PlanView } from '../plan/view.ts';
import type { OptionSpecs, Parsed } from './options.ts';

/** Where a command talks to people. */
export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** A person sits there: both stdin and stdout are terminals. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns; 80 where it is not a terminal. */
  readonly width: number;
}

export interface CommandContext {
  readonly args: Parsed;
  readonly terminal: Terminal;
  /** Working directory of the spec, absolute. */
  readonly directory: string;
  /** Made when it is first asked for, so that `--version` pays for nothing. */
  readonly ports: () => Promise<Ports>;
  /** The same without providers: for commands that ask no host. */
  readonly offline: () => Promise<OfflinePorts>;
  /** Screens of the terminal; loaded when one is drawn. */
  readonly screens: () => Promise<Screens>;
  /** The HTTP server; loaded when it is to serve. */
  readonly server: () => Promise<Serve>;
  /** Hands out signals of Ctrl-C: `stopping` at the first, `abort` at the second. */
  readonly interrupts: () => Interrupts;
}

/** Where a screen is drawn and read from. */
export interface ScreenPlace {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly color: boolean;
}

/** What the terminal can show as a whole screen; `src/tui` draws it, `src/main.ts` brings the two together. */
export interface Screens {
  reviewPlan(view: PlanView, place: ScreenPlace): Promise<'approved' | 'rejected'>;
  startRunView(place: ScreenPlace & { readonly onInterrupt: () => void }): {
    onEvent(event: RunEvent): void;
    finish(): Promise<void>;
  };
  /**
   * Looks at the cluster again and again until a person quits (q, Ctrl-C) or `stopping` is aborted; resolves to the last
   * look that came off, null when none did.
   */
  watchCluster(
    source: ClusterSource,
    place: ScreenPlace & { readonly stopping?: AbortSignal },
  ): Promise<ClusterReport | null>;
}

export interface Interrupts {
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
  /** As if Ctrl-C were pressed: for views that read the keyboard themselves. */
  readonly interrupt: () => void;
  /** What SIGHUP means from now on, unless it says that our terminal was closed. */
  readonly onReload: (reload: () => void) => void;
  readonly dispose: () => void;
}

/** One command: thin; reads its options, calls a use case, shows the result. Resolves to the exit code. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Arguments after the options, as in `slipway show [FILE]`. */
  readonly usage: string;
  readonly options: OptionSpecs;
  /** Paragraphs for the help of this command: subcommands, what to know. */
  readonly details?: string;
  run(context: CommandContext): Promise<number>;
}

/** Options of commands that evaluate the spec. */
export const VARIABLE_OPTIONS = {
  var: { type: 'string', multiple: true, value: 'NAME=VALUE', help: 'value of a variable' },
  'var-file': { type: 'string', multiple: true, value: 'FILE', help: 'file with values of variables' },
} as const satisfies OptionSpecs;

/** Options of commands that make a plan. */
export const PLAN_OPTIONS = {
  ...VARIABLE_OPTIONS,
  target: {
    type: 'string',
    multiple: true,
    value: 'SELECTOR',
    help: 'only this: nats, nats@ADDRESS, @ADDRESS',
  },
  exclude: { type: 'string', multiple: true, value: 'SELECTOR', help: 'all but this' },
  replace: { type: 'string', multiple: true, value: 'SELECTOR', help: 'remove and install again' },
  refresh: { type: 'boolean', negatable: true, help: '--refresh=false: do not ask the hosts' },
  parallelism: { type: 'string', value: 'N', help: 'hosts worked on at the same time (64)' },
  'lock-timeout': { type: 'string', value: 'DURATION', help: 'wait so long for the state lock (0s)' },
  json: { type: 'boolean', help: 'JSON lines instead of text' },
  verbose: { type: 'boolean', help: 'show what does not change, and what scripts print' },
} as const satisfies OptionSpecs;

/** `30s`, `5m`, `1h`, or bare seconds, in milliseconds; undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return undefined;
  const factors = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return Number(match[1]) * factors[(match[2] ?? 's') as keyof typeof factors];
}
