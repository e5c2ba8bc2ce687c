import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic, SourcePosition, SourceRange } from '../../diagnostics/diagnostic.ts';
import type { BinaryOperator, Block, Body, Expression, Step, UnaryOperator } from './ast.ts';
import { elements, goString, typeName } from './go.ts';
import type * as Go from './go.ts';
import { indexNumber, parseNumber } from './numbers.ts';
import { operatorTable } from './operators.ts';

/** Deeper trees than any person writes; the bound keeps every recursion over an expression within the stack. */
const DEEPEST_TREE = 400;

/**
 * Turns the parser's Go tree into our own. Diagnostics of its own are collected in `diagnostics`.
 * `source` is what was parsed; its first `headBytes` were put before the user's text and do not count in positions.
 */
export class Converter {
  readonly diagnostics: Diagnostic[] = [];
  #depth = 0;
  readonly #go: Go.GoHcl;
  readonly #source: Uint8Array;
  readonly #file: string;
  readonly #headBytes: number;
  readonly #operators: Map<object, BinaryOperator | UnaryOperator>;

  constructor(go: Go.GoHcl, source: Uint8Array, file: string, headBytes: number) {
    this.#go = go;
    this.#source = source;
    this.#file = file;
    this.#headBytes = headBytes;
    this.#operators = operatorTable(go);
  }

  range(range: Go.GoRange): SourceRange {
    return this.between(range, range);
  }

