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
  /** No new runs; the current one finishes what is in flight (`graceful`) or stops at once (`now`); then everything is closed. */
  close(mode: 'graceful' | 'now'): Promise<void>;
}
