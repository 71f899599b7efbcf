// Sums over the rows that pass: one plain loop each, a few milliseconds for a million rows.

import type { Dataset } from "../data/dataset";
import type { Stack } from "./stack";

/** Rows whose failing bits, less the ignored ones, are none. */
export interface Passing {
  fails: Uint16Array;
  ignore: number;
}

/** Weight by backend and bar: `sums[role * bars + bar]`. */
export function sumByBar(data: Dataset, weights: ArrayLike<number>, passing: Passing): Float64Array {
  const bars = data.meta.layer_count + 3;
  const sums = new Float64Array(data.meta.roles.length * bars);
  const { role } = data.facts;
  const { bar } = data;
  const { fails, ignore } = passing;
  for (let row = 0; row < data.rows; row++) {
    if ((fails[row] & ~ignore) === 0) sums[role[row] * bars + bar[row]] += weights[row];
  }
  return sums;
}

/** Weight by the codes of one column; codes outside `size` are not counted. */
export function sumByCode(
  codes: ArrayLike<number>,
  size: number,
  weights: ArrayLike<number>,
  passing: Passing,
): Float64Array {
  const sums = new Float64Array(size);
  const { fails, ignore } = passing;
  for (let row = 0; row < fails.length; row++) {
    if ((fails[row] & ~ignore) === 0 && codes[row] < size) sums[codes[row]] += weights[row];
  }
  return sums;
}

export interface Remainder {
  weight: number;
  calls: number;
}

export function sumAll(data: Dataset, weights: ArrayLike<number>, passing: Passing): Remainder {
  const { fails, ignore } = passing;
  const { count } = data.facts;
  let weight = 0;
  let calls = 0;
  for (let row = 0; row < data.rows; row++) {
    if ((fails[row] & ~ignore) === 0) {
      weight += weights[row];
      if (weights[row] > 0) calls += count[row];
    }
  }
  return { weight, calls };
}

export interface FrameSums {
  /** Weight of each frame with all below it. */
  value: Float64Array;
  /** Backend with most of it. */
  role: Uint8Array;
  /** Whether that backend has all of it. */
  pure: Uint8Array;
}

export function sumByFrame(data: Dataset, stack: Stack, weights: ArrayLike<number>, passing: Passing): FrameSums {
  const roles = Math.max(1, data.meta.roles.length);
  const sums = new Float64Array(stack.size * roles);
  const { fails, ignore } = passing;
  const { role } = data.facts;
  const { leafOf, parent } = stack;
  for (let row = 0; row < data.rows; row++) {
    if ((fails[row] & ~ignore) === 0) sums[leafOf[row] * roles + role[row]] += weights[row];
  }
  for (let frame = stack.size - 1; frame > 0; frame--) {
    const own = frame * roles;
    const above = parent[frame] * roles;
    for (let r = 0; r < roles; r++) sums[above + r] += sums[own + r];
  }
  const value = new Float64Array(stack.size);
  const dominant = new Uint8Array(stack.size);
  const pure = new Uint8Array(stack.size);
  for (let frame = 0; frame < stack.size; frame++) {
    const own = frame * roles;
    for (let r = 0; r < roles; r++) {
      value[frame] += sums[own + r];
      if (sums[own + r] > sums[own + dominant[frame]]) dominant[frame] = r;
    }
    pure[frame] = sums[own + dominant[frame]] === value[frame] ? 1 : 0;
  }
  return { value, role: dominant, pure };
}
