// Fills one row of a timeline as one row of pixels. A pixel shows how much of its time is taken, so that gaps stay
// visible however many events fall into it: a device that idles half of the time looks half as strong.

import type { Events } from "../data/events";
import { firstEndingAfter, firstStartingAt, type Row } from "./tracks";
import type { Window } from "./window";

export const LEVELS = 8;

export interface TrackInks {
  /** Pixel of a backend, `covered` of it from 1 to `LEVELS`; dimmed where it is not selected. */
  pixel(role: number, covered: number, dimmed: boolean): number;
}

export interface TrackLabel {
  event: number;
  left: number;
  width: number;
}

export interface TrackSource {
  events: Events;
  /** Backend of each row of the facts. */
  role: Uint8Array;
  /** Sum of the durations of all events before each one. */
  covered_ns: Float64Array;
  /** 1 for selected events; null where all are. */
  selected: Uint8Array | null;
  /** Leave out what is not selected. */
  hidesRest: boolean;
}

export function fillTrack(
  pixels: Uint32Array,
  offset: number,
  width: number,
  row: Row,
  view: Window,
  source: TrackSource,
  inks: TrackInks,
  labelWidth: number,
): TrackLabel[] {
  const { events, role, selected, hidesRest } = source;
  const { start_ns, dur_ns, fact } = events;
  const scale = width / (view.to - view.from);
  const labels: TrackLabel[] = [];
  let event = firstEndingAfter(events, row.first, row.end, view.from);
  while (event < row.end && start_ns[event] < view.to) {
    const left = (start_ns[event] - view.from) * scale;
    const extent = dur_ns[event] * scale;
    if (extent < 1) {
      event = fillPixel(pixels, offset, width, row, view, source, inks, event, scale);
      continue;
    }
    const isSelected = selected === null || selected[event] === 1;
    if (isSelected || !hidesRest) {
      const from = Math.max(0, Math.round(left));
      const to = Math.max(from + 1, Math.min(width, Math.round(left + extent)));
      const gap = to - from >= 4 && to < width ? 1 : 0;
      pixels.fill(inks.pixel(role[fact[event]], LEVELS, !isSelected), offset + from, offset + to - gap);
      if (to - from >= labelWidth) labels.push({ event, left: from, width: to - from });
    }
    event++;
  }
  return labels;
}

/** One pixel for all events that start in it and are thinner; returns the first event after them. */
function fillPixel(
  pixels: Uint32Array,
  offset: number,
  width: number,
  row: Row,
  view: Window,
  source: TrackSource,
  inks: TrackInks,
  first: number,
  scale: number,
): number {
  const { events, role, covered_ns, selected, hidesRest } = source;
  const { start_ns, dur_ns, fact } = events;
  const x = Math.max(0, Math.floor((start_ns[first] - view.from) * scale));
  const end_ns = view.from + (x + 1) / scale;
  let last = firstStartingAt(events, first + 1, gallop(events, first, row.end, end_ns), end_ns);
  // The last one may be wide and only start in this pixel.
  if (last - 1 > first && dur_ns[last - 1] * scale >= 1) last--;
  if (x < width) {
    const covered = (covered_ns[last - 1] + dur_ns[last - 1] - covered_ns[first]) * scale;
    const level = Math.max(1, Math.min(LEVELS, Math.round(covered * LEVELS)));
    const middle = (first + last - 1) >> 1;
    const isSelected = selected === null || selected[middle] === 1 || selected[first] === 1;
    if (isSelected || !hidesRest) pixels[offset + x] = inks.pixel(role[fact[middle]], level, !isSelected);
  }
  return last;
}

function gallop(events: Events, first: number, end: number, ns: number): number {
  let step = 1;
  let high = first + 1;
  while (high < end && events.start_ns[high] < ns) {
    high += step;
    step *= 2;
  }
  return Math.min(high, end);
}

/** Sums of durations before each event, for `TrackSource.covered_ns`. */
export function coveredBefore(events: Events): Float64Array {
  const sums = new Float64Array(events.count);
  let sum = 0;
  for (let event = 0; event < events.count; event++) {
    sums[event] = sum;
    sum += events.dur_ns[event];
  }
  return sums;
}

/** Time of a stretch within a window that is taken by its events. */
export function takenNs(events: Events, covered_ns: Float64Array, first: number, end: number, view: Window): number {
  const from = firstEndingAfter(events, first, end, view.from);
  const to = firstStartingAt(events, from, end, view.to);
  if (to <= from) return 0;
  const last = to - 1;
  const sum = covered_ns[last] + events.dur_ns[last] - covered_ns[from];
  const before = Math.max(0, view.from - events.start_ns[from]);
  const after = Math.max(0, events.start_ns[last] + events.dur_ns[last] - view.to);
  return Math.max(0, sum - before - after);
}
