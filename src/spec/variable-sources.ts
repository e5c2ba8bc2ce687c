import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { errorAt, hasErrors, runError } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { compile } from './eval/compile.ts';
import { EvaluationError } from './eval/error.ts';
import { decodeJson } from './eval/functions/json.ts';
import { isObject } from './eval/marks.ts';
import type { Expression } from './hcl/ast.ts';
import { textOf, withoutByteOrderMark } from './hcl/encoding.ts';
import type { HclParser } from './hcl/parse.ts';
import { literalBool, OVERRIDE_FILE } from './override.ts';
import { BROKEN } from './schema/read.ts';
import type { Value } from './value.ts';
import type { SpecFile, Workspace } from './workspace.ts';

/** Where values of variables come from, weakest first: environment, auto files of the workspace, its override, arguments in order, prompts. */
export interface VariableSources {
  /** `SLIPWAY_VAR_name`; other variables are ignored. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--var name=value` and `--var-file PATH` in the order given; a path is relative to `directory`. */
  readonly arguments: readonly VariableArgument[];
  /** Answers to prompts, as typed. */
  readonly prompted?: ReadonlyMap<string, string>;
  /** Where paths of `--var-file` start. */
  readonly directory: string;
}
export type VariableArgument =
  { readonly option: 'var'; readonly text: string } | { readonly option: 'var-file'; readonly path: string };

/** A value that was given for a name, right or wrong. */
export interface GivenValue {
  readonly name: string;
  readonly value: Value;
  /** Set where only text can be given; the variable's type decides how it is read. */
  readonly text: string | undefined;
  /** For messages: "--var port", "SLIPWAY_VAR_port". */
  readonly origin: string;
  /** Where it stands in a file; null outside of files. */
  readonly range: SourceRange | null;
  /** What becomes of a name that no variable has. */
  readonly undeclared: 'error' | 'warning' | 'ignored';
}

const PREFIX = 'SLIPWAY_VAR_';
type Report = (diagnostic: Diagnostic) => void;

/** Every value given, weakest first. Files that cannot be read or parsed are reported. */
export function readGivenValues(
  workspace: Workspace,
  sources: VariableSources,
  report: Report,
): GivenValue[] {
  const { parser, variableFiles } = workspace;
  return [
    ...fromEnvironment(sources.environment),
    ...variableFiles.flatMap((file) => fromFile(file, parser, report)),
    ...fromOverride(workspace),
    ...sources.arguments.flatMap((argument) => fromArgument(argument, sources.directory, parser, report)),
    ...[...(sources.prompted ?? [])].map(([name, text]) =>
      given(name, text, `the answer for ${name}`, 'ignored'),
    ),
  ];
}

/** An error about a value, at its place in a file or naming its option. */
export function problemOf({ range, origin }: GivenValue, summary: string, detail: string): Diagnostic {
  return range ? withoutLine(errorAt(range, summary, detail)) : runError(summary, `${origin}: ${detail}`);
}

/** A line of a file with values is not shown: it may hold a secret, be it that of a neighbour. */
export function withoutLine(diagnostic: Diagnostic): Diagnostic {
  const { subject } = diagnostic;
  return subject.at === 'source' ? { ...diagnostic, subject: { ...subject, hidden: true } } : diagnostic;
}

function given(name: string, text: string, origin: string, undeclared: GivenValue['undeclared']): GivenValue {
  return { name, value: text, text, origin, range: null, undeclared };
}

function fromEnvironment(environment: VariableSources['environment']): GivenValue[] {
  return Object.entries(environment).flatMap(([key, text]) =>
    key.startsWith(PREFIX) && text !== undefined
      ? [given(key.slice(PREFIX.length), text, key, 'ignored')]
      : [],
  );
}

/** Literal: a text is never an expression. */
function fromOverride({ override, variables }: Workspace): GivenValue[] {
  return [...(override?.values ?? [])].map(([name, { value, range }]) => ({
    name,
    value: variables.get(name)?.type.kind === 'bool' ? literalBool(value) : value,
    text: undefined,
    origin: OVERRIDE_FILE,
    range,
    undeclared: 'warning',
  }));
}

