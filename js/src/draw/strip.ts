// Fills a flame graph: a lane is one-dimensional, so each is drawn as one row of pixels in a small image,
// which is then stretched to the lanes' height. The cost is lanes × pixels, whatever the number of frames.

import { firstEndingAfter, type Layout } from "./layout";
import { type Block, eachDrawn } from "./smaller";
import type { Window } from "./window";

/** Something wide enough to carry a text or a pattern: a frame, or a block of smaller ones. */
export interface Piece {
  frame: number;
  block: Block | null;
  left: number;
  width: number;
  lane: number;
}

export interface Strip {
  layout: Layout;
  view: Window;
  /** Lanes to draw, from and to. */
  firstLane: number;
  lastLane: number;
  /** Share of the window below which frames are not drawn one by one; 0 draws all. */
  least: number;
  /** Colour of a frame as a pixel. */
  pixelOf(frame: number): number;
  /** Colour of frames that share a pixel, at positions of the layout. */
  pixelOfMany(from: number, to: number): number;
  pixelOfBlock(block: Block): number;
}

/** Narrowest frame, in device pixels, that is given a gap at its right. */
const GAP_WIDTH = 4;

/** Fill `pixels` (width × lanes) and return what is at least `pieceWidth` wide. */
export function fillStrip(pixels: Uint32Array, width: number, strip: Strip, pieceWidth: number): Piece[] {
  const { view, firstLane, lastLane } = strip;
  const pieces: Piece[] = [];
  pixels.fill(0);
  for (let lane = firstLane; lane < lastLane; lane++) {
    const row = (lane - firstLane) * width;
    const put = (left: number, extent: number, pixel: number, frame: number, block: Block | null) => {
      const scale = width / (view.to - view.from);
      const exact = (left - view.from) * scale;
      const from = Math.min(width - 1, Math.max(0, Math.round(exact)));
      const to = Math.min(width, Math.max(from + 1, Math.round(exact + extent * scale)));
      pixels.fill(pixel, row + from, row + (to - from >= GAP_WIDTH && to < width ? to - 1 : to));
      if (to - from >= pieceWidth) pieces.push({ frame, block, left: from, width: to - from, lane });
    };
    if (strip.least > 0) fillPieces(strip, lane, put);
    else fillAll(pixels, row, width, strip, lane, put);
  }
  return pieces;
}

type Put = (left: number, extent: number, pixel: number, frame: number, block: Block | null) => void;

function fillPieces(strip: Strip, lane: number, put: Put): void {
  const { layout, view, least } = strip;
  const { start, size } = layout;
  eachDrawn(
    layout,
    lane,
    view,
    least * (view.to - view.from),
    (frame) => put(start[frame], size[frame], strip.pixelOf(frame), frame, null),
    (block) => put(block.start, block.size, strip.pixelOfBlock(block), layout.frames[block.from], block),
  );
}

function fillAll(pixels: Uint32Array, row: number, width: number, strip: Strip, lane: number, put: Put): void {
  const { layout, view } = strip;
  const { start, size, frames, from } = layout;
  const scale = width / (view.to - view.from);
  const end = from[lane + 1];
  let at = firstEndingAfter(layout, lane, view.from);
  while (at < end && start[frames[at]] < view.to) {
    const frame = frames[at];
    if (size[frame] * scale < 1) at = fillThin(pixels, row, width, strip, at, end, scale);
    else {
      put(start[frame], size[frame], strip.pixelOf(frame), frame, null);
      at++;
    }
  }
}

/** One pixel for all frames thinner than it; returns the first position after the pixel. */
function fillThin(
  pixels: Uint32Array,
  row: number,
  width: number,
  strip: Strip,
  first: number,
  end: number,
  scale: number,
): number {
  const { start, size, frames } = strip.layout;
  const x = Math.max(0, Math.floor((start[frames[first]] - strip.view.from) * scale));
  const until = strip.view.from + (x + 1) / scale;
  // Gallop to the first frame that starts beyond the pixel.
  let step = 1;
  let high = first + 1;
  while (high < end && start[frames[high]] < until) {
    high += step;
    step *= 2;
  }
  let low = Math.max(first + 1, high - step);
  high = Math.min(high, end);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (start[frames[middle]] < until) low = middle + 1;
    else high = middle;
  }
  // The last may be a wide frame that only starts in this pixel.
  const last = low - 1 > first && size[frames[low - 1]] * scale >= 1 ? low - 1 : low;
  if (x < width) pixels[row + x] = strip.pixelOfMany(first, last);
  return last;
}
