import type { Diagnostic, SourceRange } from '../../diagnostics/diagnostic.ts';
import { compile } from '../eval/compile.ts';
import type { Compiled, Reference } from '../eval/compile.ts';
import type { Environment } from '../eval/environment.ts';
import type { Attribute } from '../hcl/ast.ts';
import type { DecodedBlock } from './decode.ts';
import type { AttributeSchema, BlockSchema } from './schema.ts';

/** A block whose expressions are compiled. */
export interface BoundBlock {
  readonly schema: BlockSchema;
  readonly label: string;
  readonly range: SourceRange;
  readonly attributes: ReadonlyMap<string, BoundAttribute>;
  readonly blocks: readonly BoundBlock[];
}

export interface BoundAttribute {
  /** Undefined in an open block, where any name goes. */
  readonly schema: AttributeSchema | undefined;
  readonly source: Attribute;
  /** Undefined for what is not evaluated: types and component references. */
  readonly compiled: Compiled | undefined;
  /** Its expression was found to be wrong before any evaluation; evaluating it would say so a second time. */
  faulty: boolean;
}

/** Compiles every expression of a block; unknown functions and the like go to `report`. */
export function bindBlock(
  decoded: DecodedBlock,
  environment: Environment,
  report: (diagnostic: Diagnostic) => void,
): BoundBlock {
  const { schema, label, range } = decoded;
  const attributes = new Map<string, BoundAttribute>();
  for (const [name, source] of decoded.attributes) {
    const row = schema.attributes.get(name);
    const compiled = isEvaluated(row) ? compile(source.expression, environment) : undefined;
    compiled?.diagnostics.forEach(report);
    const faulty = (compiled?.diagnostics.length ?? 0) > 0;
    attributes.set(name, { schema: row, source, compiled, faulty });
  }
  const blocks = decoded.blocks.map((b) => bindBlock(b, environment, report));
  return { schema, label, range, attributes, blocks };
}

function isEvaluated(schema: AttributeSchema | undefined): boolean {
  return !schema || !['type', 'component', 'list(component)'].includes(schema.type);
}

/** The first inner block of a type. */
export function innerBlock(block: BoundBlock, type: string): BoundBlock | undefined {
  return block.blocks.find((b) => b.schema.type === type);
}

/** All attributes of a block and of its inner blocks. */
export function attributesOf(block: BoundBlock): BoundAttribute[] {
  return [...block.attributes.values(), ...block.blocks.flatMap(attributesOf)];
}

/** All that a block's expressions read, inner blocks included. */
export function referencesOf(block: BoundBlock): Reference[] {
  return attributesOf(block).flatMap((a) => a.compiled?.references ?? []);
}
