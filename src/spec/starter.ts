/** The files that `slipway init` writes: path relative to the working directory, and text. They apply as they are, on this machine. */
export function starterFiles(): readonly { readonly path: string; readonly text: string }[] {
  throw new Error('not there yet');
}
