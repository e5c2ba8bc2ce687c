import type { SourceRange } from '../../diagnostics/diagnostic.ts';

/** What stands between the braces of a block, or in a whole file; both lists in source order. */
export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
  readonly range: SourceRange;
}

/** `name = expression`; HCL itself refuses a name that is given twice in one body. */
export interface Attribute {
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly expression: Expression;
  readonly range: SourceRange;
}

export interface BlockLabel {
  readonly text: string;
  readonly range: SourceRange;
}

/** `type "label" { ... }`. `range` covers the whole block, from its type to its closing brace. */
export interface Block {
  readonly type: string;
  readonly typeRange: SourceRange;
  readonly labels: readonly BlockLabel[];
  readonly body: Body;
  readonly range: SourceRange;
}

/** One step of a traversal: `.name`, `["name"]` or `[0]`. */
export type Step =
  | { readonly kind: 'attribute'; readonly name: string; readonly range: SourceRange }
  | { readonly kind: 'index'; readonly key: string | number; readonly range: SourceRange };

export type BinaryOperator =
  '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%';
export type UnaryOperator = '-' | '!';

/** A number, string, bool or null written in the source. An integer beyond 2^53 is a bigint. */
export interface LiteralExpression {
  readonly kind: 'literal';
  readonly value: string | number | bigint | boolean | null;
  readonly range: SourceRange;
}

/** Parts to be joined to one string. A template that is nothing but `${x}` is folded to `x`. */
export interface TemplateExpression {
  readonly kind: 'template';
  readonly parts: readonly Expression[];
  readonly range: SourceRange;
}

/** `%{ for }` in a template: `items` yields a list whose elements are joined to one string. */
export interface TemplateJoinExpression {
  readonly kind: 'templateJoin';
  readonly items: Expression;
  readonly range: SourceRange;
}

/** `root.a["b"][0]`: a variable and steps known from the source alone. */
export interface TraversalExpression {
  readonly kind: 'traversal';
  readonly root: string;
  readonly rootRange: SourceRange;
  readonly steps: readonly Step[];
  readonly range: SourceRange;
}

/** Static steps on anything that is not a variable: `f().a`. */
export interface RelativeTraversalExpression {
  readonly kind: 'relativeTraversal';
  readonly source: Expression;
  readonly steps: readonly Step[];
  readonly range: SourceRange;
}

/** `name(arguments...)`; `expandFinal` when the last argument is followed by `...`. */
export interface CallExpression {
  readonly kind: 'call';
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly arguments: readonly Expression[];
  readonly expandFinal: boolean;
  readonly range: SourceRange;
}

/** `[for k, v in c : value if condition]`, or with `key` `{for k, v in c : key => value... if condition}`. */
export interface ForExpression {
  readonly kind: 'for';
  readonly keyVariable: string | undefined;
  readonly valueVariable: string;
  readonly collection: Expression;
  readonly key: Expression | undefined;
  readonly value: Expression;
  readonly condition: Expression | undefined;
  /** `...` after the value: values of one key are gathered in a list. */
  readonly grouped: boolean;
  readonly range: SourceRange;
}

export interface ConditionalExpression {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
  readonly range: SourceRange;
}

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly range: SourceRange;
}

export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly range: SourceRange;
}

/** `{ a = 1, (k) = 2 }`; a bare word as a key is a string literal here. */
export interface ObjectExpression {
  readonly kind: 'object';
  readonly items: readonly { readonly key: Expression; readonly value: Expression }[];
  readonly range: SourceRange;
}

export interface TupleExpression {
  readonly kind: 'tuple';
  readonly items: readonly Expression[];
  readonly range: SourceRange;
}

/** `collection[key]` with a key that must be evaluated. */
export interface IndexExpression {
  readonly kind: 'index';
  readonly collection: Expression;
  readonly key: Expression;
  readonly range: SourceRange;
}

/** `source[*].a`: `each` is evaluated for every element; `splatItem` inside it is that element. */
export interface SplatExpression {
  readonly kind: 'splat';
  readonly source: Expression;
  readonly each: Expression;
  readonly range: SourceRange;
}

/** The element of the innermost splat around it. */
export interface SplatItemExpression {
  readonly kind: 'splatItem';
  readonly range: SourceRange;
}

/** An expression as it stands in the source. Parentheses are folded away. */
export type Expression =
  | LiteralExpression
  | TemplateExpression
  | TemplateJoinExpression
  | TraversalExpression
  | RelativeTraversalExpression
  | CallExpression
  | ForExpression
  | ConditionalExpression
  | BinaryExpression
  | UnaryExpression
  | ObjectExpression
  | TupleExpression
  | IndexExpression
  | SplatExpression
  | SplatItemExpression;

/** A token of the source as HCL's scanner yields it; `type` is HCL's one-rune token type. */
export interface Token {
  readonly type: string;
  readonly text: string;
  readonly range: SourceRange;
}
