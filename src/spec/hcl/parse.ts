import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../../diagnostics/diagnostic.ts';
import type { Body, Expression, Token } from './ast.ts';
import { loadBundle } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { Converter } from './convert.ts';
import { elements, goString } from './go.ts';
import type { GoDiagnostic, GoHcl } from './go.ts';
import { DEEPEST_NESTING, tooDeepAt } from './nesting.ts';

/** Parses spec files, templates and single expressions. The grammar is HashiCorp's own; nothing is loaded before the first parse. */
export interface HclParser {
  /** A whole `*.hcl` file. With syntax errors the body holds what could be understood. */
  parseFile(text: string | Buffer, file: string): { body: Body; diagnostics: Diagnostic[] };
  /** A template file: text with `${...}` and `%{...}`. With syntax errors the expression is an empty string. */
  parseTemplate(text: string | Buffer, file: string): { expression: Expression; diagnostics: Diagnostic[] };
  /** One expression, as in the value of `--var`. With syntax errors the expression is `null`. */
  parseExpression(text: string, file: string): { expression: Expression; diagnostics: Diagnostic[] };
  /** The tokens of a file with comments and newlines, in order; together they cover all of it but blanks. */
  lex(text: string | Buffer, file: string): Token[];
}

export interface ParserOptions {
  /** Where V8's compiled form of the grammar is kept; default: `slipway` in the user's cache directory. */
  readonly cacheDir?: string;
}

interface Parsed {
  readonly body: Body;
  readonly diagnostics: Diagnostic[];
}

/** Put before and behind a text so that it becomes a file that the parser understands. */
interface Wrapping {
  readonly head: string;
  readonly tail: string;
  /** Where the head begins, so that the text itself begins at line 1, column 1. */
  readonly line: number;
  readonly column: number;
}

const UNWRAPPED: Wrapping = { head: '', tail: '', line: 1, column: 1 };
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

export function createParser(options: ParserOptions = {}): HclParser {
  let bundle: Bundle | undefined;

  /** Runs `use` on the loaded grammar. After any exception its inner state cannot be trusted: the next call loads afresh. */
  function withGrammar<T>(use: (go: GoHcl) => T, otherwise: () => T): T {
    bundle ??= loadBundle(options.cacheDir);
    try {
      const result = use(bundle.go);
      bundle.keepCompiled();
      return result;
    } catch {
      bundle = undefined;
      return otherwise();
    }
  }

  function parse(text: Buffer, file: string, wrapping: Wrapping): Parsed {
    const source = Buffer.concat([Buffer.from(wrapping.head), text, Buffer.from(wrapping.tail)]);
    return withGrammar(
      (go) => {
        const converter = new Converter(go, source, file, wrapping.head.length);
        const start = new go.hcl.Pos.ptr(wrapping.line, wrapping.column, 0);
        const [parsed, found] = go.syntax.ParseConfig(new go.Bytes(source), file, start);
        const body = converter.body(parsed.Body);
        const diagnostics = elements(found).map((d) => toDiagnostic(d, converter));
        return { body, diagnostics: [...diagnostics, ...converter.diagnostics] };
      },
      () => unparsed(tooComplex(startOf(file))),
    );
  }

  function parseFile(text: string | Buffer, file: string): Parsed {
    const whole = Buffer.from(text);
    const marked = whole.subarray(0, 3).equals(BYTE_ORDER_MARK);
    const source = marked ? whole.subarray(3) : whole;
    const deep = tooDeep(source.toString('utf8'), false, file);
    if (deep) return unparsed(deep);
    const { body, diagnostics } = parse(source, file, UNWRAPPED);
    return { body, diagnostics: diagnostics.map((d) => explainEnd(d, source.length)) };
  }

  function parseTemplate(text: string | Buffer, file: string) {
    const content = text.toString();
    const deep = tooDeep(content, true, file);
    if (deep) return { expression: emptyText(file), diagnostics: [deep] };
    // The bundle has no entry for templates, but a heredoc is one, with a newline at its end.
    const marker = unusedMarker(content);
    const wrapping = { head: `t = <<${marker}\n`, tail: `\n${marker}\n`, line: 0, column: 1 };
    const { body, diagnostics } = parse(Buffer.from(text), file, wrapping);
    const expression = body.attributes[0]?.expression;
    if (diagnostics.length > 0 || !expression) {
      const last = lastPosition(content, file);
      return { expression: emptyText(file), diagnostics: diagnostics.map((d) => clamp(d, last)) };
    }
    return { expression: asTemplate(expression), diagnostics };
  }

  function parseExpression(text: string, file: string) {
    const nothing: Expression = { kind: 'literal', value: null, range: startOf(file) };
    const deep = tooDeep(text, false, file);
    if (deep) return { expression: nothing, diagnostics: [deep] };
    // Parentheses let the expression go on over several lines.
    const head = 'e = (';
    const wrapping = { head, tail: '\n)\n', line: 1, column: 1 - head.length };
    const { body, diagnostics } = parse(Buffer.from(text), file, wrapping);
    const expression = body.attributes[0]?.expression;
    if (diagnostics.length === 0 && expression && body.attributes.length === 1 && body.blocks.length === 0) {
      return { expression, diagnostics };
    }
    const last = lastPosition(text, file);
    const found = diagnostics.map((d) => clamp(d, last));
    const oneNeeded = errorAt(startOf(file), 'Invalid expression', 'Exactly one expression is needed here.');
    return { expression: nothing, diagnostics: found.length > 0 ? found : [oneNeeded] };
  }

  function lex(text: string | Buffer, file: string): Token[] {
    const source = Buffer.from(text);
    return withGrammar(
      (go) => {
        const converter = new Converter(go, source, file, 0);
        const [tokens] = go.syntax.LexConfig(new go.Bytes(source), file, new go.hcl.Pos.ptr(1, 1, 0));
        return elements(tokens).map((token) => ({
          type: String.fromCodePoint(token.Type),
          text: source.toString('utf8', token.Range.Start.Byte, token.Range.End.Byte),
          range: converter.range(token.Range),
        }));
      },
      () => [],
    );
  }

  return { parseFile, parseTemplate, parseExpression, lex };
}

