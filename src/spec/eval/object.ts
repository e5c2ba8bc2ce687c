import type { ObjectExpression } from '../hcl/ast.ts';
import type { Value } from '../value.ts';
import { NOTHING, lowest } from './node.ts';
import type { Compiler, Node, Surroundings } from './node.ts';
import { emptyObject, mark, unmark } from './marks.ts';
import { asText, kindOf } from './primitives.ts';
import { fail } from './traverse.ts';

/** `{ key = value }`. A key that is unknown or sensitive makes the whole object so. */
export function compileObject(expression: ObjectExpression, around: Surroundings, compiler: Compiler): Node {
  const items = expression.items.map(({ key, value }) => ({
    keyRange: key.range,
    key: compiler.compile(key, around),
    value: compiler.compile(value, around),
  }));
  return {
    needs: items.reduce((needs, { key, value }) => Math.min(needs, lowest([key, value])), NOTHING),
    evaluate(scope, locals) {
      const object = emptyObject();
      let sensitive = false;
      let unknown: Value | undefined;
      for (const { key, keyRange, value } of items) {
        const name = unmark(key.evaluate(scope, locals));
        sensitive ||= name.sensitive;
        if (name.unknown) {
          unknown ??= name.unknown;
          continue;
        }
        const text = asText(name.value);
        if (text === undefined)
          fail(keyRange, 'Invalid key', `A key must be a string, and this is ${kindOf(name.value)}.`);
        if (text in object) fail(keyRange, 'Duplicate key', 'The object has this key already.');
        object[text] = value.evaluate(scope, locals);
      }
      return mark(unknown ?? object, sensitive);
    },
  };
}
