import type { AttributeView, InstanceView, ResourceAction, ResourceView, RestartView } from '../plan/view.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { count, wordBytes } from './amounts.ts';
import { INDENT, pad, plainNode, type OutlineNode } from './outline.ts';
import { sanitize, visible } from './sanitize.ts';
import { span, type Line, type Span, type Tone } from './style.ts';
import { widthOf, wrap, wrapFacts } from './width.ts';

/** Longer addresses do not push the column of all others aside. */
const ADDRESS_COLUMN = 26;

/** The resources of one instance, their facts aligned. */
export function resourceNodes(change: InstanceView, width: number): readonly OutlineNode[] {
  const restarts = new Map(change.restarts.map((restart) => [restart.service, restart]));
  const widths = change.resources
    .map((resource) => widthOf(resource.address))
    .filter((columns) => columns <= ADDRESS_COLUMN);
  const column = Math.max(0, ...widths);
  return change.resources.map((resource) =>
    resourceNode(change.address, resource, restarts.get(resource.address) ?? null, column, width),
  );
}

function resourceNode(
  instance: string,
  resource: ResourceView,
  restart: RestartView | null,
  column: number,
  width: number,
): OutlineNode {
  const key = `${instance} ${resource.address}`;
  const { symbol, tone } = symbolOf(resource);
  const head: Span[] = [
    span(`${pad(INDENT.resource)}${symbol} `, tone),
    span(resource.address.padEnd(column)),
  ];
  const start = INDENT.resource + 2 + Math.max(column, widthOf(resource.address)) + 2;
  const size = hasDetails(resource, restart) ? 1 : 0;
  return {
    key,
    lines: withFacts(head, factsOf(resource, restart), start, width),
    size,
    fold: size === 0 ? 'shown' : resource.action !== 'create' ? 'open' : createdFold(resource),
    children: () => (size === 0 ? [] : detailNodes(key, resource, restart, width)),
  };
}

/** What a command does is read, the text of a new file only on demand. */
function createdFold(resource: ResourceView): OutlineNode['fold'] {
  return resource.content === null ? 'folded' : 'on-demand';
}

/** Facts stand beside the address, wrapped into a column of their own; where that is too narrow, underneath. */
function withFacts(head: readonly Span[], facts: Facts, start: number, width: number): readonly Line[] {
  if (facts.parts.length === 0) return [head];
  const beside = width - start;
  if (beside >= 30) {
    const [first = '', ...rest] = wrapFacts(facts.parts, beside);
    return [
      [...head, span('  '), span(first, facts.tone)],
      ...rest.map((text): Line => [span(pad(start)), span(text, facts.tone)]),
    ];
  }
  return [
    head,
    ...wrapFacts(facts.parts, width - INDENT.detail).map((text): Line => [
      span(pad(INDENT.detail)),
      span(text, facts.tone),
    ]),
  ];
}

function symbolOf(resource: ResourceView): { symbol: string; tone: Tone } {
  if (resource.fate?.fate === 'kept' && resource.action === 'remove') return { symbol: '=', tone: 'accent' };
  return RESOURCE_SYMBOLS[resource.action];
}

const RESOURCE_SYMBOLS: Readonly<Record<ResourceAction, { symbol: string; tone: Tone }>> = {
  create: { symbol: '+', tone: 'add' },
  adopt: { symbol: '=', tone: 'accent' },
  update: { symbol: '~', tone: 'change' },
  replace: { symbol: '±', tone: 'replace' },
  start: { symbol: '~', tone: 'change' },
  restart: { symbol: '~', tone: 'change' },
  reload: { symbol: '~', tone: 'change' },
  stop: { symbol: '~', tone: 'change' },
  run: { symbol: '~', tone: 'change' },
  remove: { symbol: '-', tone: 'remove' },
};

interface Facts {
  readonly parts: readonly string[];
  readonly tone: Tone;
}