function toDiagnostic(diagnostic: GoDiagnostic, converter: Converter): Diagnostic {
  return {
    severity: diagnostic.Severity === 1 ? 'error' : 'warning',
    summary: goString(diagnostic.Summary),
    detail: goString(diagnostic.Detail),
    subject: { at: 'source', range: converter.range(diagnostic.Subject) },
  };
}

function tooDeep(text: string, isTemplate: boolean, file: string): Diagnostic | undefined {
  const at = tooDeepAt(text, isTemplate);
  if (at === undefined) return undefined;
  const { start } = lastPosition(text.slice(0, at), file);
  return errorAt(
    { file, start, end: start },
    'Nested too deeply',
    `Brackets, strings and directives may be nested ${DEEPEST_NESTING} levels deep. Name inner parts in locals.`,
  );
}

function tooComplex(range: SourceRange): Diagnostic {
  return errorAt(
    range,
    'File too complex',
    'The parser gave up on this file. Split it, or simplify its longest expressions.',
  );
}

function unparsed(diagnostic: Diagnostic): Parsed {
  const range = diagnostic.subject.at === 'source' ? diagnostic.subject.range : startOf('');
  return { body: { attributes: [], blocks: [], range }, diagnostics: [diagnostic] };
}

function startOf(file: string): SourceRange {
  const start = { line: 1, column: 1, byte: 0 };
  return { file, start, end: start };
}

function emptyText(file: string): Expression {
  return { kind: 'literal', value: '', range: startOf(file) };
}

/** The place just behind the text. */
export function lastPosition(text: string, file: string): SourceRange {
  const lines = text.split('\n');
  const graphemes = [...new Intl.Segmenter().segment(lines.at(-1)!)].length;
  const end = { line: lines.length, column: graphemes + 1, byte: Buffer.byteLength(text) };
  return { file, start: end, end };
}

/** The parser wants "an argument or a block" where a file ends inside a block, which helps nobody. */
function explainEnd(diagnostic: Diagnostic, length: number): Diagnostic {
  const { subject, summary } = diagnostic;
  if (
    subject.at !== 'source' ||
    subject.range.start.byte < length ||
    !summary.startsWith('Argument or block')
  ) {
    return diagnostic;
  }
  return errorAt(
    subject.range,
    'Unclosed block',
    'The file ends inside a block: a closing brace is missing.',
  );
}

/** Keeps a diagnostic within the text: what the parser has to say of the wrapping is that the text ended too early. */
function clamp(diagnostic: Diagnostic, last: SourceRange): Diagnostic {
  if (diagnostic.subject.at !== 'source') return diagnostic;
  const { file, start, end } = diagnostic.subject.range;
  if (start.byte > last.end.byte && !/missing/.test(diagnostic.detail)) {
    return errorAt(
      last,
      'Unexpected end',
      'The text ends before everything opened in it is closed again: ${...}, %{...}, brackets, quotes.',
    );
  }
  const within = (p: SourceRange['start']) => (p.byte > last.end.byte ? last.end : p);
  return {
    ...diagnostic,
    subject: { at: 'source', range: { file, start: within(start), end: within(end) } },
  };
}

function unusedMarker(text: string): string {
  let marker = 'TEMPLATE';
  while (text.includes(marker)) marker += 'X';
  return marker;
}

/** Takes off the newline that the heredoc added, unless a `~}` before it has eaten it already. */
function asTemplate(expression: Expression): Expression {
  const parts = expression.kind === 'template' ? expression.parts : [expression];
  const last = parts.at(-1)!;
  const kept =
    last.kind === 'literal' && typeof last.value === 'string' && last.value.endsWith('\n')
      ? [...parts.slice(0, -1), { ...last, value: last.value.slice(0, -1) }]
      : parts;
  return { kind: 'template', parts: kept, range: expression.range };
}
