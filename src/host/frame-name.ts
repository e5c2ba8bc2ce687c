/** A name as one word of the line that begins a part of a probe's output. */
export function frameName(name: string): string {
  return name === '' ? '-' : encodeURIComponent(name);
}
