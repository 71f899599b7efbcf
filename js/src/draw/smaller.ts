// Frames too small to be drawn one by one stand together as one block, so that none vanishes.

import { childrenAt, firstEndingAfter, type Layout, nextWide, positionOf, previousWide } from "./layout";
import type { Window } from "./window";

/** Neighbours under one frame, each below the least size. */
export interface Block {
  lane: number;
  /** Positions of the first frame and after the last one. */
  from: number;
  to: number;
  start: number;
  size: number;
}

export function blockBetween(layout: Layout, lane: number, from: number, to: number): Block {
  const { frames, start, size } = layout;
  const last = frames[to - 1];
  return { lane, from, to, start: start[frames[from]], size: start[last] + size[last] - start[frames[from]] };
}

/** The block that holds a frame; null for a frame that is drawn itself. */
export function blockOf(layout: Layout, frame: number, least: number): Block | null {
  const { size, parent, depth } = layout;
  if (size[frame] >= least || frame === 0) return null;
  // Below a block nothing is drawn: what holds the frame is the outermost frame that is too small.
  let outermost = frame;
  while (parent[outermost] > 0 && size[parent[outermost]] < least) outermost = parent[outermost];
  const [begin, end] = childrenAt(layout, positionOf(layout, parent[outermost]));
  const at = positionOf(layout, outermost);
  const from = previousWide(layout, at, begin, least) + 1;
  return blockBetween(layout, depth[outermost], from, nextWide(layout, at, end, least));
}

/** Visit the frames and blocks of a lane that are drawn in a stretch, from left to right. */
export function eachDrawn(
  layout: Layout,
  lane: number,
  stretch: Window,
  least: number,
  onFrame: (frame: number) => void,
  onBlock: (block: Block) => void,
): void {
  const { frames, start, from } = layout;
  if (lane === 0) {
    onFrame(frames[0]);
    return;
  }
  const first = firstEndingAfter(layout, lane, stretch.from);
  let parent = firstEndingAfter(layout, lane - 1, stretch.from);
  for (; ; parent++) {
    parent = nextWide(layout, parent, from[lane], least);
    if (parent === from[lane] || start[frames[parent]] >= stretch.to) return;
    const [begin, end] = childrenAt(layout, parent);
    let at = Math.max(begin, first);
    while (at < end && start[frames[at]] < stretch.to) {
      const next = nextWide(layout, at, end, least);
      if (next > at) onBlock(blockBetween(layout, lane, previousWide(layout, at, begin, least) + 1, next));
      if (next < end && start[frames[next]] < stretch.to) onFrame(frames[next]);
      at = next + 1;
    }
  }
}
