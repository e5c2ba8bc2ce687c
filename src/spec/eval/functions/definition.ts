import type { Value, ValueObject } from '../../value.ts';
import type { Environment } from '../environment.ts';
import { InputError } from '../error.ts';
import { isList, isObject } from '../marks.ts';
import type { Numeric } from '../numbers.ts';
import { asBool, asNumber, asText, kindOf } from '../primitives.ts';

export interface CallContext {
  /** Undefined where files cannot be read. */
  readonly environment: Environment | undefined;
}

interface Described {
  readonly name: string;
  /** As one would write it: "join(separator, list)". "?" marks an optional parameter, "..." one that repeats. */
  readonly signature: string;
  /** One line for the documentation. */
  readonly description: string;
}

export interface EagerFunction extends Described {
  readonly kind: 'eager';
  /**
   * What the function sees of marks. deep: none; whatever is unknown or sensitive in an argument makes the whole
   * result so. shallow: the marks of elements stay on them. kept: all marks, for it handles them itself.
   */
  readonly marks: 'deep' | 'shallow' | 'kept';
  /** Whether an argument may be null. */
  readonly nullable: boolean;
  /** Reads files: never evaluated before it is needed. */
  readonly readsFiles: boolean;
  /** Throws `InputError`. */
  call(args: readonly Value[], context: CallContext): Value;
}

/** Gets its arguments unevaluated; evaluating one may throw `EvaluationError`. */
export interface LazyFunction extends Described {
  readonly kind: 'lazy';
  call(args: readonly (() => Value)[]): Value;
}

export type FunctionDefinition = EagerFunction | LazyFunction;

type Call = (args: readonly Value[], context: CallContext) => Value;
type Options = Partial<Pick<EagerFunction, 'marks' | 'nullable' | 'readsFiles'>>;

/** A row of the function table; by default a pure function that sees no marks and no nulls. */
export function define(
  signature: string,
  description: string,
  call: Call,
  options: Options = {},
): EagerFunction {
  return {
    kind: 'eager',
    name: nameOf(signature),
    signature,
    description,
    marks: 'deep',
    nullable: false,
    readsFiles: false,
    call,
    ...options,
  };
}

export function defineLazy(signature: string, description: string, call: LazyFunction['call']): LazyFunction {
  return { kind: 'lazy', name: nameOf(signature), signature, description, call };
}

function nameOf(signature: string): string {
  return signature.slice(0, signature.indexOf('('));
}

export interface Parameters {
  readonly names: readonly string[];
  readonly minimum: number;
  readonly maximum: number;
}

/** The parameters that a signature lists. */
export function parametersOf({ signature }: Described): Parameters {
  const inner = signature.slice(signature.indexOf('(') + 1, -1);
  const written = inner === '' ? [] : inner.split(', ');
  const repeats = written.at(-1)?.endsWith('...') ?? false;
  const optional = written.filter((p) => p.endsWith('?')).length;
  return {
    names: written.map((p) => p.replace(/\?$|\.\.\.$/, '')),
    minimum: written.length - optional - (repeats ? 1 : 0),
    maximum: repeats ? Infinity : written.length,
  };
}

function needed(what: string, value: Value | undefined, argument: number): never {
  throw new InputError(`${what} is needed, and this is ${kindOf(value ?? null)}`, argument);
}

/** The argument at `i` as a string; numbers and bools convert. */
export function text(args: readonly Value[], i: number): string {
  return asText(args[i] ?? null) ?? needed('a string', args[i], i);
}

export function number(args: readonly Value[], i: number): Numeric {
  return asNumber(args[i] ?? null) ?? needed('a number', args[i], i);
}

/** A whole number within what JavaScript counts exactly. */
export function integer(args: readonly Value[], i: number): number {
  const value = number(args, i);
  return Number.isSafeInteger(value) ? (value as number) : needed('a whole number', args[i], i);
}

export function bool(args: readonly Value[], i: number): boolean {
  return asBool(args[i] ?? null) ?? needed('a bool', args[i], i);
}

export function list(args: readonly Value[], i: number): readonly Value[] {
  const value = args[i];
  return isList(value) ? value : needed('a list', value, i);
}

export function map(args: readonly Value[], i: number): ValueObject {
  const value = args[i];
  return isObject(value) ? value : needed('a map', value, i);
}

/** A list whose elements are all strings (or convert to them). */
export function texts(args: readonly Value[], i: number): string[] {
  return list(args, i).map((item) => asText(item) ?? needed('a list of strings', item, i));
}
