// Layers that differ from their siblings. Siblings are layers that do the same: the groups that the flame graph folds.
// The rule is the modified z-score (Iglewicz and Hoaglin, 1993): distance from the median in units of the median absolute
// deviation, which one odd layer cannot widen as it would a standard deviation.

import { median } from "./spread";

/** Beyond this many deviations … */
const DEVIATIONS = 3.5;
/** (which the median deviation of normally spread numbers is this part of) */
const NORMAL = 1.4826;
/** … and by no less than this share: equal layers have deviations near nothing. */
export const LEAST_FRAC = 0.05;
export const LEAST_SIBLINGS = 4;

export interface Outlier {
  layer: number;
  /** Median of the siblings. */
  usual: number;
  /** Relative to it: 0.34 is a third more. */
  frac: number;
  siblings: number[];
}

/** Ascending by layer. */
export function outliersOf(values: ArrayLike<number>, groups: readonly (readonly number[])[]): Outlier[] {
  const found: Outlier[] = [];
  for (const layers of groups) {
    if (layers.length <= LEAST_SIBLINGS) continue;
    const sorted = layers.map((layer) => values[layer]!).sort((a, b) => a - b);
    const middle = median(sorted);
    const spread = NORMAL * median(sorted.map((value) => Math.abs(value - middle)));
    for (const layer of layers) {
      const usual = medianWithout(sorted, values[layer]!);
      const distance = Math.abs(values[layer]! - usual);
      if (!(usual > 0) || distance < LEAST_FRAC * usual || distance <= DEVIATIONS * spread) continue;
      const siblings = layers.filter((other) => other !== layer);
      found.push({ layer, usual, frac: values[layer]! / usual - 1, siblings });
    }
  }
  return found.sort((a, b) => a.layer - b.layer);
}

/** Of ascending values but one. */
function medianWithout(sorted: readonly number[], value: number): number {
  const gap = sorted.indexOf(value);
  const at = (place: number) => sorted[place < gap ? place : place + 1]!;
  const rest = sorted.length - 1;
  const half = rest >> 1;
  return rest % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
}
