import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { hclSpans } from './hcl-spans.ts';

const FIRST_LINES = 400;

/** A text file with numbered lines. */
export function SourceText({ path, text }: { readonly path: string; readonly text: string }): JSX.Element {
  const [isWhole, setIsWhole] = useState(false);
  const lines = text.replace(/\n$/, '').split('\n');
  const shown = isWhole ? lines : lines.slice(0, FIRST_LINES);
  const isHcl = path.endsWith('.hcl');
  return (
    <div class="diff-frame">
      <div class="diff" role="region" aria-label={`Text of ${path}`} tabIndex={0}>
        <div class="diff-lines">
          {shown.map((line, at) => (
            <div key={at} class="diff-line">
              <span class="diff-numbers" aria-hidden="true">
                <span>{at + 1}</span>
              </span>
              <span class="diff-text">
                {isHcl
                  ? hclSpans(line).map(({ text: part, kind }, i) =>
                      kind === '' ? (
                        part
                      ) : (
                        <span key={i} class={`hcl-${kind}`}>
                          {part}
                        </span>
                      ),
                    )
                  : line}
              </span>
            </div>
          ))}
        </div>
      </div>
      {shown.length < lines.length && (
        <button type="button" class="button button-quiet" onClick={() => setIsWhole(true)}>
          Show {(lines.length - shown.length).toLocaleString()} more lines
        </button>
      )}
    </div>
  );
}
