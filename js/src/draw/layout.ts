// Where frames lie: along x as fractions of the whole, along y in lanes by depth. Pure numbers, no canvas.
// The frames of all lanes stand in one array, lane by lane, from left to right; a place in it is a position.

import type { FrameSums } from "../state/framesums";
import type { Stack } from "../state/stack";

export interface Layout {
  /** By frame, as fractions of the whole; size 0 is not drawn. */
  start: Float64Array;
  size: Float64Array;
  parent: Int32Array;
  depth: Int32Array;
  /** Frame at each position. */
  frames: Int32Array;
  /** Position at which each lane begins; the last entry is the end. */
  from: Int32Array;
  /** Position of the first child of the frame at each position: its children end where those of the next begin. */
  inner: Int32Array;
  /** Size of the widest of each `BIN` positions. */
  widest: Float64Array;
  laneCount: number;
}

const BIN = 64;

export function layOut(stack: Stack, sums: FrameSums): Layout {
  const { size: count, parent, depth } = stack;
  const { value } = sums;
  const total = value[0] ?? 0;
  const start = new Float64Array(count);
  const size = new Float64Array(count);
  const cursor = new Float64Array(count);
  const lengths = new Int32Array(stack.depth.reduce((most, own) => Math.max(most, own), 0) + 1);
  let laneCount = 0;
  for (let frame = 0; frame < count; frame++) {
    if (!(value[frame] > 0)) continue;
    size[frame] = value[frame] / total;
    if (frame > 0) {
      start[frame] = cursor[parent[frame]];
      cursor[parent[frame]] += size[frame];
    }
    cursor[frame] = start[frame];
    lengths[depth[frame]]++;
    laneCount = Math.max(laneCount, depth[frame] + 1);
  }
  const from = new Int32Array(laneCount + 1);
  for (let lane = 0; lane < laneCount; lane++) from[lane + 1] = from[lane] + lengths[lane];
  const filled = from.slice();
  const drawn = from[laneCount];
  const frames = new Int32Array(drawn);
  const inner = new Int32Array(drawn + 1).fill(drawn);
  const widest = new Float64Array(Math.ceil(drawn / BIN));
  for (let frame = 0; frame < count; frame++) {
    if (!(size[frame] > 0)) continue;
    const lane = depth[frame];
    const position = filled[lane]++;
    frames[position] = frame;
    inner[position] = lane + 1 < laneCount ? filled[lane + 1] : drawn;
    widest[(position / BIN) | 0] = Math.max(widest[(position / BIN) | 0], size[frame]);
  }
  return { start, size, parent, depth, frames, from, inner, widest, laneCount };
}

/** First position of a lane whose frame ends after `x`. */
export function firstEndingAfter(layout: Layout, lane: number, x: number): number {
  const { frames, start, size, from } = layout;
  let low = from[lane];
  let high = from[lane + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (start[frames[middle]] + size[frames[middle]] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First position from `position` on, before `end`, whose frame has at least a size. */
export function nextWide(layout: Layout, position: number, end: number, least: number): number {
  const { frames, size, widest } = layout;
  let at = position;
  while (at < end) {
    if (at % BIN === 0 && widest[at / BIN] < least) at += BIN;
    else if (size[frames[at]] >= least) return at;
    else at++;
  }
  return end;
}

/** Last position before `position`, from `begin` on, whose frame has at least a size; `begin - 1` for none. */
export function previousWide(layout: Layout, position: number, begin: number, least: number): number {
  const { frames, size, widest } = layout;
  let at = position - 1;
  while (at >= begin) {
    if (at % BIN === BIN - 1 && widest[(at / BIN) | 0] < least) at -= BIN;
    else if (size[frames[at]] >= least) return at;
    else at--;
  }
  return begin - 1;
}

/** Position of a drawn frame. */
export function positionOf(layout: Layout, frame: number): number {
  const { frames, from, depth } = layout;
  let low = from[depth[frame]];
  let high = from[depth[frame] + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (frames[middle] < frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Positions of the children of the frame at a position: from the first up to, not including, the second. */
export function childrenAt(layout: Layout, position: number): [from: number, to: number] {
  return [layout.inner[position], layout.inner[position + 1]];
}

/** Frame at a point, or the nearest within `tolerance` (thin frames could not be hit else); -1 for none. */
export function hit(layout: Layout, lane: number, x: number, tolerance: number): number {
  if (lane < 0 || lane >= layout.laneCount) return -1;
  const { frames, start, size, from } = layout;
  const position = firstEndingAfter(layout, lane, x);
  let best = -1;
  let bestGap = tolerance;
  for (const at of [position - 1, position]) {
    if (at < from[lane] || at >= from[lane + 1]) continue;
    const frame = frames[at];
    const right = start[frame] + size[frame];
    const gap = x < start[frame] ? start[frame] - x : x >= right ? x - right : 0;
    if (gap === 0 && at === position) return frame;
    if (gap <= bestGap) {
      best = frame;
      bestGap = gap;
    }
  }
  return best;
}
