// One bit for each dimension and row: set where the row fails that dimension's clause.
// A view that must ignore its own clause masks its own bit away; changing one clause rewrites one bit.

import { NO_PHASE, NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import { type Clauses, DIMENSIONS, type Dimension } from "./clauses";
import { rowTest } from "./match";
import type { Stack } from "./stack";

export const bitOf = (dimension: Dimension): number => 1 << DIMENSIONS.indexOf(dimension);

type RowTest = (row: number) => boolean;

export class Crossfilter {
  readonly fails: Uint16Array;

  constructor(
    private readonly data: Dataset,
    private readonly stackOf: (clause: NonNullable<Clauses["path"]>) => Stack,
  ) {
    this.fails = new Uint16Array(data.rows);
  }

  /** Write the bit of one dimension. */
  apply(dimension: Dimension, clauses: Clauses): void {
    const bit = bitOf(dimension);
    const { fails } = this;
    const passes = this.test(dimension, clauses);
    if (passes === null) {
      for (let row = 0; row < fails.length; row++) fails[row] &= ~bit;
    } else {
      for (let row = 0; row < fails.length; row++) fails[row] = passes(row) ? fails[row] & ~bit : fails[row] | bit;
    }
  }

  private test(dimension: Dimension, clauses: Clauses): RowTest | null {
    if (clauses[dimension] === undefined) return null;
    if (dimension === "path") return this.pathTest(clauses.path!);
    if (dimension === "text") {
      const tests = clauses.text!.map((text) => rowTest(this.data, text));
      return (row) => tests.every((test) => test(row));
    }
    const { facts, meta, strings, op } = this.data;
    const coded: Record<string, [column: ArrayLike<number>, words: readonly string[], nothing: number]> = {
      backend: [facts.role, meta.roles.map((role) => role.key), NONE],
      category: [facts.category, meta.categories, NONE],
      phase: [facts.phase, meta.phases, NO_PHASE],
      confidence: [facts.confidence, meta.confidences, NONE],
      position: [facts.position, meta.positions, NONE],
      kernel: [facts.name, strings, NONE],
      op: [op, strings, NONE],
      module: [facts.module, strings, NONE],
    };
    const words = coded[dimension];
    if (words) return oneOf(words[0], codes(words[1], clauses[dimension] as string[], words[2]));
    const { layer, step, stream, rank, node } = facts;
    const numbers: Record<string, ArrayLike<number>> = { layer, step, stream, rank, node };
    return oneOf(numbers[dimension]!, clauses[dimension] as number[]);
  }

  private pathTest(path: NonNullable<Clauses["path"]>): RowTest {
    const stack = this.stackOf(path);
    const frame = stack.find(path.frames);
    if (frame === NONE) return () => false;
    const end = stack.end[frame];
    return (row) => stack.leafOf[row] >= frame && stack.leafOf[row] <= end;
  }
}

function codes(names: readonly string[], wanted: readonly string[], nothing: number): number[] {
  const chosen = new Set(wanted);
  const found: number[] = chosen.has("") ? [nothing] : [];
  names.forEach((name, code) => {
    if (chosen.has(name)) found.push(code);
  });
  return found;
}

function oneOf(column: ArrayLike<number>, values: readonly number[]): RowTest {
  const chosen = new Set(values);
  return (row) => chosen.has(column[row]);
}
