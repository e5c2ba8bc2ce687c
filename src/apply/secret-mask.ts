import type { ActiveChange } from './instance-script.ts';
import type { Progress } from './run-context.ts';

/** Shorter ones would black out ordinary words. */
const LEAST_CHARACTERS = 6;
const SHOWN_INSTEAD = '(sensitive)';

/** Text in which secrets are made unreadable. */
export type Mask = (text: string) => string;

/**
 * Takes known secrets out of a text; each line of one with several counts by itself, as it is and as it stands between quotes in
 * JSON or a shell. It helps where a program prints what it was told in confidence; one that prints it in another shape (base64,
 * hashed, cut) is not caught.
 */
export function createMask(secrets: Iterable<string>, leastCharacters = LEAST_CHARACTERS): Mask {
  const parts = new Set<string>();
  for (const secret of secrets) {
    for (const line of secret.split(/\r?\n/)) {
      const part = line.trim();
      if (part.length < leastCharacters) continue;
      parts.add(part).add(JSON.stringify(part).slice(1, -1)).add(part.replaceAll("'", `'\\''`));
    }
  }
  if (parts.size === 0) return (text) => text;
  // The longest first: one secret may begin with another.
  const sorted = [...parts].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    sorted.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'),
    'g',
  );
  return (text) => text.replace(pattern, SHOWN_INSTEAD);
}

/** Takes secrets of the run, and those that an instance's own scripts are given, out of all that is told of its work. */
export function maskProgress(
  secrets: readonly string[],
  changes: readonly ActiveChange[],
): (progress: Progress) => Progress {
  const ofRun = createMask(secrets);
  const masks = new Map<string, Mask>();
  for (const change of changes) {
    const own = scriptSecrets(change);
    if (own.length > 0) masks.set(change.address, createMask([...secrets, ...own]));
  }
  return (progress) => {
    switch (progress.type) {
      case 'output': {
        const line = (masks.get(progress.instance) ?? ofRun)(progress.line);
        return line === progress.line ? progress : { ...progress, line };
      }
      case 'instance-activity':
        return { ...progress, detail: (masks.get(progress.instance) ?? ofRun)(progress.detail) };
      case 'instance-failed': {
        const mask = masks.get(progress.instance) ?? ofRun;
        const { failure } = progress;
        const { message, lastLines } = failure;
        return {
          ...progress,
          failure: { ...failure, message: mask(message), lastLines: lastLines.map(mask) },
        };
      }
      default:
        return progress;
    }
  };
}

function scriptSecrets(change: ActiveChange): readonly string[] {
  if (change.action === 'remove') return [];
  return change.desired.resources.flatMap((resource) =>
    resource.kind === 'script' ? [...resource.secrets.values()] : [],
  );
}
