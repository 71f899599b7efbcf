// One bit for each dimension and row: set where the row fails that dimension's clause.
// A view that must ignore its own clause masks its own bit away; changing one clause rewrites one bit.

import { NO_PHASE, NONE } from "../data/contract";
import type { Dataset } from "../data/dataset";
import type { Passing } from "./aggregate";
import { type Clauses, DIMENSIONS, type Dimension, isEventDimension } from "./clauses";
import { search } from "./match";
import type { Stack } from "./stack";

export const bitOf = (dimension: Dimension): number => 1 << DIMENSIONS.indexOf(dimension);

/** A look-up table where codes are small: a set would take several times as long. */
const TABLE_SIZE = 1 << 22;

export class Crossfilter {
  readonly fails: Uint32Array;
  /** Bits of the dimensions that have a clause: all others are clear in every row. */
  private active = 0;
  /** What tells whether the same rows pass as before, by the active bits that are ignored. */
  private states = new Map<number, object>();

  constructor(
    private readonly data: Dataset,
    private readonly stackOf: (clause: NonNullable<Clauses["path"]>) => Stack,
  ) {
    this.fails = new Uint32Array(data.rows);
  }

  /** The rows that pass all clauses but those of the ignored bits. */
  passing(ignore: number): Passing {
    const key = ignore & this.active;
    let state = this.states.get(key);
    if (!state) {
      state = {};
      this.states.set(key, state);
    }
    return { fails: this.fails, ignore, state, isAll: (this.active & ~ignore) === 0 };
  }

  /** Write the bit of one dimension. */
  apply(dimension: Dimension, clauses: Clauses): void {
    if (isEventDimension(dimension)) return;
    const bit = bitOf(dimension);
    const was = this.active & bit;
    if (clauses[dimension] === undefined) {
      if (was) this.clear(bit);
      this.active &= ~bit;
    } else {
      this.write(dimension, clauses, bit);
      this.active |= bit;
    }
    this.keepStates(bit, was !== 0);
  }

  /** Rows that were and are told without the changed dimension stay the same. */
  private keepStates(bit: number, was: boolean): void {
    const kept = new Map<number, object>();
    const is = this.active & bit;
    for (const [key, state] of this.states) if (!was || (key & bit) !== 0) kept.set((key & ~bit) | is, state);
    this.states = kept;
  }

  private clear(bit: number): void {
    const { fails } = this;
    for (let row = 0; row < fails.length; row++) fails[row] &= ~bit;
  }

  private write(dimension: Dimension, clauses: Clauses, bit: number): void {
    if (dimension === "path") this.writePath(clauses.path!, bit);
    else if (dimension === "text") this.writeText(clauses.text!, bit);
    else if (dimension === "under") this.writeUnder(clauses.under!, bit);
    else if (dimension === "kernel" || dimension === "span") {
      this.writeNames(dimension === "kernel", codes(this.data.strings, clauses[dimension]!, NONE), bit);
    } else {
      const { facts, meta, strings, op } = this.data;
      const coded: Record<string, [column: ArrayLike<number>, words: readonly string[], nothing: number]> = {
        backend: [facts.role, meta.roles.map((role) => role.key), NONE],
        category: [facts.category, meta.categories, NONE],
        phase: [facts.phase, meta.phases, NO_PHASE],
        confidence: [facts.confidence, meta.confidences, NONE],
        position: [facts.position, meta.positions, NONE],
        op: [op, strings, NONE],
        module: [facts.module, strings, NONE],
      };
      const words = coded[dimension];
      if (words) this.writeCodes(words[0], codes(words[1], clauses[dimension] as string[], words[2]), bit);
      else {
        const { layer, step, stream, rank, node } = facts;
        const numbers: Record<string, ArrayLike<number>> = { layer, step, stream, rank, node };
        this.writeCodes(numbers[dimension]!, clauses[dimension] as number[], bit);
      }
    }
  }

