import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Attribute, Block, Body } from '../hcl/ast.ts';
import type { BlockSchema } from './schema.ts';

/** A block that has the shape its schema asks for; its expressions are not evaluated yet. */
export interface DecodedBlock {
  readonly schema: BlockSchema;
  /** The first label, '' where there is none. */
  readonly label: string;
  /** Where the label stands, else the block's type: what a message about the block as a whole points at. */
  readonly range: SourceRange;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly blocks: readonly DecodedBlock[];
}

/** Checks the bodies of several files as if they were one; what is wrong with the shape goes to `report`. */
export function decodeBodies(
  bodies: readonly Body[],
  schema: BlockSchema,
  report: (diagnostic: Diagnostic) => void,
): readonly DecodedBlock[] {
  return decodeBlocks(
    bodies.flatMap((body) => {
      decodeAttributes(body, schema, report);
      return body.blocks;
    }),
    schema,
    report,
  );
}

function decodeBlock(
  block: Block,
  schema: BlockSchema,
  report: (diagnostic: Diagnostic) => void,
): DecodedBlock | undefined {
  const range = block.labels[0]?.range ?? block.typeRange;
  const attributes = decodeAttributes(block.body, schema, report);
  const blocks = decodeBlocks(block.body.blocks, schema, report);
  for (const { name, required } of schema.attributes.values()) {
    if (required && !attributes.has(name)) {
      report(errorAt(block.typeRange, 'Missing attribute', `${described(block)} needs "${name}".`));
    }
  }
  checkExactlyOne(block, schema, attributes, report);
  if (!checkLabels(block, schema, report)) return undefined;
  return { schema, label: block.labels[0]?.text ?? '', range, attributes, blocks };
}

function decodeAttributes(
  body: Body,
  schema: BlockSchema,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const attribute of body.attributes) {
    if (schema.open || schema.attributes.has(attribute.name)) attributes.set(attribute.name, attribute);
    else report(errorAt(attribute.nameRange, 'Unknown attribute', unknownAttribute(attribute.name, schema)));
  }
  return attributes;
}

function unknownAttribute(name: string, schema: BlockSchema): string {
  if (schema.blocks.some((b) => b.type === name)) {
    return `"${name}" is a block: write it without "=", as ${example(schema.blocks.find((b) => b.type === name)!)}.`;
  }
  const place = schema.type === '' ? 'outside of blocks' : `in "${schema.type}"`;
  return `There is no attribute "${name}" ${place}.${didYouMean(name, schema.attributes.keys())}`;
}

function decodeBlocks(
  blocks: readonly Block[],
  schema: BlockSchema,
  report: (diagnostic: Diagnostic) => void,
): DecodedBlock[] {
  const seen = new Map<string, Block>();
  return blocks.flatMap((block) => {
    const inner = schemaOf(block, schema, report);
    const decoded = inner && decodeBlock(block, inner, report);
    if (!decoded) return [];
    if (inner.occurs === 'many') return [decoded];
    const key = JSON.stringify([block.type, inner.occurs === 'one' ? inner.variant : decoded.label]);
    const first = seen.get(key);
    if (first) report(errorAt(decoded.range, 'Given twice', givenTwice(block, inner, first.range)));
    else seen.set(key, block);
    return first ? [] : [decoded];
  });
}

function givenTwice(block: Block, schema: BlockSchema, { file, start }: SourceRange): string {
  const what =
    schema.occurs === 'named' ? described(block) : `A block "${block.type}" may stand here once. It`;
  return `${what} stands already in ${file}:${start.line}.`;
}

/** The schema for a block by its type and, where there are variants, its first label. */
function schemaOf(
  block: Block,
  parent: BlockSchema,
  report: (diagnostic: Diagnostic) => void,
): BlockSchema | undefined {
  const candidates = parent.blocks.filter((b) => b.type === block.type);
  const [first] = candidates;
  if (!first) {
    report(errorAt(block.typeRange, 'Unknown block', unknownBlock(block.type, parent)));
    return undefined;
  }
  const [label] = block.labels;
  if (first.variant === null || !label) return first;
  const variants = candidates.map((b) => b.variant!);
  const chosen = candidates.find((b) => b.variant === label.text);
  if (!chosen) {
    const known = variants.map((v) => `"${v}"`).join(', ');
    const detail = `There is no ${block.type} "${label.text}". Known: ${known}.${didYouMean(label.text, variants)}`;
    report(errorAt(label.range, `Unknown ${block.type}`, detail));
  }
  return chosen;
}

function unknownBlock(type: string, parent: BlockSchema): string {
  if (parent.attributes.has(type)) return `"${type}" is an attribute: write "${type} = ...".`;
  const place = parent.type === '' ? 'here' : `in "${parent.type}"`;
  const names = new Set(parent.blocks.map((b) => b.type));
  return `There is no block "${type}" ${place}.${didYouMean(type, names)}`;
}

function checkLabels(block: Block, schema: BlockSchema, report: (diagnostic: Diagnostic) => void): boolean {
  if (block.labels.length !== schema.labels.length) {
    const wanted =
      schema.labels.length === 0
        ? `A block "${block.type}" has no label`
        : `A block "${block.type}" has one label, its ${schema.labels[0]}`;
    const at = block.labels[schema.labels.length]?.range ?? block.typeRange;
    report(errorAt(at, 'Wrong number of labels', `${wanted}: ${example(schema)}.`));
    return false;
  }
  const [label] = block.labels;
  if (!label) return true;
  if (schema.names === 'identifier' && !/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(label.text)) {
    const detail = `"${label.text}" cannot be a name: letters, digits, "_" and "-", a letter or "_" first.`;
    report(errorAt(label.range, 'Invalid name', detail));
    return false;
  }
  if (/^\s*$|[\n\0]/.test(label.text)) {
    report(errorAt(label.range, 'Invalid name', 'A label is one line that is not empty.'));
    return false;
  }
  return true;
}

function checkExactlyOne(
  block: Block,
  { exactlyOne }: BlockSchema,
  attributes: ReadonlyMap<string, Attribute>,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (exactlyOne.length === 0) return;
  const given = exactlyOne.filter((name) => attributes.has(name));
  if (given.length === 1) return;
  const names = exactlyOne
    .map((name) => `"${name}"`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  if (given.length === 0) {
    report(errorAt(block.typeRange, 'Missing attribute', `${described(block)} needs one of ${names}.`));
  } else {
    const second = attributes.get(given[1]!)!;
    const detail = `${described(block)} takes exactly one of ${names}; "${given[0]}" is given already.`;
    report(errorAt(second.nameRange, 'Attributes exclude each other', detail));
  }
}

/** `component "nats"` */
function described(block: Block): string {
  const [label] = block.labels;
  return label ? `${block.type} "${label.text}"` : `"${block.type}"`;
}

function example({ type, labels, variant }: BlockSchema): string {
  const written = labels.map((label) => ` "${variant ?? label.toUpperCase()}"`).join('');
  return `${type}${written} { ... }`;
}
