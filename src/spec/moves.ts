import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { readComponentName } from './component-reference.ts';
import type { ComponentReference } from './component-reference.ts';
import type { Move } from './model.ts';
import type { DecodedBlock } from './schema/decode.ts';

interface WrittenMove {
  readonly from: ComponentReference;
  readonly to: ComponentReference;
}

/** The `moved` blocks with their chains resolved: every old name leads to the newest. */
export function readMoves(
  blocks: readonly DecodedBlock[],
  components: ReadonlySet<string>,
  report: (diagnostic: Diagnostic) => void,
): Move[] {
  const moves = new Map<string, WrittenMove>();
  for (const block of blocks) {
    const from = nameIn(block, 'from', report);
    const to = nameIn(block, 'to', report);
    if (!from || !to) continue;
    const conflict = conflictOf({ from, to }, moves, components);
    if (conflict) report(conflict);
    else moves.set(from.name, { from, to });
  }
  return [...moves.values()].flatMap((move) => {
    const to = newest(move, moves);
    if (to === undefined) {
      report(
        errorAt(move.from.range, 'Moves in a circle', `component.${move.from.name} is moved to itself.`),
      );
      return [];
    }
    if (!components.has(to.name)) {
      const detail = `There is no component "${to.name}" to move to.${didYouMean(to.name, components)}`;
      report(errorAt(to.range, 'Unknown component', detail));
      return [];
    }
    return [{ from: move.from.name, to: to.name }];
  });
}

function nameIn(
  block: DecodedBlock,
  name: string,
  report: (diagnostic: Diagnostic) => void,
): ComponentReference | undefined {
  const attribute = block.attributes.get(name);
  return attribute && readComponentName(attribute.expression, report);
}

function conflictOf(
  { from, to }: WrittenMove,
  moves: ReadonlyMap<string, WrittenMove>,
  components: ReadonlySet<string>,
): Diagnostic | undefined {
  const conflict = (detail: string) => errorAt(from.range, 'Conflicting moves', detail);
  if (components.has(from.name)) {
    return conflict(
      `component "${from.name}" still stands in the spec: what moved away cannot be there as well.`,
    );
  }
  const before = moves.get(from.name);
  if (before) return conflict(`component.${from.name} is moved to component.${before.to.name} already.`);
  const rival = [...moves.values()].find((m) => m.to.name === to.name);
  if (rival) return conflict(`component.${rival.from.name} is moved to component.${to.name} already.`);
  return undefined;
}

/** Where a chain ends; undefined when it never does. */
function newest(move: WrittenMove, moves: ReadonlyMap<string, WrittenMove>): ComponentReference | undefined {
  let { to } = move;
  for (let steps = 0; steps <= moves.size; steps++) {
    const next = moves.get(to.name);
    if (!next) return to;
    to = next.to;
  }
  return undefined;
}
