import type { VariableArgument } from '../../spec/variables.ts';
import type { RecoveredRun } from '../../state/store.ts';
import type { Ports } from '../ports.ts';

/** How the server is asked to run: what `slipway serve` was given, read and checked for itself. */
export interface ServeOptions {
  /** An address of this machine: `127.0.0.1`, `::1`, `0.0.0.0`. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** File with a line `TOKEN ROLE NAME` for each token; null: only sockets of our own user and of root are served. */
  readonly tokenFile: string | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Waives TLS on another address than loopback; never tokens. */
  readonly insecure: boolean;
  /** Pages of these origins may ask too: `https://ops.example.com`. */
  readonly allowOrigins: readonly string[];
  /** Names by which we are called, beside the address listened on and localhost. */
  readonly allowHosts: readonly string[];
}

export interface RunningServer {
  /** `http://127.0.0.1:50000` */
  readonly url: string;
  readonly port: number;
  /** A run that was killed in the middle before; an apply resumes it. */
  readonly interrupted: RecoveredRun | null;
  /**
   * Reads certificate and key anew, for connections that come from now on; resolves to the day until which the certificate is good, null where there is none.
   * Rejects with `DiagnosticsError` when they cannot be used: those from before stay.
   */
  renewCertificate(): Promise<Date | null>;
  /** No new runs; the current one finishes what is in flight (`graceful`) or stops at once (`now`); then everything is closed. */
  close(mode: 'graceful' | 'now'): Promise<void>;
}

/** What a server serves. */
export interface ServeGround {
  /** Working directory of the spec, absolute. */
  readonly directory: string;
  /** `--var` and `--var-file` */
  readonly variables: readonly VariableArgument[];
  readonly ports: Ports;
  /** Something is wrong that stops nothing: a line for the server's own log. */
  readonly onProblem: (message: string) => void;
}

/** Serves a working directory; `src/server` does it, `src/main.ts` brings the two together. */
export type Serve = (options: ServeOptions, ground: ServeGround) => Promise<RunningServer>;
