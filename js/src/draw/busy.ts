// How long something ran within a window, however much of it ran at the same time.

import type { Lane } from "../data/contract";
import type { Events } from "../data/events";
import type { Window } from "./window";

/** Ends of intervals, each column sorted by itself; which end belongs to which start does not matter here. */
interface Ends {
  starts: Float64Array;
  stops: Float64Array;
}

/** Whether nothing runs before the start of interval `i`: as many have ended by then as had begun. */
const isGap = (starts: Float64Array, stops: Float64Array, i: number) => i === 0 || starts[i] >= stops[i - 1];

/** The union of intervals: built once, then a window costs two searches. */
export class BusyTime implements Ends {
  readonly starts: Float64Array;
  readonly stops: Float64Array;
  /** How long all stretches before each one take. */
  private readonly before_ns: Float64Array;

  constructor({ starts, stops }: Ends) {
    let count = 0;
    for (let i = 0; i < starts.length; i++) if (isGap(starts, stops, i)) count++;
    // Rows of bars mostly hold nothing that overlaps: then there is nothing to copy.
    const isApart = count === starts.length;
    this.starts = isApart ? starts : new Float64Array(count);
    this.stops = isApart ? stops : new Float64Array(count);
    this.before_ns = new Float64Array(count);
    let at = -1;
    let before = 0;
    for (let i = 0; i < starts.length; i++) {
      if (isGap(starts, stops, i)) {
        if (at >= 0) before += this.stops[at] - this.starts[at];
        this.before_ns[++at] = before;
        if (!isApart) this.starts[at] = starts[i];
      }
      if (!isApart) this.stops[at] = stops[i];
    }
  }

  within({ from, to }: Window): number {
    return this.until(to) - this.until(from);
  }

  private until(ns: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle] < ns) low = middle + 1;
      else high = middle;
    }
    const last = low - 1;
    return last < 0 ? 0 : this.before_ns[last] + Math.min(ns, this.stops[last]) - this.starts[last];
  }
}

/** Of each stream; of threads only where there are no streams. */
export function busyOf(events: Events): (BusyTime | null)[] {
  const { lanes } = events.meta;
  const onDevice = lanes.some((lane) => lane.kind === "stream");
  return lanes.map((lane) => ((lane.kind === "stream") === onDevice ? busyOfLane(events, lane) : null));
}

function busyOfLane(events: Events, { kind, first }: Lane): BusyTime {
  const rows: Ends[] = [];
  // The first row of a thread holds all others.
  const height = Math.min(first.length - 1, kind === "stream" ? Infinity : 1);
  for (let level = 0; level < height; level++) {
    const starts = events.start_ns.subarray(first[level], first[level + 1]);
    const stops = events.dur_ns.slice(first[level], first[level + 1]);
    for (let i = 0; i < starts.length; i++) stops[i] += starts[i];
    rows.push({ starts, stops });
  }
  return new BusyTime(together(rows));
}

/** Time in which any of them is busy. */
export const busyOfAny = (all: readonly BusyTime[]): BusyTime =>
  all.length === 1 ? all[0]! : new BusyTime(together(all));

/** Two by two: sorting anew takes many times as long. */
function together(all: readonly Ends[]): Ends {
  if (all.length < 2) return all[0] ?? { starts: new Float64Array(), stops: new Float64Array() };
  const middle = all.length >> 1;
  const [a, b] = [together(all.slice(0, middle)), together(all.slice(middle))];
  return { starts: merged(a.starts, b.starts), stops: merged(a.stops, b.stops) };
}

function merged(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  for (let i = 0, j = 0; i + j < all.length; )
    all[i + j] = j === b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
  return all;
}
