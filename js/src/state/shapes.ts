// Rows that lie at the same place of every flame graph share a shape: what a stack is made of is read once for each
// shape instead of once for each row. A million rows have some tens of thousands of shapes.

import { NONE, OPERATOR } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { StackKind, TopKind } from "./clauses";
import { PairIds } from "./ids";

export interface Shapes {
  /** Shape of each row. */
  of: Int32Array;
  /** A row of each shape. */
  first: Int32Array;
}

/** What a row is under its operator. */
export const ACTIVITY = 0;
export const OPERATOR_ITSELF = 1;
export const SPAN = 2;
/** The span of a module: its time is the module's own. */
export const MODULE_ITSELF = 3;

export class RowShapes {
  private readonly known = new Map<string, Shapes>();
  private shared: { ends: Int32Array; work: Int32Array } | undefined;

  constructor(private readonly data: Dataset) {}

  /** By everything that a stack tells apart, and by backend and category. */
  of(stack: StackKind, top: TopKind): Shapes {
    const key = `${stack} ${top}`;
    let shapes = this.known.get(key);
    if (!shapes) {
      shapes = top === "none" ? this.withoutTop(stack) : this.combined(this.data.facts[top], this.of(stack, "none").of);
      // One stack with steps on top at a time: those are the large ones.
      for (const other of this.known.keys()) if (top !== "none" && !other.endsWith("none")) this.known.delete(other);
      this.known.set(key, shapes);
    }
    return shapes;
  }

  private withoutTop(stack: StackKind): Shapes {
    const { facts, bar } = this.data;
    this.shared ??= { ends: this.ends(), work: workOf(this.data) };
    const { ends, work } = this.shared;
    if (stack === "backend") return this.combined(ends, work);
    const place =
      stack === "call"
        ? this.combined(facts.node, activityNames(this.data)).of
        : this.combined(this.combined(bar, facts.module).of, ends).of;
    return this.combined(place, work);
  }

  /** Numbers for operator, name and what a row is under it. */
  private ends(): Int32Array {
    const { op, facts } = this.data;
    const variant = variants(this.data);
    return this.combined(
      op,
      facts.name.map((name, row) => name * 4 + variant[row]),
    ).of;
  }

  private combined(a: ArrayLike<number>, b: ArrayLike<number>): Shapes {
    const pairs = new PairIds();
    const rows = a.length;
    const of = new Int32Array(rows);
    const first: number[] = [];
    let id = NONE;
    for (let row = 0; row < rows; row++) {
      // Rows come sorted by what they have in common.
      if (row === 0 || a[row] !== a[row - 1] || b[row] !== b[row - 1]) id = pairs.of(a[row], b[row]);
      if (id === first.length) first.push(row);
      of[row] = id;
    }
    return { of, first: Int32Array.from(first) };
  }
}

function workOf(data: Dataset): Int32Array {
  const { role, category } = data.facts;
  const work = new Int32Array(data.rows);
  for (let row = 0; row < work.length; row++) work[row] = role[row] * 256 + category[row];
  return work;
}

/** Names of activities; a span is told by its node. */
function activityNames(data: Dataset): Int32Array {
  const { name, stream } = data.facts;
  return name.map((id, row) => (stream[row] === NONE ? NONE : id));
}

/** What each row is under its operator. */
export function variants(data: Dataset): Uint8Array {
  const { node, name, module, stream } = data.facts;
  const { kind } = data.nodes;
  // A node is a module's span only where all its rows say so: then the node alone tells.
  const isModule = new Uint8Array(kind.length).fill(1);
  for (let row = 0; row < data.rows; row++) {
    if (node[row] >= 0 && (stream[row] !== NONE || module[row] !== name[row])) isModule[node[row]] = 0;
  }
  const found = new Uint8Array(data.rows);
  for (let row = 0; row < data.rows; row++) {
    const at = node[row];
    if (stream[row] !== NONE) found[row] = ACTIVITY;
    else if (at >= 0 && kind[at] === OPERATOR) found[row] = OPERATOR_ITSELF;
    else found[row] = at >= 0 && isModule[at] ? MODULE_ITSELF : SPAN;
  }
  return found;
}
