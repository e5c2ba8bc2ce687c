/** Type constraints as the rest of the program uses them: read one, describe it, bring a value to it. */
export { ConversionError, convert } from './convert.ts';
export { describeType, typeOf } from './type-constraint.ts';
export type { ObjectAttributeType, Type } from './type-constraint.ts';
export { parseType } from './type-expression.ts';