function fromArgument(
  argument: VariableArgument,
  directory: string,
  parser: HclParser,
  report: Report,
): GivenValue[] {
  if (argument.option === 'var') {
    const at = argument.text.indexOf('=');
    const name = argument.text.slice(0, at).trim();
    if (at > 0 && name !== '') return [given(name, argument.text.slice(at + 1), `--var ${name}`, 'error')];
    // The text itself may be a secret.
    report(runError('Invalid --var', 'It is given as --var NAME=VALUE.'));
    return [];
  }
  const absolute = resolve(directory, argument.path);
  try {
    const content = readFileSync(absolute);
    const path = relative(directory, absolute);
    const text = textOf(content, path, (problem) => report(withoutLine(problem)));
    return fromFile({ path, text }, parser, report);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'There is no such file.' : message;
    report(runError('Variable file not readable', `--var-file ${argument.path}: ${why}`));
    return [];
  }
}

function fromFile(file: SpecFile, parser: HclParser, tell: Report): GivenValue[] {
  const report: Report = (diagnostic) => tell(withoutLine(diagnostic));
  return file.path.endsWith('.json') ? fromJson(file, report) : fromHcl(file, parser, report);
}

function fromHcl({ path, text }: SpecFile, parser: HclParser, report: Report): GivenValue[] {
  const { body, diagnostics } = parser.parseFile(text, path);
  diagnostics.forEach(report);
  if (hasErrors(diagnostics)) return [];
  for (const block of body.blocks) {
    const detail = 'A variable file holds lines such as name = value, and no blocks.';
    report(errorAt(block.typeRange, 'Block in a variable file', detail));
  }
  return body.attributes.map(({ name, nameRange, expression }) => ({
    name,
    value: constantValue(expression, report),
    text: undefined,
    origin: path,
    range: nameRange,
    undeclared: 'warning',
  }));
}

function fromJson({ path, text: content }: SpecFile, report: Report): GivenValue[] {
  const text = withoutByteOrderMark(content);
  let value: Value;
  try {
    JSON.parse(text);
    value = decodeJson(text);
  } catch (error) {
    // JavaScript's message may quote the text, which may hold secrets.
    const offset = /position (\d+)/.exec((error as Error).message)?.[1];
    const range = rangeAt(path, text, offset ? Number(offset) : 0, 1);
    report(errorAt(range, 'Invalid JSON', 'The file cannot be parsed as JSON.'));
    return [];
  }
  if (!isObject(value)) {
    report(
      errorAt(
        rangeAt(path, text, 0, 1),
        'Invalid variable file',
        'A JSON object of names and values is needed.',
      ),
    );
    return [];
  }
  return Object.entries(value).map(([name, item]) => {
    const key = JSON.stringify(name);
    const range = rangeAt(path, text, Math.max(0, text.indexOf(key)), key.length);
    return { name, value: item, text: undefined, origin: path, range, undeclared: 'warning' };
  });
}

/** JSON has no tree with places: the first place where the key is written is near enough. */
function rangeAt(file: string, text: string, offset: number, length: number): SourceRange {
  const before = text.slice(0, offset).split('\n');
  const line = before.length;
  const column = [...before.at(-1)!].length + 1;
  const byte = Buffer.byteLength(text.slice(0, offset));
  return { file, start: { line, column, byte }, end: { line, column: column + length, byte: byte + length } };
}

/** The value of an expression in a text that came from outside of files. */
export function constantText(text: string, name: string, parser: HclParser, report: Report): Value {
  const { expression, diagnostics } = parser.parseExpression(text, `the value of ${name}`);
  diagnostics.forEach(report);
  return hasErrors(diagnostics) ? BROKEN : constantValue(expression, report);
}

function constantValue(expression: Expression, report: Report): Value {
  const compiled = compile(expression);
  const [reference] = compiled.references;
  if (reference) {
    // The word itself may be a secret that lacks its quotes.
    const detail = 'A value cannot read anything. If a text is meant, put it in double quotes.';
    report(errorAt(reference.range, 'Value is not constant', detail));
    return BROKEN;
  }
  try {
    return compiled.evaluate({});
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    report(error.diagnostic);
    return BROKEN;
  }
}
