import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Dialog } from './parts/dialog.tsx';

/** Where the keys of the page lead; `g` first, then the letter. */
export const GO_KEYS: Readonly<Record<string, { readonly path: string; readonly name: string }>> = {
  m: { path: '/', name: 'Map' },
  p: { path: '/plan', name: 'Plan' },
  r: { path: '/runs', name: 'Runs' },
  h: { path: '/hosts', name: 'Hosts' },
  l: { path: '/logs', name: 'Logs' },
  v: { path: '/history', name: 'History' },
};

/** So long after `g` the letter may come. */
const PAUSE_MS = 1_500;

/** `?`, `/` and `g` with a letter; not while somebody types, or a dialog is open. */
export function useShortcuts(go: (path: string) => void, onHelp: () => void): void {
  useEffect(() => {
    let goPressedMs = -Infinity;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('dialog:modal') !== null) return;
      const target = performance.now() - goPressedMs < PAUSE_MS ? GO_KEYS[event.key] : undefined;
      goPressedMs = event.key === 'g' ? performance.now() : -Infinity;
      if (target !== undefined) go(target.path);
      else if (event.key === '?') onHelp();
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-filter]')?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

const OTHERS: readonly (readonly [string, string])[] = [
  ['/', 'To the filter'],
  ['← ↑ → ↓', 'From one to the next, in the map and in lists'],
  ['Home End', 'To the first, to the last'],
  ['Enter', 'Open'],
  ['Esc', 'Close, and back to where you were'],
  ['?', 'This help'],
];

export function ShortcutHelp({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts">
        {Object.entries(GO_KEYS).map(([key, { name }]) => (
          <>
            <dt>
              <kbd class="kbd">g</kbd> <kbd class="kbd">{key}</kbd>
            </dt>
            <dd>{name}</dd>
          </>
        ))}
        {OTHERS.map(([keys, what]) => (
          <>
            <dt>
              {keys.split(' ').map((key) => (
                <>
                  <kbd class="kbd">{key}</kbd>{' '}
                </>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <p class="soft">
        The server's API: <a href="/api/v1/docs">reference</a>.
      </p>
    </Dialog>
  );
}
