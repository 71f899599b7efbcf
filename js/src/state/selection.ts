// The selection as Python reads it: a frame of the flame graph is said in the dimensions of `Breakdown.select`.
// A frame is a condition on single columns of the rows (its backend is this, its operator that), so the values that
// the rows under it have in those columns, and no others, select exactly these rows.

import { NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { Clauses } from "./clauses";
import { largestOf } from "./crossfilter";
import type { Stack } from "./stack";
import type { FrameKind } from "./tokens";

export type Selection = Omit<Clauses, "path">;

export function toSelection(data: Dataset, clauses: Clauses, stack: Stack | null): Selection {
  const { path, ...rest } = clauses;
  if (!path || !stack) return rest;
  const frame = stack.find(path.frames);
  return frame < 0 ? rest : narrowed(rest, new Meaning(data, stack, frame).selection());
}

type Column = ArrayLike<number>;

/** What the rows under a frame, and no others, have in common. */
class Meaning {
  private readonly rows: Int32Array;
  private readonly found: Selection = {};

  constructor(
    private readonly data: Dataset,
    private readonly stack: Stack,
    private readonly frame: number,
  ) {
    const { leafOf, end } = stack;
    let size = 0;
    const rows = new Int32Array(data.rows);
    for (let row = 0; row < rows.length; row++) {
      if (leafOf[row] >= frame && leafOf[row] <= end[frame]) rows[size++] = row;
    }
    this.rows = rows.subarray(0, size);
  }

  selection(): Selection {
    const { stack, frame } = this;
    const kinds = stack.trail(frame).map((f) => stack.kindOf(f));
    const own = kinds.filter((kind) => kind !== "phase" && kind !== "step");
    const { phases } = this.data.meta;
    if (kinds.includes("phase")) this.keep("phase", this.data.facts.phase, (code) => phases[code] ?? "");
    if (kinds.includes("step")) this.keep("step", this.data.facts.step, Number);
    if (own.length === 0) return this.found;
    if (stack.way.inverted) this.inverted(own);
    else if (stack.way.stack === "call") this.call(own);
    else this.upright(own);
    return this.found;
  }

  private upright(kinds: FrameKind[]): void {
    const last = kinds.at(-1)!;
    const isInside = last === "operator" || last === "kernel" || last === "span";
    this.places(kinds);
    if (kinds.includes("module") || (isInside && this.stack.way.stack === "model")) this.modules();
    if (last === "kernel") this.kernel();
    if (last === "span") this.nodes();
    else if (isInside) this.operators();
  }

  private inverted(kinds: FrameKind[]): void {
    const isCall = this.stack.way.stack === "call";
    const isKernel = kinds[0] === "kernel";
    if (isKernel && (!isCall || kinds.length === 1)) this.kernel();
    else this.nodes();
    if (isCall || kinds.length === 1) return;
    this.places(kinds);
    if (isKernel) this.operators();
    if (kinds.some((kind) => kind === "module" || kind === "layer" || kind === "place")) this.modules();
  }

  private call(kinds: FrameKind[]): void {
    const { data, stack, frame, rows } = this;
    const { node } = data.facts;
    if (kinds.at(-1) === "kernel") {
      this.nodes();
      // Without a host side the name is all there is.
      if (rows.some((row) => node[row] === NONE)) this.kernel();
      return;
    }
    let above = node[rows[0]];
    for (let i = stack.depth[stack.leafOf[rows[0]]] - stack.depth[frame]; i > 0; i--) above = data.nodes.parent[above];
    if (above >= 0) this.found.under = [above];
    else this.nodes();
  }

  private places(kinds: FrameKind[]): void {
    const { facts, meta } = this.data;
    const isPlace = kinds.includes("place");
    if (kinds.includes("backend")) this.keep("backend", facts.role, (code) => meta.roles[code]!.key);
    if (kinds.includes("category")) this.keep("category", facts.category, (code) => meta.categories[code]!);
    if (isPlace) this.keep("position", facts.position, (code) => meta.positions[code]!);
    // A position names its place, unless something in a layer has it as well.
    if (kinds.includes("layer") || (isPlace && this.anyLike(facts.position, (row) => facts.layer[row] >= 0))) {
      this.keep("layer", facts.layer, Number);
    }
  }

  private modules = (): void => this.keep("module", this.data.facts.module, this.text);
  private operators = (): void => this.keep("op", this.data.op, this.text);
  private nodes = (): void => this.keep("node", this.data.facts.node, Number);

  private kernel(): void {
    const { name, stream } = this.data.facts;
    this.keep("kernel", name, this.text);
    // A host span may bear a kernel's name.
    if (this.anyLike(name, (row) => stream[row] === NONE)) this.keep("stream", stream, Number);
  }

  private text = (id: number): string => (id < 0 ? "" : (this.data.strings[id] ?? ""));

  /** Select the values that the rows have in a column; nothing where all other rows have them, too. */
  private keep(dimension: keyof Selection, column: Column, word: (code: number) => string | number): void {
    const has = this.values(column);
    let row = 0;
    while (row < this.data.rows && has[column[row] + 1]) row++;
    if (row === this.data.rows) return;
    const words: (string | number)[] = [];
    for (let code = -1; code + 1 < has.length; code++) if (has[code + 1]) words.push(word(code));
    Object.assign(this.found, { [dimension]: words });
  }

  /** Whether any row that shares a value of these rows is of some kind. */
  private anyLike(column: Column, isKind: (row: number) => boolean): boolean {
    const has = this.values(column);
    for (let row = 0; row < this.data.rows; row++) if (has[column[row] + 1] && isKind(row)) return true;
    return false;
  }

  /** 1 at each value plus one that the rows have. */
  private values(column: Column): Uint8Array {
    const has = new Uint8Array(largestOf(column) + 2);
    for (const row of this.rows) has[column[row] + 1] = 1;
    return has;
  }
}

/** Dimensions whose values must all hold; of the others one is enough. */
const ALL_OF: readonly string[] = ["text", "under", "time_ns"];

/** Both must hold: values of a common dimension intersect. */
function narrowed(clauses: Selection, meaning: Selection): Selection {
  const both: Record<string, unknown> = { ...clauses };
  for (const [dimension, values] of Object.entries(meaning) as [string, unknown[]][]) {
    const mine = both[dimension] as unknown[] | undefined;
    if (!mine) both[dimension] = values;
    else if (ALL_OF.includes(dimension)) both[dimension] = [...new Set([...mine, ...values])];
    else both[dimension] = mine.filter((value) => values.includes(value));
  }
  return both as Selection;
}
