import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { numberLines, pairLines, type DiffLine, type LinePair, type NumberedLine } from './diff-lines.ts';
import '../style/diff.css';

export interface DiffProps {
  readonly lines: readonly DiffLine[];
  /** What is compared, for those who do not see it: `main.hcl`. */
  readonly label: string;
  /** `side`: before and after beside each other, where there is room. */
  readonly view?: 'unified' | 'side';
}

/** Longer ones are cut off until somebody asks for them. */
const FIRST_LINES = 500;

/** A unified diff: signs, numbers and colours tell what is added and removed. */
export function Diff({ lines, label, view = 'unified' }: DiffProps): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = numberLines(isWhole ? lines : lines.slice(0, FIRST_LINES));
  const more = lines.length - shown.length;
  return (
    <div class="diff-frame">
      <div class="diff" role="region" aria-label={`Differences of ${label}`} tabIndex={0}>
        {view === 'side' ? <Sides pairs={pairLines(shown)} /> : <Unified lines={shown} />}
      </div>
      {more > 0 && (
        <button type="button" class="button button-quiet" onClick={() => setWhole(true)}>
          Show {more.toLocaleString()} more lines
        </button>
      )}
    </div>
  );
}

const SIGNS = { same: ' ', added: '+', removed: '-', gap: ' ' } as const;
const SPOKEN = { same: '', added: 'added: ', removed: 'removed: ', gap: '' } as const;

function Unified({ lines }: { readonly lines: readonly NumberedLine[] }): JSX.Element {
  return (
    <div class="diff-lines">
      {lines.map((line, i) => (
        <div key={i} class={`diff-line diff-${line.kind}`}>
          <Numbers texts={line.kind === 'gap' ? ['', ''] : [line.before, line.after]} />
          <Text line={line} />
        </div>
      ))}
    </div>
  );
}

function Sides({ pairs }: { readonly pairs: readonly LinePair[] }): JSX.Element {
  return (
    <div class="diff-lines diff-sides">
      {pairs.map((pair, i) => (
        <div key={i} class={`diff-pair${pair.before?.kind === 'gap' ? ' diff-gap' : ''}`}>
          <Side line={pair.before} number={pair.before?.before ?? null} />
          {pair.before?.kind !== 'gap' && <Side line={pair.after} number={pair.after?.after ?? null} />}
        </div>
      ))}
    </div>
  );
}

function Side({
  line,
  number,
}: {
  readonly line: NumberedLine | null;
  readonly number: number | null;
}): JSX.Element {
  return (
    <div class={`diff-line diff-${line?.kind ?? 'none'}`}>
      <Numbers texts={[number]} />
      {line !== null && <Text line={line} />}
    </div>
  );
}

function Numbers({ texts }: { readonly texts: readonly (number | string | null)[] }): JSX.Element {
  return (
    <span class="diff-numbers" aria-hidden="true">
      {texts.map((text, i) => (
        <span key={i}>{text}</span>
      ))}
    </span>
  );
}

function Text({ line: { kind, text } }: { readonly line: NumberedLine }): JSX.Element {
  return (
    <>
      <span class="diff-sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <span class="diff-text">
        {SPOKEN[kind] !== '' && <span class="aside-text">{SPOKEN[kind]}</span>}
        {text}
      </span>
    </>
  );
}
