/** Where rows begin, in pixels; one more than there are rows: the last is where all of them end. */
export function topsOf(heights: readonly number[]): readonly number[] {
  const tops = [0];
  let top = 0;
  for (const height of heights) tops.push((top += height));
  return tops;
}

/** The row at so many pixels from the top; the first or the last for what is beyond. */
export function rowAt(tops: readonly number[], pixels: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= pixels) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Rows of a stretch, and one more that stays though it may lie elsewhere. */
export function drawnRows(from: number, to: number, count: number, stays: number): readonly number[] {
  const rows: number[] = [];
  if (stays < from && stays < count) rows.push(stays);
  for (let at = from; at <= to && at < count; at++) rows.push(at);
  if (stays > to && stays < count) rows.push(stays);
  return rows;
}
