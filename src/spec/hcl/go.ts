/*
 * The Go values of the parser as GopherJS lays them out: a slice is a window on an array, a map an object of
 * key and value, a string has one character per byte, and an interface value tells its Go type by
 * `constructor.string`. Only what the adapter reads is named.
 */

export interface GoSlice<T> {
  readonly $array: ArrayLike<T>;
  readonly $offset: number;
  readonly $length: number;
}
export interface GoPos {
  readonly Line: number;
  readonly Column: number;
  readonly Byte: number;
}
export interface GoRange {
  readonly Start: GoPos;
  readonly End: GoPos;
}
export interface GoDiagnostic {
  readonly Severity: number;
  readonly Summary: string;
  readonly Detail: string;
  /** A nil pointer has a getter that throws. */
  readonly Subject: GoRange;
}
export interface GoToken {
  readonly Type: number;
  readonly Bytes: GoSlice<number>;
  readonly Range: GoRange;
}
export interface GoAttribute {
  readonly Name: string;
  readonly Expr: GoExpression;
  readonly SrcRange: GoRange;
  readonly NameRange: GoRange;
}
export interface GoBlock {
  readonly Type: string;
  readonly Labels: GoSlice<string>;
  readonly Body: GoBody;
  readonly TypeRange: GoRange;
  readonly LabelRanges: GoSlice<GoRange>;
  readonly CloseBraceRange: GoRange;
}
export interface GoBody {
  readonly Attributes: { readonly [key: string]: { readonly v: GoAttribute } };
  readonly Blocks: GoSlice<GoBlock>;
  readonly SrcRange: GoRange;
}

/** `cty.Value`: `v` is an interface value around a Go string, a bool or a `*big.Float`. */
export interface GoValue {
  readonly v: { readonly constructor: { readonly string?: string }; readonly $val: unknown };
}
/** A number: `mant`, little-endian words of 32 bits, read as a fraction below 1, times two to the power of `exp`. */
export interface GoBigFloat {
  readonly form: number;
  readonly neg: boolean;
  readonly mant: GoSlice<number>;
  readonly exp: number;
}
/** `hcl.TraverseRoot`, `hcl.TraverseAttr` or `hcl.TraverseIndex`. */
export interface GoTraverser {
  readonly constructor: { readonly string?: string };
  readonly $val: { readonly Name: string; readonly Key: GoValue; readonly SrcRange: GoRange };
}

/** Any node of hclsyntax; which fields are there, its type name tells. */
export interface GoExpression {
  readonly constructor: { readonly string?: string };
  readonly SrcRange: GoRange;
}
export interface GoTemplate extends GoExpression {
  readonly Parts: GoSlice<GoExpression>;
}
export interface GoTemplateJoin extends GoExpression {
  readonly Tuple: GoExpression;
}
export interface GoWrapper extends GoExpression {
  readonly Wrapped: GoExpression;
}
export interface GoParentheses extends GoExpression {
  readonly Expression: GoExpression;
}
export interface GoLiteral extends GoExpression {
  readonly Val: GoValue;
}
export interface GoScopeTraversal extends GoExpression {
  readonly Traversal: GoSlice<GoTraverser>;
}
export interface GoRelativeTraversal extends GoExpression {
  readonly Source: GoExpression;
  readonly Traversal: GoSlice<GoTraverser>;
}
export interface GoCall extends GoExpression {
  readonly Name: string;
  readonly Args: GoSlice<GoExpression>;
  readonly ExpandFinal: boolean;
  readonly NameRange: GoRange;
  readonly CloseParenRange: GoRange;
}
export interface GoFor extends GoExpression {
  readonly KeyVar: string;
  readonly ValVar: string;
  readonly CollExpr: GoExpression;
  readonly KeyExpr: GoExpression;
  readonly ValExpr: GoExpression;
  readonly CondExpr: GoExpression;
  readonly Group: boolean;
}
export interface GoConditional extends GoExpression {
  readonly Condition: GoExpression;
  readonly TrueResult: GoExpression;
  readonly FalseResult: GoExpression;
}
export interface GoBinary extends GoExpression {
  readonly LHS: GoExpression;
  readonly Op: object;
  readonly RHS: GoExpression;
}
export interface GoUnary extends GoExpression {
  readonly Op: object;
  readonly Val: GoExpression;
}
export interface GoObject extends GoExpression {
  readonly Items: GoSlice<{ readonly KeyExpr: GoObjectKey; readonly ValueExpr: GoExpression }>;
}
export interface GoObjectKey extends GoExpression {
  readonly Wrapped: GoExpression;
  readonly ForceNonLiteral: boolean;
}
export interface GoTuple extends GoExpression {
  readonly Exprs: GoSlice<GoExpression>;
}
export interface GoIndex extends GoExpression {
  readonly Collection: GoExpression;
  readonly Key: GoExpression;
}
export interface GoSplat extends GoExpression {
  readonly Source: GoExpression;
  readonly Each: GoExpression;
}

type OperatorName =
  | 'OpLogicalOr'
  | 'OpLogicalAnd'
  | 'OpLogicalNot'
  | 'OpEqual'
  | 'OpNotEqual'
  | 'OpGreaterThan'
  | 'OpGreaterThanOrEqual'
  | 'OpLessThan'
  | 'OpLessThanOrEqual'
  | 'OpAdd'
  | 'OpSubtract'
  | 'OpMultiply'
  | 'OpDivide'
  | 'OpModulo'
  | 'OpNegate';

/** The packages `hcl` and `hclsyntax`, and the little of GopherJS that is needed to call them. */
export interface GoHcl {
  readonly hcl: { readonly Pos: { readonly ptr: new (line: number, column: number, byte: number) => GoPos } };
  readonly syntax: Readonly<Record<OperatorName, object>> & {
    ParseConfig(
      source: GoSlice<number>,
      file: string,
      start: GoPos,
    ): [{ readonly Body: GoBody }, GoSlice<GoDiagnostic>];
    LexConfig(source: GoSlice<number>, file: string, start: GoPos): [GoSlice<GoToken>, GoSlice<GoDiagnostic>];
  };
  readonly Bytes: new (content: Uint8Array) => GoSlice<number>;
  /** The nil of an interface. */
  readonly nil: object;
}

/** The elements of a slice. */
export function elements<T>(slice: GoSlice<T>): T[] {
  const all: T[] = [];
  for (let i = slice.$offset; i < slice.$offset + slice.$length; i++) all.push(slice.$array[i]!);
  return all;
}

/** A Go string as a JavaScript one. */
export function goString(bytes: string): string {
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The name of a node's type: "TemplateExpr". */
export function typeName(node: { readonly constructor: { readonly string?: string } }): string {
  const name = node.constructor.string ?? '';
  return name.slice(name.lastIndexOf('.') + 1);
}