/** What is said beside a resource's address. */
function factsOf(resource: ResourceView, restart: RestartView | null): Facts {
  const { action, subject } = resource;
  const why = resource.reason === null || resource.reason === 'new' ? [] : [resource.reason];
  const name = subject === null || resource.address === `${resource.kind}.${subject}` ? [] : [subject];
  const join = (...parts: readonly string[]): readonly string[] => parts.filter((part) => part !== '');
  switch (action) {
    case 'create':
      return {
        parts: join(...name, ...newFacts(resource), ...why),
        tone: 'plain',
      };
    case 'adopt':
      return { parts: join(...name, resource.reason ?? 'is there already, as wanted'), tone: 'faint' };
    case 'update':
      return { parts: join(...name, ...why), tone: 'plain' };
    case 'replace':
      return { parts: join(...name, `${fateWords(resource)}, then made again`), tone: 'plain' };
    case 'start':
      return { parts: join('starts', ...why), tone: 'plain' };
    case 'restart':
    case 'reload': {
      const verb = action === 'restart' ? 'restarts' : 'reloads';
      return {
        parts: [`${verb}, because ${restart?.because ?? resource.reason ?? 'it must'}`],
        tone: 'warn',
      };
    }
    case 'stop':
      return { parts: join('stops', ...why), tone: 'warn' };
    case 'run':
      return { parts: join('runs', ...why), tone: 'plain' };
    case 'remove':
      return {
        parts: join(...name, fateWords(resource)),
        tone: resource.fate?.fate === 'kept' ? 'accent' : 'plain',
      };
    default:
      return unreachable(action);
  }
}

/** Attributes of something new, in few words. */
function newFacts(resource: ResourceView): readonly string[] {
  return resource.attributes
    .filter(({ name, sensitive }) => sensitive || !LONG_ATTRIBUTES.has(name))
    .map(({ name, after, sensitive }) => {
      if (sensitive) return `${name} (sensitive)`;
      if (name === 'lines' && typeof after === 'number') return count(after, 'line');
      if (name === 'bytes' && typeof after === 'number') return wordBytes(after);
      if (name === 'target') return `-> ${wordValue(after)}`;
      return after === true ? name : `${name} ${wordValue(after)}`;
    });
}

/** Told in lines of their own. */
const LONG_ATTRIBUTES: ReadonlySet<string> = new Set(['content', 'command', 'create', 'unless', 'comment']);

function fateWords({ fate, kind }: ResourceView): string {
  if (fate === null) return '';
  switch (fate.fate) {
    case 'deleted':
      return kind === 'service' ? 'stopped and deleted' : kind === 'script' ? 'undone' : 'deleted';
    case 'restored':
      return 'put back as it was before slipway';
    case 'gone':
      return kind === 'script' ? 'has nothing to undo' : 'not there any more';
    case 'kept': {
      if (fate.why === 'adopted') return 'stays: it was there before slipway';
      if (fate.why === 'shared')
        return kind === 'script' ? 'not undone: another instance has it' : 'stays: it is still needed';
      const amount = [
        ...(fate.entries === null ? [] : [count(fate.entries, 'entry').replace('entrys', 'entries')]),
        ...(fate.bytes === null ? [] : [wordBytes(fate.bytes)]),
      ];
      return `kept (on_remove = "keep")${amount.length === 0 ? '' : ` with ${amount.join(', ')}`}`;
    }
    default:
      return unreachable(fate);
  }
}

function hasDetails(resource: ResourceView, restart: RestartView | null): boolean {
  if (resource.conflict !== null || resource.diff !== null) return true;
  if (resource.action === 'update') return resource.attributes.length > 0 || restart !== null;
  if (resource.content !== null && resource.content !== '') return true;
  return resource.attributes.some(isLong);
}

/** Told in a line of its own, also where it is new. */
function isLong({ name, sensitive }: AttributeView): boolean {
  return !sensitive && name !== 'content' && LONG_ATTRIBUTES.has(name);
}

