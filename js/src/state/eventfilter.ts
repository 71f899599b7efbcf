// One bit for each filter of single events and event: set where the event fails it. A click needs the bits of events
// that weigh anything, a sixth of all where devices are looked at; those of the others wait until somebody asks.

import type { Events } from "../data/events";
import { type Clauses, EVENT_DIMENSIONS, type EventDimension, type Range } from "./clauses";

const bitOf = (dimension: EventDimension): number => 1 << EVENT_DIMENSIONS.indexOf(dimension);

export const bitsOf = (dimensions: readonly EventDimension[]): number =>
  dimensions.reduce((bits, dimension) => bits | bitOf(dimension), 0);

export class EventFilter {
  private readonly fails: Uint8Array;
  private active = 0;
  /** Written for these events only: clauses, or undefined where bits are to be cleared. */
  private late = new Map<EventDimension, Clauses>();
  private early: Int32Array = new Int32Array(0);

  constructor(private readonly events: Events) {
    this.fails = new Uint8Array(events.count);
  }

  /** Bits of the filters that there are, but for the ignored ones. */
  heeded(ignored: readonly EventDimension[]): number {
    return this.active & ~bitsOf(ignored);
  }

  /** Change one filter; for the given events at once. False where there was none and is none. */
  apply(dimension: EventDimension, clauses: Clauses, early: Int32Array): boolean {
    const bit = bitOf(dimension);
    const isThere = clauses[dimension] !== undefined;
    if (!isThere && (this.active & bit) === 0) return false;
    if (early !== this.early) this.complete();
    this.early = early;
    write(this.fails, early, this.events, dimension, clauses);
    this.late.set(dimension, clauses);
    this.active = isThere ? this.active | bit : this.active & ~bit;
    return true;
  }

  /** Bits that hold for the given events at least. */
  of(events: Int32Array): Uint8Array {
    if (events !== this.early) this.complete();
    return this.fails;
  }

  /** Bits of all events. */
  ofAll(): Uint8Array {
    this.complete();
    return this.fails;
  }

  private complete(): void {
    for (const [dimension, clauses] of this.late) write(this.fails, null, this.events, dimension, clauses);
    this.late.clear();
  }
}

/** Set the bit of events that fail a clause, clear it of the others; null: of all events. */
function write(
  fails: Uint8Array,
  events: Int32Array | null,
  columns: Events,
  dimension: EventDimension,
  clauses: Clauses,
): void {
  const kept = ~bitOf(dimension);
  const size = events ? events.length : fails.length;
  if (clauses[dimension] === undefined) {
    for (let i = 0; i < size; i++) fails[events ? events[i]! : i]! &= kept;
  } else if (dimension === "row") writeRows(fails, events, size, kept, columns, clauses.row!);
  else if (dimension === "duration_ns") writeDurations(fails, events, size, kept, columns, clauses.duration_ns!);
  else writeTimes(fails, events, size, kept, columns, clauses.time_ns!);
}

// Plain loops, each a few milliseconds for a million events.

function writeRows(
  fails: Uint8Array,
  events: Int32Array | null,
  size: number,
  kept: number,
  { row }: Events,
  rows: readonly number[],
): void {
  let largest = 0;
  for (let event = 0; event < row.length; event++) if (row[event]! > largest) largest = row[event]!;
  const failing = new Uint8Array(largest + 1).fill(~kept);
  for (const wanted of rows) if (wanted >= 0 && wanted <= largest) failing[wanted] = 0;
  for (let i = 0; i < size; i++) {
    const event = events ? events[i]! : i;
    fails[event] = (fails[event]! & kept) | failing[row[event]!]!;
  }
}

/** Within any of the ranges. */
function writeDurations(
  fails: Uint8Array,
  events: Int32Array | null,
  size: number,
  kept: number,
  { dur_ns }: Events,
  ranges: readonly Range[],
): void {
  for (let i = 0; i < size; i++) fails[events ? events[i]! : i]! |= ~kept;
  for (const [start, stop] of ranges) {
    for (let i = 0; i < size; i++) {
      const event = events ? events[i]! : i;
      const duration = dur_ns[event]!;
      if (duration >= start && duration < stop) fails[event]! &= kept;
    }
  }
}

/** Within every one of the ranges, wholly or in part; an event of no length is still at its start. */
function writeTimes(
  fails: Uint8Array,
  events: Int32Array | null,
  size: number,
  kept: number,
  { start_ns, dur_ns }: Events,
  ranges: readonly Range[],
): void {
  for (let i = 0; i < size; i++) fails[events ? events[i]! : i]! &= kept;
  for (const [start, stop] of ranges) {
    for (let i = 0; i < size; i++) {
      const event = events ? events[i]! : i;
      const first = start_ns[event]!;
      if (first >= stop || first + Math.max(dur_ns[event]! - 1, 0) < start) fails[event]! |= ~kept;
    }
  }
}
