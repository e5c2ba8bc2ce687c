import type { ForExpression, SplatExpression } from '../hcl/ast.ts';
import type { Unknown, Value } from '../value.ts';
import { lowest } from './node.ts';
import type { Compiler, Node, Scope, Surroundings } from './node.ts';
import { emptyObject, isList, isObject, mark, sortedKeys, unmark } from './marks.ts';
import type { Unmarked } from './marks.ts';
import { truth } from './operators.ts';
import { asText, kindOf } from './primitives.ts';
import { fail } from './traverse.ts';

/** What depends on a slot of its own from `base` on does not depend on anything outside. */
function outside(needs: number, base: number): number {
  return needs >= base ? Infinity : needs;
}

/** `source[*].a`: null has no elements, anything but a list is its own only element. */
export function compileSplat(expression: SplatExpression, around: Surroundings, compiler: Compiler): Node {
  const slot = around.nextSlot;
  const source = compiler.compile(expression.source, around);
  const each = compiler.compile(expression.each, { ...around, nextSlot: slot + 1, splatSlot: slot });
  return {
    needs: Math.min(source.needs, outside(each.needs, slot)),
    evaluate(scope, locals) {
      const { value, sensitive, unknown } = unmark(source.evaluate(scope, locals));
      if (unknown) return mark(unknown, sensitive);
      const items = value === null ? [] : isList(value) ? value : [value];
      const reached = items.map((item) => {
        // Within something sensitive each element is, so that no message can show it.
        locals[slot] = mark(item, sensitive);
        return each.evaluate(scope, locals);
      });
      return mark(reached, sensitive);
    },
  };
}

/** `[for ...]` and `{for ...}`. Maps are visited in the order of their keys. */
export function compileFor(expression: ForExpression, around: Surroundings, compiler: Compiler): Node {
  const base = around.nextSlot;
  const { keyVariable, valueVariable } = expression;
  const slots = new Map(around.slots);
  if (keyVariable !== undefined) slots.set(keyVariable, base);
  slots.set(valueVariable, base + 1);
  const inside: Surroundings = { slots, nextSlot: base + 2, splatSlot: around.splatSlot };
  const collection = compiler.compile(expression.collection, around);
  const value = compiler.compile(expression.value, inside);
  const key = expression.key && compiler.compile(expression.key, inside);
  const condition = expression.condition && compiler.compile(expression.condition, inside);
  const body = [value, key, condition].filter((node) => node !== undefined);

  /** Visits the elements for which the condition holds; returns what keeps the whole from being known, if anything. */
  function visit(items: Unmarked, scope: Scope, locals: Value[], take: () => Unknown | undefined): Visit {
    let sensitive = false;
    let unknown: Unknown | undefined;
    for (const [k, v] of entries(items.value, expression)) {
      // As in a splat: what comes out of something sensitive is.
      locals[base] = mark(k, items.sensitive);
      locals[base + 1] = mark(v, items.sensitive);
      if (condition) {
        const test = unmark(condition.evaluate(scope, locals));
        sensitive ||= test.sensitive;
        unknown ??= test.unknown;
        if (test.unknown || !truth(test.value, expression.condition!, 'The condition after "if"')) continue;
      }
      unknown ??= take();
    }
    return { sensitive, unknown };
  }

  function toList(items: Unmarked, scope: Scope, locals: Value[]): Value {
    const list: Value[] = [];
    const { sensitive, unknown } = visit(items, scope, locals, () => {
      list.push(value.evaluate(scope, locals));
      return undefined;
    });
    return mark(unknown ?? list, sensitive);
  }

  function toObject(keyNode: Node, items: Unmarked, scope: Scope, locals: Value[]): Value {
    const object = emptyObject();
    const range = expression.key!.range;
    let hiddenKeys = false;
    const { sensitive, unknown } = visit(items, scope, locals, () => {
      const name = unmark(keyNode.evaluate(scope, locals));
      hiddenKeys ||= name.sensitive;
      if (name.unknown) return name.unknown;
      const text = asText(name.value);
      if (text === undefined)
        fail(range, 'Invalid key', `A key must be a string, and this is ${kindOf(name.value)}.`);
      const each = value.evaluate(scope, locals);
      if (expression.grouped) ((object[text] ??= []) as Value[]).push(each);
      else if (text in object) {
        const which = hiddenKeys ? 'the same key' : `the key "${text}"`;
        fail(
          range,
          'Duplicate key',
          `Two elements have ${which}. Put "..." after the value to gather them in lists.`,
        );
      } else object[text] = each;
      return undefined;
    });
    return mark(unknown ?? object, sensitive || hiddenKeys);
  }

  return {
    needs: Math.min(collection.needs, outside(lowest(body), base)),
    evaluate(scope, locals) {
      const items = unmark(collection.evaluate(scope, locals));
      if (items.unknown) return mark(items.unknown, items.sensitive);
      const made = key ? toObject(key, items, scope, locals) : toList(items, scope, locals);
      return mark(made, items.sensitive);
    },
  };
}

interface Visit {
  readonly sensitive: boolean;
  readonly unknown: Unknown | undefined;
}

function entries(items: Value, { collection }: ForExpression): (readonly [Value, Value])[] {
  if (isList(items)) return items.map((value, index) => [index, value] as const);
  if (isObject(items)) return sortedKeys(items).map((key) => [key, items[key]!] as const);
  fail(
    collection.range,
    'Not a collection',
    `"for" goes through a list or a map, and this is ${kindOf(items)}.`,
  );
}
