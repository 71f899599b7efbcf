// Rows that are alike in all that steps repeat: a million rows are some thousand kinds, and sums over kinds are short.

import type { Dataset } from "../data/dataset";
import { largestOf } from "./crossfilter";

/** More kinds than this are no help, and looking for them would take long. */
const MOST_KINDS = 1 << 16;
const MOST_PAIRS = 1 << 22;

export interface Alike {
  /** The kind of each row. */
  kindOf: Int32Array;
  /** A row of each kind. */
  examples: Int32Array;
}

const known = new WeakMap<Dataset, Alike | null>();

/** Rows alike in name, backend, category, phase, confidence, evidence, call path and stream; null where few are, as with call paths by the thousand. */
export function alikeOf(data: Dataset): Alike | null {
  let found = known.get(data);
  if (found === undefined) {
    found = findAlike(data);
    known.set(data, found);
  }
  return found;
}

function findAlike({ rows, facts }: Dataset): Alike | null {
  const { name, role, category, phase, confidence, evidence, node, stream } = facts;
  const kindOf = new Int32Array(rows);
  let kinds = 1;
  for (const column of [name, role, category, phase, confidence, evidence, stream, node]) {
    const values = largestOf(column) + 2; // -1, for none, comes first
    if (kinds * values > MOST_PAIRS) return null;
    const kindOfPair = new Int32Array(kinds * values);
    kinds = 0;
    for (let row = 0; row < rows; row++) {
      const pair = kindOf[row] * values + column[row] + 1;
      if (kindOfPair[pair] === 0) kindOfPair[pair] = ++kinds;
      kindOf[row] = kindOfPair[pair] - 1;
    }
    if (kinds > MOST_KINDS) return null;
  }
  const examples = new Int32Array(kinds);
  for (let row = 0; row < rows; row++) examples[kindOf[row]] = row;
  return { kindOf, examples };
}
