import type { JSX } from 'preact';
import type { AttributePlan, ResourcePlan, RestartPlan } from '../../api/plan-types.ts';
import { counted } from '../../parts/amounts.ts';
import { countLines, type DiffLine } from '../../parts/diff-lines.ts';
import { Diff } from '../../parts/diff.tsx';
import { Fold } from '../../parts/fold.tsx';
import { isDrift } from './model.ts';
import { addedLines, diffLines } from './unified.ts';
import { shownAttributes, wordFate, wordsOf, wordValue } from './words.ts';

/** Longer differences are folded at first. */
const OPEN_LINES = 60;

/** What happens to one resource: its attributes, and the text of a file. */
export function ResourceItem({
  resource,
  restart,
}: {
  readonly resource: ResourcePlan;
  readonly restart: RestartPlan | null;
}): JSX.Element {
  const { address, subject, action, reason, fate, conflict, diff, content, kind } = resource;
  const { sign, word, tone } = wordsOf(resource);
  const name = subject === null || address === `${kind}.${subject}` ? null : subject;
  const becomes = action === 'replace' ? `${wordFate(fate, kind)}, then made again` : wordFate(fate, kind);
  const attributes = shownAttributes(resource);
  return (
    <li class="plan-resource">
      <p class="plan-resource-head">
        <span class="plan-action" data-tone={tone}>
          <span class="plan-sign" aria-hidden="true">
            {sign}
          </span>
          {word}
        </span>
        <strong>{address}</strong>
        {name === null ? null : <code>{name}</code>}
        {becomes === '' ? null : <span class="soft">{becomes}</span>}
        {reason === null || reason === 'new' || reason === becomes ? null : (
          <span class={isDrift(reason) ? 'plan-drift' : 'soft'}>
            {isDrift(reason) ? '◆ ' : ''}
            {reason}
          </span>
        )}
      </p>
      {conflict === null ? null : <p class="plan-obstacle">This cannot be applied: {conflict}</p>}
      {restart === null || action === restart.how ? null : (
        <p class="plan-restart">
          <span aria-hidden="true">↻</span> {restart.how === 'restart' ? 'restarts' : 'reloads'}, because{' '}
          {restart.because}
        </p>
      )}
      {attributes.length === 0 ? null : (
        <dl class={`plan-attributes${action === 'update' ? '' : ' plan-flow'}`}>
          {attributes.map((attribute) => (
            <Attribute key={attribute.name} attribute={attribute} isNew={action !== 'update'} />
          ))}
        </dl>
      )}
      {diff === null ? null : <TextChange lines={diffLines(diff)} label={subject ?? address} />}
      {content === null || content === '' ? null : (
        <TextChange lines={addedLines(content)} label={subject ?? address} isFolded />
      )}
    </li>
  );
}

function Attribute({
  attribute: { name, before, after, sensitive },
  isNew,
}: {
  readonly attribute: AttributePlan;
  readonly isNew: boolean;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="mono">
        {sensitive ? (
          <span class="soft">{isNew ? '(sensitive)' : '(sensitive), changes'}</span>
        ) : isNew ? (
          wordValue(after)
        ) : (
          <>
            <del>{wordValue(before)}</del>
            <span class="soft" aria-hidden="true">
              {' → '}
            </span>
            <span class="aside-text"> becomes </span>
            <ins>{wordValue(after)}</ins>
          </>
        )}
      </dd>
    </div>
  );
}

function TextChange({
  lines,
  label,
  isFolded = false,
}: {
  readonly lines: readonly DiffLine[];
  readonly label: string;
  readonly isFolded?: boolean;
}): JSX.Element {
  const { added, removed } = countLines(lines);
  return (
    <Fold
      isOpenAtFirst={!isFolded && lines.length <= OPEN_LINES}
      label={
        removed === 0 && isFolded ? (
          `Text of ${counted(added, 'line')}`
        ) : (
          <>
            Differences <span class="plan-plus">+{added}</span> <span class="plan-minus">−{removed}</span>
          </>
        )
      }
    >
      {() => <Diff lines={lines} label={label} />}
    </Fold>
  );
}
