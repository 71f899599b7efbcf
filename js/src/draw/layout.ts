// Where frames lie: along x as fractions of the whole, along y in lanes by depth. Pure numbers, no canvas.

import type { FrameSums } from "../state/aggregate";
import type { Stack } from "../state/stack";

export interface Layout {
  start: Float64Array;
  size: Float64Array;
  /** Frames of each lane, from left to right. */
  lanes: Int32Array[];
}

export function layOut(stack: Stack, sums: FrameSums): Layout {
  const count = stack.size;
  const total = sums.value[0] ?? 0;
  const start = new Float64Array(count);
  const size = new Float64Array(count);
  const cursor = new Float64Array(count);
  const lengths: number[] = [];
  for (let frame = 0; frame < count; frame++) {
    if (!(sums.value[frame] > 0)) continue;
    size[frame] = sums.value[frame] / total;
    if (frame > 0) {
      const parent = stack.parent[frame];
      start[frame] = cursor[parent];
      cursor[parent] += size[frame];
    }
    cursor[frame] = start[frame];
    const depth = stack.depth[frame];
    lengths[depth] = (lengths[depth] ?? 0) + 1;
  }
  const lanes = lengths.map((length) => new Int32Array(length ?? 0));
  const filled = new Int32Array(lanes.length);
  for (let frame = 0; frame < count; frame++) {
    if (size[frame] > 0) {
      const depth = stack.depth[frame];
      lanes[depth]![filled[depth]++] = frame;
    }
  }
  return { start, size, lanes };
}

/** Index in a lane of the first frame that ends after `x`. */
export function firstEndingAfter(layout: Layout, lane: Int32Array, x: number): number {
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (layout.start[lane[middle]] + layout.size[lane[middle]] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Frame at a point, or the nearest within `tolerance` (thin frames could not be hit else); -1 for none. */
export function hit(layout: Layout, depth: number, x: number, tolerance: number): number {
  const lane = layout.lanes[depth];
  if (!lane) return -1;
  const index = firstEndingAfter(layout, lane, x);
  let best = -1;
  let bestGap = tolerance;
  for (const i of [index - 1, index]) {
    const frame = lane[i];
    if (frame === undefined) continue;
    const left = layout.start[frame];
    const right = left + layout.size[frame];
    const gap = x < left ? left - x : x >= right ? x - right : 0;
    if (gap === 0 && i === index) return frame;
    if (gap <= bestGap) {
      best = frame;
      bestGap = gap;
    }
  }
  return best;
}

export interface Window {
  from: number;
  to: number;
}

const WHOLE: Window = { from: 0, to: 1 };
const NARROWEST = 1e-9;

/** Zoom around a point that stays where it is. */
export function zoomed(view: Window, factor: number, around: number): Window {
  const width = Math.min(1, Math.max(NARROWEST, (view.to - view.from) * factor));
  if (width >= 1) return WHOLE;
  const share = (around - view.from) / (view.to - view.from);
  return clamped({ from: around - share * width, to: around + (1 - share) * width });
}

export function panned(view: Window, by: number): Window {
  return clamped({ from: view.from + by, to: view.to + by });
}

function clamped(view: Window): Window {
  const width = view.to - view.from;
  const from = Math.min(Math.max(0, view.from), 1 - width);
  return { from, to: from + width };
}
