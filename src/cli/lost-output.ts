/** The reader has gone: `slipway plan | head -1`, a terminal that was closed. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * An output that is lost does not end the work: a change under way is finished, and stands in the logs of the run. Gives a
 * function that tells whether anything was lost that somebody wanted to have (a full disk); that is an error.
 */
export function outliveOutput(
  { stdout, stderr }: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream },
  exitWith: (code: number) => void,
): () => boolean {
  let lost = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (lost || READER_GONE.has(error.code ?? '')) return;
    lost = true;
    stderr.write(`Error: the output cannot be written: ${error.message}\n`);
    // It may come when the work is over already.
    exitWith(1);
  });
  stderr.on('error', () => undefined);
  return () => lost;
}

/** Aborted once nothing can be written to an output any more: a command that does nothing but write there would go on for ever. */
export function untilLost(output: NodeJS.WriteStream): AbortSignal {
  const lost = new AbortController();
  output.once('error', () => lost.abort());
  return lost.signal;
}
