// What frames weigh under the filters, and what most of each is.

import { type Passing, passingRows, remembered } from "./aggregate";
import type { Measure } from "./measure";
import { Memo } from "./memo";
import type { Stack } from "./stack";

/** What frames are coloured by. */
export type ColourKind = "backend" | "category";

export interface FrameSums {
  /** Weight of each frame with all below it. */
  value: Float64Array;
  /** Backend or category with most of it. */
  key: Uint8Array;
  /** Whether that backend or category has all of it. */
  pure: Uint8Array;
  /** Weight of each shape of the stack. */
  shapes: Float64Array;
}

/** Codes that fit into the bits of a mask; there are fewer backends and no more categories. */
const CODES = 32;

const FRAMES = { backend: new Memo<FrameSums>(), category: new Memo<FrameSums>() };

export function sumFrames(stack: Stack, measure: Measure, passing: Passing, by: ColourKind): FrameSums {
  return remembered(FRAMES[by], measure, passing, [stack], () => addUp(stack, measure, passing, by));
}

function addUp(stack: Stack, measure: Measure, passing: Passing, by: ColourKind): FrameSums {
  const shapes = sumShapes(stack, measure, passing);
  const { parts, depth, size } = stack;
  const code = by === "backend" ? parts.role : parts.category;
  let deepest = 0;
  for (let frame = 0; frame < size; frame++) if (depth[frame] > deepest) deepest = depth[frame];
  const value = new Float64Array(size);
  const key = new Uint8Array(size);
  const pure = new Uint8Array(size);
  // In reverse preorder a frame comes right after all below it: sums that wait for their parent are one for each depth.
  const sums = new Float64Array((deepest + 2) * CODES);
  const masks = new Uint32Array(deepest + 2);
  for (let frame = size - 1; frame >= 0; frame--) {
    const above = depth[frame];
    const below = above + 1;
    for (let i = parts.from[frame]; i < parts.from[frame + 1]; i++) {
      const shape = parts.shapes[i];
      const weight = shapes[shape];
      if (!(weight > 0)) continue;
      const own = code[shape] & (CODES - 1);
      sums[below * CODES + own] += weight;
      masks[below] |= 1 << own;
    }
    const mask = masks[below];
    if (mask === 0) continue;
    masks[below] = 0;
    masks[above] |= mask;
    let total = 0;
    let most = 0;
    for (let left = mask; left !== 0; left &= left - 1) {
      const at = 31 - Math.clz32(left & -left);
      const sum = sums[below * CODES + at];
      sums[below * CODES + at] = 0;
      sums[above * CODES + at] += sum;
      total += sum;
      if (sum > most) {
        most = sum;
        key[frame] = at;
      }
    }
    value[frame] = total;
    pure[frame] = (mask & (mask - 1)) === 0 ? 1 : 0;
  }
  return { value, key, pure, shapes };
}

function sumShapes(stack: Stack, measure: Measure, passing: Passing): Float64Array {
  const sums = new Float64Array(stack.parts.shapes.length);
  const { shapeOf } = stack;
  const { weights } = measure;
  const rows = passingRows(measure, passing);
  for (let i = 0; i < rows.length; i++) sums[shapeOf[rows[i]]] += weights[rows[i]];
  return sums;
}

/** How a frame divides among backends or categories, heaviest first. */
export function divided(stack: Stack, sums: FrameSums, frame: number, by: ColourKind) {
  const { parts, end } = stack;
  const code = by === "backend" ? parts.role : parts.category;
  const found = new Map<number, number>();
  for (let i = parts.from[frame]; i < parts.from[end[frame] + 1]; i++) {
    const shape = parts.shapes[i];
    if (sums.shapes[shape] > 0) found.set(code[shape], (found.get(code[shape]) ?? 0) + sums.shapes[shape]);
  }
  return [...found].map(([code, weight]) => ({ code, weight })).sort((a, b) => b.weight - a.weight || a.code - b.code);
}
