import type { Duplex, Readable, Writable } from 'node:stream';
import type { HostLayout } from './layout.ts';

/** What a shell program is run with. */
export interface ExecRequest {
  /**
   * Text for `sh -c`. It stands in the host's process list: never put a secret or a user's value in it;
   * what varies goes into `args` (as `$1`, `$2` ...) or onto stdin.
   */
  readonly program: string;
  readonly args?: readonly string[];
  /** Sent to stdin, which is closed after it. Left out: stdin is empty. */
  readonly stdin?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Run with the provider's `become` (sudo) where one is set. Default true. */
  readonly privileged?: boolean;
  /** The program is given up and the channel closed after so long. Default: no limit. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A program that runs; its streams are binary. */
export interface ExecStream {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the program ended and both outputs were read to their end; rejects with a `HostError` when the connection was lost. */
  readonly exit: Promise<{ readonly code: number | null }>;
  /** Closes the channel; what it started may go on. */
  close(): void;
}

/** The terminal, or whatever stands in its place, at which a person works with an interactive program. */
export interface UserTerminal {
  /** Set to raw mode while the program runs, where it is a terminal; must have a file descriptor under `local`. */
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  /** Emits `resize`, where it is a terminal. */
  readonly stdout: Writable & { readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable;
  /** `xterm-256color` */
  readonly type: string;
  /** What the host may take over of the user's own environment: `LANG`, `LC_*`. */
  readonly locale: Readonly<Record<string, string>>;
}

/** A program that a person works with. */
export interface InteractRequest {
  /** As in `ExecRequest`; left out: the login shell of the user (or of root). */
  readonly program?: string;
  readonly args?: readonly string[];
  /** As root: by sudo, which may ask the person for a password, where the provider has no `become`. Default false. */
  readonly privileged?: boolean;
  readonly terminal: UserTerminal;
  readonly signal?: AbortSignal;
}

/**
 * A connection to one host, opened once per run, multiplexed, safe for concurrent use.
 * Every method rejects with `HostError`. It does not reconnect by itself: `connect` again.
 */
export interface Connection {
  /** Canonical address of the host. */
  readonly host: string;
  readonly layout: HostLayout;
  /** Runs a program to its end and gives its whole output (at most 64 MiB each, else an error). */
  exec(request: ExecRequest): Promise<ExecResult>;
  /** Starts a program with live streams; `stdin` of the request is ignored: write to `stream.stdin`. */
  open(request: ExecRequest): Promise<ExecStream>;
  /**
   * Hands the user's terminal to a program until that ends: with a terminal of its own on the host under SSH, where
   * `~.` at the start of a line ends it from here; directly under `local`. `code` is null when a signal, or the person, ended it.
   */
  interact(request: InteractRequest): Promise<{ readonly code: number | null }>;
  /** A TCP connection made from the host itself (an SSH forward, or a plain socket under `local`); for checks. */
  dial(
    address: string,
    port: number,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Duplex>;
  /** Resolves once, when the connection is gone, with the reason (undefined: closed by us). */
  readonly closed: Promise<HostError | undefined>;
  close(): Promise<void>;
}

/** How a host is reached. One provider per name; `ssh` and `local` are built in. */
export interface Provider<Settings> {
  readonly name: string;
  /** Where slipway's things lie on a host with these settings, said without connecting; the same as its connection's `layout`. */
  layout(settings: Settings): HostLayout;
  connect(settings: Settings, options: { signal?: AbortSignal }): Promise<Connection>;
}

/** Opens a connection to a host of the run by its canonical address; retries are the caller's. */
export type Connect = (host: string, options: { signal?: AbortSignal }) => Promise<Connection>;

export type HostErrorKind =
  | 'unreachable' // no route, name not resolved
  | 'refused' // nobody listens
  | 'timeout' // no answer in time
  | 'lost' // the connection broke
  | 'authentication' // wrong key, password, user
  | 'key-unreadable' // a private key that is absent, unreadable, or needs another passphrase
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'become' // sudo is absent, refuses, or wants another password
  | 'forward-refused' // the host does not let us open TCP connections from it
  | 'no-space' // a file system of the host is full
  | 'denied' // the user may not read or write there, or what stands at a path there forbids it
  | 'cancelled'
  | 'protocol'; // the host answered what we do not understand

const TRANSIENT: ReadonlySet<HostErrorKind> = new Set(['unreachable', 'refused', 'timeout', 'lost']);

/** Something went wrong on the way to, or on, a host. Match `kind`, never the message. */
export class HostError extends Error {
  override readonly name = 'HostError';
  constructor(
    readonly host: string,
    readonly kind: HostErrorKind,
    /** What happened, in a sentence, without secrets. */
    message: string,
    /** What the user can do about it. */
    readonly remedy: string = '',
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
  /** Whether trying again later may help. */
  get transient(): boolean {
    return TRANSIENT.has(this.kind);
  }
}