  /** Names of one side, all rows of the other one have none: a kernel and a host span may share one. */
  private writeNames(onDevice: boolean, values: readonly number[], bit: number): void {
    const { fails } = this;
    const { name, stream } = this.data.facts;
    const failing = failingCodes(largestOf(name), values, bit);
    // By masks: which side rows are of changes at every other one, and a branch would be mispredicted as often.
    const flip = onDevice ? -1 : 0;
    for (let row = 0; row < fails.length; row++) {
      const mine = (stream[row] >> 31) ^ flip; // all bits, or none
      fails[row] = (fails[row] & ~bit) | failing[(name[row] + 1) & mine];
    }
  }

  private writeCodes(column: ArrayLike<number>, values: readonly number[], bit: number): void {
    const { fails } = this;
    const largest = largestOf(column);
    if (largest >= TABLE_SIZE) {
      const chosen = new Set(values);
      for (let row = 0; row < fails.length; row++) {
        fails[row] = chosen.has(column[row]) ? fails[row] & ~bit : fails[row] | bit;
      }
      return;
    }
    const failing = failingCodes(largest, values, bit);
    for (let row = 0; row < fails.length; row++) fails[row] = (fails[row] & ~bit) | failing[column[row] + 1];
  }

  /** Rows below every one of the given nodes; none where a node is unknown. */
  private writeUnder(above: readonly number[], bit: number): void {
    this.clear(bit);
    const { fails } = this;
    const { node } = this.data.facts;
    const { parent } = this.data.nodes;
    for (const root of above) {
      const inside = new Uint8Array(parent.length);
      if (root >= 0 && root < parent.length) inside[root] = 1;
      // Parents come before their children.
      for (let at = root + 1; at < parent.length; at++) if (parent[at] >= root && inside[parent[at]]) inside[at] = 1;
      for (let row = 0; row < fails.length; row++) if (node[row] < 0 || inside[node[row]] === 0) fails[row] |= bit;
    }
  }

  /** Each text must be in the name of the kernel, of its operator or of its module. */
  private writeText(texts: readonly string[], bit: number): void {
    this.clear(bit);
    const { fails } = this;
    const { facts, op } = this.data;
    const { name, module } = facts;
    for (const text of texts) {
      const { hits } = search(this.data, text);
      const found = new Uint8Array(hits.length + 1); // -1 comes first
      found.set(hits, 1);
      for (let row = 0; row < fails.length; row++) {
        if ((found[name[row] + 1] | found[op[row] + 1] | found[module[row] + 1]) === 0) fails[row] |= bit;
      }
    }
  }

  private writePath(path: NonNullable<Clauses["path"]>, bit: number): void {
    const { fails } = this;
    const stack = this.stackOf(path);
    const frame = stack.find(path.frames);
    // No frame: no leaf lies from 1 to 0.
    const [first, last] = frame === NONE ? [1, 0] : [frame, stack.end[frame]];
    const { leafOf } = stack;
    for (let row = 0; row < fails.length; row++) {
      fails[row] = leafOf[row] >= first && leafOf[row] <= last ? fails[row] & ~bit : fails[row] | bit;
    }
  }
}

const largest = new WeakMap<ArrayLike<number>, number>();

/** The largest code of a column, 0 at least; looked for once. */
export function largestOf(column: ArrayLike<number>): number {
  let found = largest.get(column);
  if (found === undefined) {
    found = 0;
    for (let row = 0; row < column.length; row++) if (column[row]! > found) found = column[row]!;
    largest.set(column, found);
  }
  return found;
}

/** The bit of each code that is not among the values; -1, for none, comes first. */
function failingCodes(largest: number, values: readonly number[], bit: number): Uint32Array {
  const failing = new Uint32Array(largest + 2).fill(bit);
  for (const value of values) if (value >= NONE && value <= largest) failing[value + 1] = 0;
  return failing;
}

/** Codes of words; "" is that of none. */
function codes(names: readonly string[], wanted: readonly string[], nothing: number): number[] {
  const chosen = new Set(wanted);
  const found: number[] = chosen.has("") ? [nothing] : [];
  names.forEach((name, code) => {
    if (chosen.has(name)) found.push(code);
  });
  return found;
}
