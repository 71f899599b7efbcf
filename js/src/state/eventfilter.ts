// One bit for each filter of single events and event: set where the event fails it. Changing one filter rewrites one bit.

import type { Events } from "../data/events";
import { type Clauses, EVENT_DIMENSIONS, type EventDimension, type Range } from "./clauses";

const bitOf = (dimension: EventDimension): number => 1 << EVENT_DIMENSIONS.indexOf(dimension);

export const bitsOf = (dimensions: readonly EventDimension[]): number =>
  dimensions.reduce((bits, dimension) => bits | bitOf(dimension), 0);

export class EventFilter {
  readonly fails: Uint8Array;
  private active = 0;

  constructor(private readonly events: Events) {
    this.fails = new Uint8Array(events.count);
  }

  /** Bits of the filters that there are, but for the ignored ones. */
  heeded(ignored: readonly EventDimension[]): number {
    return this.active & ~bitsOf(ignored);
  }

  /** Change one filter. False where there was none and is none. */
  apply(dimension: EventDimension, clauses: Clauses): boolean {
    const { events, fails } = this;
    const bit = bitOf(dimension);
    if (clauses[dimension] === undefined) {
      if ((this.active & bit) === 0) return false;
      for (let event = 0; event < fails.length; event++) fails[event] &= ~bit;
      this.active &= ~bit;
      return true;
    }
    if (dimension === "row") writeRows(fails, bit, events, clauses.row!);
    else if (dimension === "duration_ns") writeDurations(fails, bit, events, clauses.duration_ns!);
    else writeTimes(fails, bit, events, clauses.time_ns!);
    this.active |= bit;
    return true;
  }
}

// Plain loops, each a few milliseconds for a million events: they set the bit of what fails, and clear it of the others.
// Durations come in no order: a branch on them would be mispredicted at every other event, which takes twice as long.

function writeRows(fails: Uint8Array, bit: number, { row }: Events, rows: readonly number[]): void {
  let largest = 0;
  for (let event = 0; event < row.length; event++) if (row[event] > largest) largest = row[event];
  const failing = new Uint8Array(largest + 1).fill(bit);
  for (const wanted of rows) if (wanted >= 0 && wanted <= largest) failing[wanted] = 0;
  for (let event = 0; event < fails.length; event++) fails[event] = (fails[event] & ~bit) | failing[row[event]];
}

/** Within any of the ranges. */
function writeDurations(fails: Uint8Array, bit: number, { dur_ns }: Events, ranges: readonly Range[]): void {
  // An empty range first: without any, nothing passes.
  const [[start, stop], ...others] = ranges.length > 0 ? ranges : [[0, 0]];
  for (let event = 0; event < fails.length; event++) {
    const duration = dur_ns[event];
    fails[event] = (fails[event] & ~bit) | (bit & -(Number(duration < start) | Number(duration >= stop)));
  }
  for (const [start, stop] of others) {
    for (let event = 0; event < fails.length; event++) {
      const duration = dur_ns[event];
      if (duration >= start && duration < stop) fails[event] &= ~bit;
    }
  }
}

/** Within every one of the ranges, wholly or in part; an event of no length is still at its start. */
function writeTimes(fails: Uint8Array, bit: number, { start_ns, dur_ns }: Events, ranges: readonly Range[]): void {
  for (let event = 0; event < fails.length; event++) fails[event] &= ~bit;
  for (const [start, stop] of ranges) {
    for (let event = 0; event < fails.length; event++) {
      const first = start_ns[event];
      if (first >= stop || first + Math.max(dur_ns[event] - 1, 0) < start) fails[event] |= bit;
    }
  }
}
