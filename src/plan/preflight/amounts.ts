/** `1.5 GiB`; bytes below 1 KiB as `512 B`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 || Number.isInteger(amount) ? amount : amount.toFixed(1)} ${units[unit] ?? 'B'}`;
}
