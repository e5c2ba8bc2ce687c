import { randomBytes } from 'node:crypto';
import { lackingBlobs, uploadBlobs } from './blobs.ts';
import { HostError } from './connection.ts';
import type { Connection } from './connection.ts';
import { lockField, LEASE_SECONDS } from './lock-program.ts';
import type { HostObservation, ProbeRequest } from './observation.ts';
import { probeHost } from './probe.ts';
import { isTransient, retry } from './retry.ts';
import { RELEASE_PROGRAM, RENEW_PROGRAM } from './script-bootstrap.ts';
import { scriptText } from './script-program.ts';
import { adoptScript, place, runScript } from './script-run.ts';
import type { ScriptHost } from './script-follow.ts';
import type { Blob, ScriptEvent, ScriptOutcome } from './script.ts';
import type { HostSession, RunOptions, SessionOptions, SessionScript } from './session.ts';

const CONNECT_ATTEMPTS = 3;
const CONNECT_DELAY_MS = 500;
/** A record with more obsolete lines than this is rewritten by the next script. */
const COMPACT_LINES = 500;

/** A session with one host. Connects when it is first asked for something. */
export function openHostSession(options: SessionOptions): HostSession {
  return new Session(options);
}

class Session implements HostSession {
  readonly host: string;
  readonly #options: SessionOptions;
  readonly #scriptHost: ScriptHost;
  #connecting: Promise<Connection> | null = null;
  /** Was there ever a connection: then its loss is an outage, and is waited out. */
  #connectedOnce = false;
  #token: number | null = null;
  /** Token that the last probe saw: what was planned by it holds only while no other cluster takes the lock. */
  #expectedToken: number | null;
  #renewal: NodeJS.Timeout | undefined;
  /** What the host still does after the last script's outcome was known. */
  #cleaned: Promise<void> = Promise.resolve();
  /** Blobs that lie on the host; null: it was not asked. */
  #present: Set<string> | null = null;
  /** Blobs that a script may have taken away. */
  readonly #uncertain = new Set<string>();
  /** Blobs that this session has to remove. */
  readonly #uploaded = new Set<string>();
  #obsoleteLines = 0;
  /** Following was given up while a script ran: its lock is not ours to give back. */
  #abandoned = false;

