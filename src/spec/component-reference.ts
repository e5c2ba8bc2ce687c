import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import type { Attribute, Expression } from './hcl/ast.ts';

/** `component.NAME` where it names a component and is not evaluated. */
export interface ComponentReference {
  readonly name: string;
  readonly range: SourceRange;
}

/** The components of a `depends_on`. */
export function readComponentNames(
  attribute: { readonly source: Attribute } | undefined,
  report: (diagnostic: Diagnostic) => void,
): ComponentReference[] {
  if (!attribute) return [];
  const { expression } = attribute.source;
  const items = expression.kind === 'tuple' ? expression.items : undefined;
  if (!items) {
    const detail = 'A list of components is needed, as in [component.nats].';
    report(errorAt(expression.range, 'Wrong type', `${attribute.source.name}: ${detail}`));
    return [];
  }
  return items.flatMap((item) => readComponentName(item, report) ?? []);
}

/** The component of a `from` or `to`, undefined after an error. */
export function readComponentName(
  expression: Expression,
  report: (diagnostic: Diagnostic) => void,
): ComponentReference | undefined {
  if (expression.kind === 'traversal' && expression.root === 'component' && expression.steps.length === 1) {
    const [step] = expression.steps;
    const name = step!.kind === 'attribute' ? step!.name : step!.key;
    if (typeof name === 'string') return { name, range: expression.range };
  }
  report(
    errorAt(expression.range, 'Not a component', 'The name of a component is needed, as in component.nats.'),
  );
  return undefined;
}
