import type { ExecOutcome } from '../../app/operate/exec.ts';
import { count, wordBytes, wordDuration } from '../../terminal/amounts.ts';
import { lineReader, type LineReader } from '../../terminal/line-reader.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paint } from '../../terminal/style.ts';

export type OutputName = 'stdout' | 'stderr';

/** Shows what commands print on hosts. */
export interface ExecView {
  onOutput(host: string, stream: OutputName, chunk: Buffer): Promise<void> | void;
  onEnd(outcome: ExecOutcome): void;
}

export interface ExecViewOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
  /** Secrets taken out, where we know them. */
  readonly mask: (text: string) => string;
  /** The name of a host's block, to show beside its address. */
  readonly nameOf: (host: string) => string | null;
}

/** What is kept of a host's output until it is shown: the end of it. */
const KEPT_BYTES = 1024 * 1024;

/** One host: its outputs are ours. Where that is no terminal they stay as they are, byte by byte. */
export function plainExecView(options: ExecViewOptions): ExecView {
  const readers = eachOutput((name) =>
    lineReader((line) => void options[name].write(`${options.mask(sanitize(line, Infinity))}\n`)),
  );
  return {
    onOutput(_host, name, chunk) {
      if (options[name].isTTY !== true)
        return options[name].write(chunk) ? undefined : drained(options[name]);
      readers[name].push(chunk);
      return undefined;
    },
    onEnd(outcome) {
      readers.stdout.end();
      readers.stderr.end();
      if (outcome.failure === null) return;
      for (const line of failureLines(outcome, options)) options.stderr.write(`${line}\n`);
    },
  };
}

/** Several hosts: every line at once, with its host before it. */
export function streamExecView(options: ExecViewOptions, hosts: readonly string[]): ExecView {
  const width = Math.max(...hosts.map((host) => host.length));
  const readers = new Map<string, Readonly<Record<OutputName, LineReader>>>();
  const prefixOf = (host: string): string => paint(`${host.padEnd(width)} |`, 'accent', options.color);
  const readersOf = (host: string): Readonly<Record<OutputName, LineReader>> => {
    const known = readers.get(host);
    if (known !== undefined) return known;
    const made = eachOutput((name) =>
      lineReader((line) => {
        const text = options.mask(sanitize(line, Infinity));
        options[name].write(`${`${prefixOf(host)} ${text}`.trimEnd()}\n`);
      }),
    );
    readers.set(host, made);
    return made;
  };
  return {
    onOutput(host, name, chunk) {
      readersOf(host)[name].push(chunk);
      return options[name].writableNeedDrain ? drained(options[name]) : undefined;
    },
    onEnd(outcome) {
      const { host } = outcome;
      readersOf(host).stdout.end();
      readersOf(host).stderr.end();
      readers.delete(host);
      options.stderr.write(`${prefixOf(host)} ${endOf(outcome, options.color)}\n`);
      if (outcome.failure === null) return;
      for (const line of failureLines(outcome, options).slice(1))
        options.stderr.write(`${prefixOf(host)} ${line.trim()}\n`);
    },
  };
}

/** Several hosts: a block for each, once it has ended. */
export function groupedExecView(options: ExecViewOptions): ExecView {
  const { stdout, color, mask } = options;
  const hosts = new Map<string, { readonly lines: Tail; readonly readers: Record<OutputName, LineReader> }>();
  const hostOf = (host: string) => {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const lines = new Tail();
    const made = { lines, readers: eachOutput(() => lineReader((line) => lines.push(line))) };
    hosts.set(host, made);
    return made;
  };
  let first = true;
  return {
    onOutput: (host, name, chunk) => hostOf(host).readers[name].push(chunk),
    onEnd(outcome) {
      const { lines, readers } = hostOf(outcome.host);
      readers.stdout.end();
      readers.stderr.end();
      hosts.delete(outcome.host);
      const [title = '', ...why] =
        outcome.failure === null ? [titleOf(outcome, options)] : failureLines(outcome, options);
      const omitted =
        lines.omittedBytes === 0
          ? []
          : [
              paint(
                `... ${wordBytes(lines.omittedBytes)} left out: --stream shows all as it comes`,
                'faint',
                color,
              ),
            ];
      const shown = lines.lines.map((line) => mask(sanitize(line, Infinity)));
      stdout.write(`${first ? '' : '\n'}${[title, ...omitted, ...shown, ...why].join('\n')}\n`);
      first = false;
    },
  };
}