  constructor(options: SessionOptions) {
    this.host = options.host;
    this.#options = options;
    this.#expectedToken = options.expectedToken ?? null;
    const expectedToken = (): number | null => this.#expectedToken;
    this.#scriptHost = {
      host: options.host,
      lineage: options.lineage,
      run: options.run,
      owner: options.owner,
      expectedToken,
      connection: () => this.connection(),
      suspect: (connection) => this.#suspect(connection),
      aliveMs: options.aliveMs ?? 10_000,
    };
  }

  connection(): Promise<Connection> {
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Connection> {
    const {
      connect,
      signal,
      onRetry,
      outageMs = 120_000,
      connectAttempts = CONNECT_ATTEMPTS,
    } = this.#options;
    const until = Date.now() + outageMs;
    const outage = this.#connectedOnce;
    const connection = await retry(() => connect(this.host, signal === undefined ? {} : { signal }), {
      attempts: outage ? Infinity : connectAttempts,
      delayMs: CONNECT_DELAY_MS,
      maxDelayMs: 5_000,
      jitter: 0.3,
      when: (error) => error instanceof HostError && error.transient && (!outage || Date.now() < until),
      onRetry,
      signal,
    });
    this.#connectedOnce = true;
    void connection.closed.then(() => this.#forget(connection));
    return connection;
  }

  #forget(connection: Connection): void {
    const current = this.#connecting;
    void current?.then(
      (open) => {
        if (open === connection && this.#connecting === current) this.#connecting = null;
      },
      () => undefined,
    );
  }

  #suspect(connection: Connection): void {
    this.#connecting = null;
    void connection.close().catch(() => undefined);
  }

  /** Runs a short program, again on a new connection when the first one broke. */
  #onConnection<T>(work: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    // Connecting has its own attempts: a host that is off must not be tried so often again.
    let isConnected = false;
    return retry(
      async () => {
        isConnected = false;
        const connection = await this.connection();
        isConnected = true;
        return work(connection).catch((error: unknown) => {
          if (error instanceof HostError && error.transient) this.#suspect(connection);
          throw error;
        });
      },
      {
        attempts: CONNECT_ATTEMPTS,
        delayMs: 200,
        when: (error) => isConnected && isTransient(error),
        onRetry: this.#options.onRetry,
        signal: signal ?? this.#options.signal,
      },
    );
  }

  async probe(requests: readonly ProbeRequest[]): Promise<HostObservation> {
    await this.#cleaned;
    const { signal } = this.#options;
    const observation = await this.#onConnection((connection) => probeHost(connection, requests, { signal }));
    this.#present = new Set(observation.blobs);
    this.#expectedToken = observation.lock.token;
    this.#obsoleteLines = observation.record.obsoleteLines;
    return observation;
  }

  async run(script: SessionScript, options: RunOptions): Promise<ScriptOutcome> {
    await this.#cleaned;
    await this.#upload(options);
    const { lineage, run, owner } = this.#options;
    const nonce = randomBytes(16).toString('hex');
    const name = `${fileName(lineage)}-${nonce.slice(0, 12)}`;
    const settings = {
      nonce,
      owner,
      name,
      release: options.release,
      compact: this.#obsoleteLines > COMPACT_LINES,
    };
    this.#stopRenewing();
    for (const { digest } of options.blobs) this.#uncertain.add(digest);
    let started = false;
    try {
      const { outcome, cleaned } = await runScript(
        {
          name,
          nonce,
          text: scriptText({ ...script, run, lineage }, settings),
          token: this.#token,
          thanks: (result) => this.#thanks(result, options.release),
          onEvent: options.onEvent,
          onStarted: (token) => {
            started = true;
            this.#token = token;
          },
          signal: options.signal,
        },
        this.#scriptHost,
      );
      this.#obsoleteLines = settings.compact ? 0 : this.#obsoleteLines;
      if (outcome.outcome === 'fenced') this.#token = null;
      else if (options.release && outcome.outcome !== 'vanished') this.#token = null;
      this.#cleaned = cleaned;
      this.#keepLock();
      return outcome;
    } catch (error) {
      this.#abandoned = started;
      throw error;
    }
  }

  #thanks(outcome: ScriptOutcome, release: boolean): string {
    if (!release || outcome.outcome !== 'succeeded') return 'done';
    const digests = [...new Set([...this.#uploaded, ...(this.#present ?? [])])];
    this.#uploaded.clear();
    this.#present = new Set();
    return ['last', ...digests].join(' ');
  }

  async adopt(
    observation: HostObservation,
    onEvent: (event: ScriptEvent) => void,
  ): Promise<ScriptOutcome | null> {
    const { holder } = observation.lock;
    if (holder === null || !holder.scriptRunning || holder.lineage !== this.#options.lineage) return null;
    const end = await adoptScript(this.#scriptHost, onEvent, this.#options.signal);
    if (end === null) return null;
    this.#cleaned = end.cleaned;
    return end.outcome;
  }

  async #upload({ blobs, onUpload, signal }: RunOptions): Promise<void> {
    const wanted = new Map<string, Blob>(blobs.map((blob) => [blob.digest, blob]));
    if (wanted.size === 0) return;
    const known = this.#present;
    const doubtful = [...wanted.keys()].filter((digest) => known === null || this.#uncertain.has(digest));
    const present = (this.#present ??= new Set());
    if (doubtful.length > 0) {
      const missing = await this.#onConnection((connection) => lackingBlobs(connection, doubtful), signal);
      for (const digest of doubtful) {
        this.#uncertain.delete(digest);
        if (missing.has(digest)) present.delete(digest);
        else present.add(digest);
      }
    }
    const lacking = [...wanted.values()].filter(({ digest }) => !present.has(digest));
    if (lacking.length === 0) return;
    const total = lacking.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await this.#onConnection((connection) => {
      let sent = 0;
      onUpload?.(0, total);
      const { lineage, inUploadSlot = (work) => work() } = this.#options;
      return inUploadSlot(() =>
        uploadBlobs(connection, {
          blobs: lacking,
          lineage,
          onSent: (bytes) => onUpload?.((sent += bytes), total),
          signal: signal ?? this.#options.signal,
        }),
      );
    }, signal);
    for (const { digest } of lacking) {
      present.add(digest);
      this.#uploaded.add(digest);
    }
  }

  #keepLock(): void {
    if (this.#token === null) return;
    this.#renewal = setInterval(
      () => {
        this.#tellLock(RENEW_PROGRAM, []).catch(() => undefined);
      },
      (LEASE_SECONDS * 1000) / 3,
    );
    this.#renewal.unref();
  }

  #stopRenewing(): void {
    clearInterval(this.#renewal);
    this.#renewal = undefined;
  }

  async #tellLock(program: string, digests: readonly string[]): Promise<void> {
    const connection = await this.connection();
    const args = [...place(connection, '', this.#options, this.#token), ...digests];
    await connection.exec({ program, args, timeoutMs: 30_000 });
  }

  async close(): Promise<void> {
    this.#stopRenewing();
    await this.#cleaned;
    const digests = [...this.#uploaded];
    if (!this.#abandoned && (this.#token !== null || digests.length > 0)) {
      await this.#tellLock(RELEASE_PROGRAM, digests).catch(() => undefined);
    }
    this.#token = null;
    this.#uploaded.clear();
    const connecting = this.#connecting;
    this.#connecting = null;
    await connecting?.then((connection) => connection.close()).catch(() => undefined);
  }
}

/** The beginning of a lineage as a part of a file name without a dash. */
function fileName(lineage: string): string {
  return (
    lockField(lineage)
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, 16) || 'x'
  );
}