  between(first: Go.GoRange, last: Go.GoRange): SourceRange {
    return { file: this.#file, start: this.#position(first.Start), end: this.#position(last.End) };
  }

  body(body: Go.GoBody): Body {
    const attributes = Object.values(body.Attributes)
      .map(({ v }) => ({
        name: goString(v.Name),
        nameRange: this.range(v.NameRange),
        expression: this.expression(v.Expr),
        range: this.range(v.SrcRange),
      }))
      .sort((a, b) => a.range.start.byte - b.range.start.byte);
    return {
      attributes,
      blocks: elements(body.Blocks).map((b) => this.#block(b)),
      range: this.range(body.SrcRange),
    };
  }

  #block(block: Go.GoBlock): Block {
    const labelRanges = elements(block.LabelRanges);
    return {
      type: goString(block.Type),
      typeRange: this.range(block.TypeRange),
      labels: elements(block.Labels).map((text, i) => ({
        text: goString(text),
        range: this.range(labelRanges[i]!),
      })),
      body: this.body(block.Body),
      range: this.between(block.TypeRange, block.CloseBraceRange),
    };
  }

  expression(node: Go.GoExpression): Expression {
    if (this.#depth >= DEEPEST_TREE) return this.#refuse(node);
    this.#depth++;
    try {
      return this.#node(node);
    } finally {
      this.#depth--;
    }
  }

  #refuse(node: Go.GoExpression): Expression {
    const range = node.SrcRange ? this.range(node.SrcRange) : startOf(this.#file);
    if (!this.diagnostics.some((d) => d.summary === TOO_DEEP)) {
      this.diagnostics.push(
        errorAt(range, TOO_DEEP, `At most ${DEEPEST_TREE} levels are possible; name parts of it in locals.`),
      );
    }
    return { kind: 'literal', value: null, range };
  }

  #node(node: Go.GoExpression): Expression {
    switch (typeName(node)) {
      case 'LiteralValueExpr':
        return this.#literal(node as Go.GoLiteral);
      case 'TemplateExpr':
        return this.#template(node as Go.GoTemplate);
      case 'TemplateJoinExpr': {
        const items = this.expression((node as Go.GoTemplateJoin).Tuple);
        return { kind: 'templateJoin', items, range: items.range };
      }
      case 'TemplateWrapExpr':
        return this.expression((node as Go.GoWrapper).Wrapped);
      case 'ParenthesesExpr':
        return this.expression((node as Go.GoParentheses).Expression);
      case 'ScopeTraversalExpr': {
        const [root, ...steps] = elements((node as Go.GoScopeTraversal).Traversal);
        return {
          kind: 'traversal',
          root: goString(root!.$val.Name),
          rootRange: this.range(root!.$val.SrcRange),
          steps: steps.map((step) => this.#step(step)),
          range: this.range(node.SrcRange),
        };
      }
      case 'RelativeTraversalExpr': {
        const { Source, Traversal } = node as Go.GoRelativeTraversal;
        const steps = elements(Traversal).map((step) => this.#step(step));
        return {
          kind: 'relativeTraversal',
          source: this.expression(Source),
          steps,
          range: this.range(node.SrcRange),
        };
      }
      case 'FunctionCallExpr': {
        const call = node as Go.GoCall;
        return {
          kind: 'call',
          name: goString(call.Name),
          nameRange: this.range(call.NameRange),
          arguments: elements(call.Args).map((a) => this.expression(a)),
          expandFinal: call.ExpandFinal,
          range: this.between(call.NameRange, call.CloseParenRange),
        };
      }
      case 'ForExpr':
        return this.#for(node as Go.GoFor);
      case 'ConditionalExpr': {
        const { Condition, TrueResult, FalseResult } = node as Go.GoConditional;
        return {
          kind: 'conditional',
          condition: this.expression(Condition),
          whenTrue: this.expression(TrueResult),
          whenFalse: this.expression(FalseResult),
          range: this.range(node.SrcRange),
        };
      }
      case 'BinaryOpExpr': {
        const { LHS, Op, RHS } = node as Go.GoBinary;
        const operator = this.#operators.get(Op) as BinaryOperator;
        const left = this.expression(LHS);
        return {
          kind: 'binary',
          operator,
          left,
          right: this.expression(RHS),
          range: this.range(node.SrcRange),
        };
      }
      case 'UnaryOpExpr': {
        const { Op, Val } = node as Go.GoUnary;
        const operator = this.#operators.get(Op) as UnaryOperator;
        return { kind: 'unary', operator, operand: this.expression(Val), range: this.range(node.SrcRange) };
      }
      case 'ObjectConsExpr': {
        const items = elements((node as Go.GoObject).Items).map(({ KeyExpr, ValueExpr }) => ({
          key: this.#key(KeyExpr),
          value: this.expression(ValueExpr),
        }));
        return { kind: 'object', items, range: this.range(node.SrcRange) };
      }
      case 'TupleConsExpr': {
        const items = elements((node as Go.GoTuple).Exprs).map((item) => this.expression(item));
        return { kind: 'tuple', items, range: this.range(node.SrcRange) };
      }
      case 'IndexExpr': {
        const { Collection, Key } = node as Go.GoIndex;
        const collection = this.expression(Collection);
        return { kind: 'index', collection, key: this.expression(Key), range: this.range(node.SrcRange) };
      }
      case 'SplatExpr': {
        const { Source, Each } = node as Go.GoSplat;
        const source = this.expression(Source);
        return { kind: 'splat', source, each: this.expression(Each), range: this.range(node.SrcRange) };
      }
      case 'AnonSymbolExpr':
        return { kind: 'splatItem', range: this.range(node.SrcRange) };
      default:
        // A broken file: the parser leaves holes where it found no expression, and has said so.
        return { kind: 'literal', value: null, range: startOf(this.#file) };
    }
  }

  #literal(node: Go.GoLiteral): Expression {
    const range = this.range(node.SrcRange);
    const { v } = node.Val;
    switch (v.constructor.string) {
      case 'string':
        return { kind: 'literal', value: goString(v.$val as string), range };
      case 'bool':
        return { kind: 'literal', value: v.$val as boolean, range };
      case '*big.Float': {
        // Through the text, which is exact; Go's number is binary.
        const text = Buffer.from(
          this.#source.subarray(node.SrcRange.Start.Byte, node.SrcRange.End.Byte),
        ).toString('latin1');
        const value = parseNumber(text);
        if (value === undefined) {
          this.diagnostics.push(errorAt(range, 'Number out of range', 'A number has at most 400 digits.'));
        }
        return { kind: 'literal', value: value ?? 0, range };
      }
      default:
        return { kind: 'literal', value: null, range };
    }
  }

  /** Literal parts that follow each other (the parser yields one for each line and escape) are joined. */
  #template(node: Go.GoTemplate): Expression {
    const parts: Expression[] = [];
    for (const part of elements(node.Parts)) {
      const next = this.expression(part);
      const last = parts.at(-1);
      if (isText(next) && last && isText(last)) {
        const range = { ...last.range, end: next.range.end };
        parts[parts.length - 1] = { kind: 'literal', value: last.value + next.value, range };
      } else {
        parts.push(next);
      }
    }
    const range = this.range(node.SrcRange);
    const only = parts[0];
    if (!only) return { kind: 'literal', value: '', range };
    return parts.length === 1 && isText(only) ? { ...only, range } : { kind: 'template', parts, range };
  }

  #for(node: Go.GoFor): Expression {
    const optional = (e: Go.GoExpression) => (this.#isNil(e) ? undefined : this.expression(e));
    return {
      kind: 'for',
      keyVariable: node.KeyVar === '' ? undefined : goString(node.KeyVar),
      valueVariable: goString(node.ValVar),
      collection: this.expression(node.CollExpr),
      key: optional(node.KeyExpr),
      value: this.expression(node.ValExpr),
      condition: optional(node.CondExpr),
      grouped: node.Group,
      range: this.range(node.SrcRange),
    };
  }

  #key(node: Go.GoObjectKey): Expression {
    const key = this.expression(node.Wrapped);
    if (node.ForceNonLiteral || key.kind !== 'traversal') return key;
    if (key.steps.length === 0) return { kind: 'literal', value: key.root, range: key.range };
    this.diagnostics.push(
      errorAt(
        key.range,
        'Ambiguous key',
        'Put the key in parentheses to have it evaluated, or in quotes to take it as text.',
      ),
    );
    return key;
  }

  #step(step: Go.GoTraverser): Step {
    const range = this.range(step.$val.SrcRange);
    if (typeName(step) === 'TraverseAttr')
      return { kind: 'attribute', name: goString(step.$val.Name), range };
    const { v } = step.$val.Key;
    const key =
      v.constructor.string === 'string'
        ? goString(v.$val as string)
        : indexNumber(v as unknown as Go.GoBigFloat);
    return { kind: 'index', key, range };
  }

  #isNil(node: Go.GoExpression): boolean {
    return node === this.#go.nil;
  }

  #position(position: Go.GoPos): SourcePosition {
    const byte = position.Byte - this.#headBytes;
    // Within what was put before the text lies nothing that a user has written.
    return byte < 0 ? START : { line: position.Line, column: position.Column, byte };
  }
}

const TOO_DEEP = 'Expression too deep';

const START: SourcePosition = { line: 1, column: 1, byte: 0 };

function startOf(file: string): SourceRange {
  return { file, start: START, end: START };
}

function isText(
  expression: Expression,
): expression is Extract<Expression, { kind: 'literal' }> & { value: string } {
  return expression.kind === 'literal' && typeof expression.value === 'string';
}