/** Attribute changes, commands, diffs and texts. */
function detailNodes(
  key: string,
  resource: ResourceView,
  restart: RestartView | null,
  width: number,
): readonly OutlineNode[] {
  const lines: Line[] = [];
  if (resource.conflict !== null)
    lines.push([span(`${pad(INDENT.detail)}cannot be applied: ${sanitize(resource.conflict)}`, 'bad')]);
  lines.push(...resource.attributes.flatMap((attribute) => attributeLines(attribute, resource, width)));
  if (resource.action === 'update' && restart !== null) {
    const verb = restart.how === 'restart' ? 'restarts' : 'reloads';
    lines.push([span(`${pad(INDENT.detail)}${verb}, because ${restart.because}`, 'warn')]);
  }
  if (resource.diff !== null) lines.push(...diffLines(resource.diff));
  if (resource.content !== null && resource.content !== '')
    lines.push(
      ...textLines(resource.content).map((text): Line => [span(`${pad(INDENT.detail)}+${text}`, 'add')]),
    );
  return lines.map((line, i) => plainNode(`${key} ${i}`, line));
}

function attributeLines(attribute: AttributeView, resource: ResourceView, width: number): readonly Line[] {
  const { name, before, after, sensitive } = attribute;
  const indent = pad(INDENT.detail);
  if (resource.action !== 'update') {
    if (!isLong(attribute)) return [];
    const [first = '', ...rest] = wrap(wordValue(after), width - INDENT.detail - name.length - 2);
    const room = pad(INDENT.detail + name.length + 2);
    return [
      [span(`${indent}${name}: `, 'faint'), span(first)],
      ...rest.map((text): Line => [span(`${room}${text}`)]),
    ];
  }
  // The diff says it better than two digests.
  if (resource.diff !== null && (name === 'content' || name === 'unit')) return [];
  if (sensitive) return [[span(`${indent}${name}: `, 'faint'), span('(sensitive)'), span(', changes')]];
  const [was, becomes] = [wordValue(before), wordValue(after)];
  const line: Line = [
    span(`${indent}${name}: `, 'faint'),
    span(was, 'remove'),
    span(' -> ', 'faint'),
    span(becomes, 'add'),
  ];
  if (INDENT.detail + name.length + 6 + widthOf(was) + widthOf(becomes) <= width) return [line];
  return [
    [span(`${indent}${name}: `, 'faint'), span(was, 'remove')],
    [span(`${pad(INDENT.detail + name.length - 1)}-> `, 'faint'), span(becomes, 'add')],
  ];
}

/** A value on one line; digests by their beginning. */
export function wordValue(value: AttributeView['after']): string {
  if (value === null) return '(none)';
  if (typeof value !== 'string') return String(value);
  if (value === '') return '""';
  const digest = /^(sha256:)?([0-9a-f]{64})$/.exec(value);
  if (digest !== null) return `sha256:${(digest[2] ?? '').slice(0, 12)}`;
  const [first = '', ...rest] = value.trimEnd().split('\n');
  return rest.length === 0 ? visible(first) : `${visible(first)} … (${count(rest.length + 1, 'line')})`;
}

/** The hunks: the file's path stands above them already. */
function diffLines(diff: string): readonly Line[] {
  const lines = textLines(diff);
  const first = lines.findIndex((text) => text.startsWith('@@'));
  return lines
    .slice(Math.max(0, first))
    .map((text): Line => [span(`${pad(INDENT.detail)}${text}`, toneOfDiff(text))]);
}

function toneOfDiff(text: string): Tone {
  if (text.startsWith('@@')) return 'accent';
  if (text.startsWith('+')) return 'add';
  if (text.startsWith('-')) return 'remove';
  return text.startsWith('\\') ? 'faint' : 'plain';
}

function textLines(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => visible(line));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
