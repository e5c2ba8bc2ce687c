const OUTCOMES = ['drain', 'close', 'error'] as const;

/** Writes, and waits where the reader is slower than we are; one that has gone is not waited for. */
export function pacedWrite(stream: NodeJS.WriteStream, text: Buffer | string): void | Promise<void> {
  if (stream.destroyed || stream.write(text)) return;
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of OUTCOMES) stream.off(event, go);
      resolve();
    };
    for (const event of OUTCOMES) stream.once(event, go);
  });
}
