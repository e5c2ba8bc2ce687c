const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** `"1GiB"`, `"500 MB"`, `"4096"` in bytes; undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match && BYTES[match[2]!.toUpperCase()];
  return unit ? Math.round(Number(match[1]) * unit) : undefined;
}

/** `"30s"`, `"1m30s"`, `"250ms"`, `"10"` in seconds; undefined when it is no duration. */
export function parseSeconds(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(trimmed)) return undefined;
  const parts = trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  const milliseconds = [...parts].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * SECONDS[unit!]! * 1000,
    0,
  );
  return Math.round(milliseconds) / 1000;
}