/** A line of JSON for each host, once it has ended. */
export function jsonExecView({ stdout, mask, nameOf }: ExecViewOptions): ExecView {
  const hosts = new Map<string, Readonly<Record<OutputName, ByteTail>>>();
  const hostOf = (host: string): Readonly<Record<OutputName, ByteTail>> => {
    const known = hosts.get(host) ?? eachOutput(() => new ByteTail());
    hosts.set(host, known);
    return known;
  };
  return {
    onOutput: (host, name, chunk) => hostOf(host)[name].push(chunk),
    onEnd({ host, elapsedMs, value, failure }) {
      const outputs = hostOf(host);
      hosts.delete(host);
      const result = {
        host,
        name: nameOf(host),
        code: value?.code ?? null,
        stdout: mask(outputs.stdout.text()),
        stderr: mask(outputs.stderr.text()),
        omittedBytes: outputs.stdout.omittedBytes + outputs.stderr.omittedBytes,
        elapsedMs,
        problem: failure,
      };
      stdout.write(`${JSON.stringify(result)}\n`);
    },
  };
}

/** `3 hosts: 2 with exit code 0, 1 failed: 10.0.0.3` */
export function execSummary(outcomes: readonly ExecOutcome[], color: boolean): string {
  const failed = outcomes.filter((outcome) => outcome.value?.code !== 0).map(({ host }) => host);
  const well = outcomes.length - failed.length;
  if (failed.length === 0) return paint(`${count(well, 'host')}, all with exit code 0`, 'good', color);
  const places = failed.length > 8 ? `${failed.slice(0, 8).join(', ')}, ...` : failed.join(', ');
  return paint(
    `${count(outcomes.length, 'host')}: ${well} with exit code 0, ${failed.length} not: ${places}`,
    'bad',
    color,
  );
}

function titleOf(outcome: ExecOutcome, { color, nameOf }: ExecViewOptions): string {
  const name = nameOf(outcome.host);
  const place = paint(outcome.host, 'strong', color) + (name === null ? '' : ` (${name})`);
  return `${place}: ${endOf(outcome, color)}`;
}

function endOf({ value, failure, elapsedMs }: ExecOutcome, color: boolean): string {
  const time = wordDuration(elapsedMs);
  if (failure !== null) return paint(`failed, ${time}`, 'bad', color);
  if (value.code === null) return paint(`killed by a signal, ${time}`, 'bad', color);
  return paint(`exit code ${value.code}, ${time}`, value.code === 0 ? 'good' : 'bad', color);
}

function failureLines(outcome: ExecOutcome, options: ExecViewOptions): readonly string[] {
  const { failure } = outcome;
  const { message, remedy } = failure ?? { message: '', remedy: '' };
  const why = [message, remedy].filter((text) => text !== '').map((text) => `  ${sanitize(text)}`);
  return [titleOf(outcome, options), ...why];
}

function eachOutput<T>(make: (name: OutputName) => T): Record<OutputName, T> {
  return { stdout: make('stdout'), stderr: make('stderr') };
}

/** Resolves when a slow reader has caught up, or has gone. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

/** The last lines of an output. */
class Tail {
  readonly #lines: string[] = [];
  #from = 0;
  #bytes = 0;
  omittedBytes = 0;

  push(line: string): void {
    this.#lines.push(line);
    this.#bytes += line.length + 1;
    while (this.#bytes > KEPT_BYTES && this.#from < this.#lines.length - 1) {
      const size = (this.#lines[this.#from] ?? '').length + 1;
      this.#lines[this.#from++] = '';
      this.#bytes -= size;
      this.omittedBytes += size;
    }
    if (this.#from > 10_000) {
      this.#lines.splice(0, this.#from);
      this.#from = 0;
    }
  }

  get lines(): readonly string[] {
    return this.#lines.slice(this.#from);
  }
}

/** The last bytes of an output. */
class ByteTail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  omittedBytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > 2 * KEPT_BYTES) this.#cut();
  }

  #cut(): void {
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(Math.max(0, all.length - KEPT_BYTES));
    this.omittedBytes += all.length - kept.length;
    this.#chunks = [Buffer.from(kept)];
    this.#bytes = kept.length;
  }

  text(): string {
    if (this.#bytes > KEPT_BYTES) this.#cut();
    return Buffer.concat(this.#chunks).toString();
  }
}
