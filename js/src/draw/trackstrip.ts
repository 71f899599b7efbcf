// Fills one row of a timeline as one row of pixels. A pixel shows how much of its time is taken, so that gaps stay
// visible however many events fall into it: a device that idles half of the time looks half as strong.

import type { Events } from "../data/events";
import { type BusyTime, busyOf } from "./busy";
import { type Stretches, stretchesOf } from "./stretches";
import { firstEndingAfter, firstStartingAt, type Row } from "./tracks";
import type { Window } from "./window";

export const LEVELS = 8;
/** Stretches of time in a pixel from which on it is drawn by them. */
const DENSE = 4;

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
  /** Backend of each event. */
  role: Uint8Array;
  /** Sum of the durations of all events before each one, and of all. */
  covered_ns: Float64Array;
  stretches: Map<number, Stretches>;
  /** Of each lane; null where it does not count. */
  busy: (BusyTime | null)[];
  /** 1 for selected events; null where all are. */
  selected: Uint8Array | null;
  /** Leave out what is not selected. */
  hidesRest: boolean;
}

/** What drawing needs of events, beside a selection. */
export function trackSource(events: Events, roleOfFact: Uint8Array): TrackSource {
  const { count, fact, dur_ns } = events;
  const role = new Uint8Array(count);
  const covered_ns = new Float64Array(count + 1);
  for (let event = 0; event < count; event++) {
    role[event] = roleOfFact[fact[event]];
    covered_ns[event + 1] = covered_ns[event] + dur_ns[event];
  }
  const stretches = stretchesOf(events, events.meta.lanes);
  return { events, role, covered_ns, stretches, busy: busyOf(events), selected: null, hidesRest: false };
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
  const { events, role, covered_ns, selected, hidesRest } = source;
  const { start_ns, dur_ns } = events;
  const scale = width / (view.to - view.from);
  const labels: TrackLabel[] = [];
  const stretches = source.stretches.get(row.first);
  const isDense = stretches !== undefined && stretches.perNs >= scale * DENSE;
  const at = { event: firstEndingAfter(events, row.first, row.end, view.from), x: 0 };
  while (at.event < row.end) {
    const { event } = at;
    const left = (start_ns[event] - view.from) * scale;
    if (left >= width) break;
    const extent = dur_ns[event] * scale;
    if (extent >= 1) {
      const isSelected = selected === null || selected[event] === 1;
      if (isSelected || !hidesRest) {
        const from = Math.max(0, Math.round(left));
        const to = Math.max(from + 1, Math.min(width, Math.round(left + extent)));
        const gap = to - from >= 4 && to < width ? 1 : 0;
        pixels.fill(inks.pixel(role[event], LEVELS, !isSelected), offset + from, offset + to - gap);
        if (to - from >= labelWidth) labels.push({ event, left: from, width: to - from });
      }
      at.event++;
      continue;
    }
    // Behind what was drawn from stretches: these end a little before or after a pixel.
    at.x = Math.max(at.x, Math.floor(left));
    if (isDense) {
      fillDense(pixels, offset, width, at, stretches, view, source, inks);
      if (at.event > event) continue;
    }
    if (at.x >= width) break;
    // One pixel for all events that start in it and are thinner.
    let last = firstStartingSoon(events, event + 1, row.end, view.from + (at.x + 1) / scale);
    // The last one may be wide and only start in this pixel.
    if (last - 1 > event && dur_ns[last - 1] * scale >= 1) last--;
    const middle = (event + last - 1) >> 1;
    const isSelected = selected === null || selected[middle] === 1 || selected[event] === 1;
    if (isSelected || !hidesRest) {
      const covered = (covered_ns[last] - covered_ns[event]) * scale;
      const level = Math.max(1, Math.min(LEVELS, Math.round(covered * LEVELS)));
      pixels[offset + at.x] = inks.pixel(role[middle], level, !isSelected);
    }
    at.event = last;
  }
  return labels;
}

/** As `firstStartingAt`, quick where it is not far. */
function firstStartingSoon(events: Events, first: number, end: number, ns: number): number {
  let low = first;
  let high = first;
  for (let step = 1; high < end && events.start_ns[high] < ns; step *= 2) {
    low = high + 1;
    high += step;
  }
  return firstStartingAt(events, low, Math.min(high, end), ns);
}

/**
 * Pixels drawn from stretches of time, from `at` on, as long as none of their events is as wide as a pixel. Borders of
 * pixels are moved to the nearest border of a stretch.
 */
function fillDense(
  pixels: Uint32Array,
  offset: number,
  width: number,
  at: { event: number; x: number },
  { from_ns, perNs, firsts, taken_ns }: Stretches,
  view: Window,
  { role, selected, hidesRest }: TrackSource,
  inks: TrackInks,
): void {
  const wide_ns = (view.to - view.from) / width;
  const perPixel = perNs * wide_ns;
  const origin = (view.from - from_ns) * perNs;
  const last = taken_ns.length;
  // Not rounded: the first event lies in the stretch at hand.
  let border = Math.floor(origin + at.x * perPixel);
  for (; at.x < width && border < last; at.x++) {
    const begin = border;
    border = Math.round(origin + (at.x + 1) * perPixel);
    const stop = border < last - 1 ? border : last;
    let taken = 0;
    for (let stretch = Math.max(0, begin); stretch < stop; stretch++) {
      if (taken_ns[stretch] >= wide_ns) return;
      taken += taken_ns[stretch];
    }
    const end = firsts[stop];
    if (end <= at.event) continue;
    const middle = (at.event + end - 1) >> 1;
    const isSelected = selected === null || selected[middle] === 1 || selected[at.event] === 1;
    if (isSelected || !hidesRest) {
      const level = Math.max(1, Math.min(LEVELS, Math.round(((taken * LEVELS) / (border - begin)) * perNs)));
      pixels[offset + at.x] = inks.pixel(role[middle], level, !isSelected);
    }
    at.event = end;
  }
}
