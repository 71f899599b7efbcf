// Fills a flame graph: a lane is one-dimensional, so each is drawn as one row of pixels in a small image,
// which is then stretched to the lanes' height. The cost is lanes × pixels, whatever the number of frames.

import { firstEndingAfter, type Layout, type Window } from "./layout";

export interface Label {
  frame: number;
  left: number;
  width: number;
  lane: number;
}

export interface Strip {
  /** Colour of a frame as a pixel. */
  pixelOf(frame: number): number;
  layout: Layout;
  view: Window;
  /** Lanes to draw, from and to. */
  firstLane: number;
  lastLane: number;
}

/** Narrowest frame, in device pixels, that is given a gap at its right and may carry a label. */
const GAP_WIDTH = 4;

/** Fill `pixels` (width × lanes) and return the frames that are wide enough for `labelWidth`. */
export function fillStrip(pixels: Uint32Array, width: number, strip: Strip, labelWidth: number): Label[] {
  const { layout, view, firstLane, lastLane, pixelOf } = strip;
  const { start, size, lanes } = layout;
  const scale = width / (view.to - view.from);
  const labels: Label[] = [];
  pixels.fill(0);
  for (let depth = firstLane; depth < lastLane; depth++) {
    const lane = lanes[depth];
    if (!lane) continue;
    const row = (depth - firstLane) * width;
    let i = firstEndingAfter(layout, lane, view.from);
    while (i < lane.length && start[lane[i]] < view.to) {
      const frame = lane[i];
      const left = (start[frame] - view.from) * scale;
      const extent = size[frame] * scale;
      if (extent < 1) {
        i = fillThin(pixels, row, width, strip, lane, i, scale);
        continue;
      }
      const from = Math.max(0, Math.round(left));
      const to = Math.min(width, Math.round(left + extent));
      pixels.fill(pixelOf(frame), row + from, row + (to - from >= GAP_WIDTH && to < width ? to - 1 : to));
      if (to - from >= labelWidth) labels.push({ frame, left: from, width: to - from, lane: depth });
      i++;
    }
  }
  return labels;
}

/** One pixel for all frames thinner than it; returns the first frame after the pixel. */
function fillThin(
  pixels: Uint32Array,
  row: number,
  width: number,
  strip: Strip,
  lane: Int32Array,
  first: number,
  scale: number,
): number {
  const { layout, view } = strip;
  const { start, size } = layout;
  const x = Math.max(0, Math.floor((start[lane[first]] - view.from) * scale));
  const end = view.from + (x + 1) / scale;
  // Gallop to the first frame that starts beyond the pixel.
  let step = 1;
  let high = first + 1;
  while (high < lane.length && start[lane[high]] < end) {
    high += step;
    step *= 2;
  }
  let low = Math.max(first + 1, high - step);
  high = Math.min(high, lane.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (start[lane[middle]] < end) low = middle + 1;
    else high = middle;
  }
  // The last may be a wide frame that only starts in this pixel.
  const last = low - 1 > first && size[lane[low - 1]] * scale >= 1 ? low - 1 : low;
  if (x < width) pixels[row + x] = strip.pixelOf(lane[(first + last - 1) >> 1]);
  return last;
}
