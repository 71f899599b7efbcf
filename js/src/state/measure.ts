// What rows weigh: the columns as sent, or, under filters of single events, sums over the events that are left.

import type { Dataset } from "../data/dataset";
import type { Events } from "../data/events";
import type { Passing } from "./aggregate";
import { type Clauses, EVENT_DIMENSIONS, type EventDimension, type Range } from "./clauses";
import type { WeightKind } from "./weight";

/** Weight and number of calls of each row. The same object for as long as these are the same; not to be kept longer. */
export interface Measure {
  weights: ArrayLike<number>;
  /** Right where a row weighs anything; no sum visits the others. */
  counts: ArrayLike<number>;
  /** The rows that weigh anything without filters of events: all that a sum has to visit. */
  live: Int32Array;
  /** Arrays that are written anew once the measure holds no longer. */
  sums?: Sums;
}

interface Sums {
  weights: Float64Array;
  counts: Uint32Array;
}

export const eventBitOf = (dimension: EventDimension): number => 1 << EVENT_DIMENSIONS.indexOf(dimension);

export class Measures {
  events: Events | null = null;
  /** One bit for each event dimension and event: set where the event fails that dimension's clause. */
  fails = new Uint8Array(0);
  private active = 0;
  private bytes: Uint8Array | undefined;
  private readonly weighing = new Map<WeightKind, Int32Array>();
  /** By the bits of the dimensions that are heeded, and the kind of weight. */
  private readonly cache = new Map<number, Map<WeightKind, Measure>>();
  /** Of sums that hold no longer: megabytes at each click would keep the collector busy. */
  private readonly spare: Sums[] = [];

  constructor(private readonly data: Dataset) {}

  /** Events have arrived: clauses that waited for them hold from now on. */
  arrive(events: Events, clauses: Clauses): void {
    this.events = events;
    this.fails = new Uint8Array(events.count);
    this.weighing.clear();
    this.weighingEvents(this.data.meta.weight); // now, and not at the first click
    for (const dimension of EVENT_DIMENSIONS) this.apply(dimension, clauses);
  }

  apply(dimension: EventDimension, clauses: Clauses): void {
    const { events, fails } = this;
    if (!events) return;
    const bit = eventBitOf(dimension);
    if (clauses[dimension] !== undefined) {
      write(fails, bit, events, dimension, clauses);
      this.active |= bit;
    } else if ((this.active & bit) !== 0) {
      for (let event = 0; event < fails.length; event++) fails[event] &= ~bit;
      this.active &= ~bit;
    }
    // Sums that do not heed the dimension stay.
    for (const [heeded, kinds] of this.cache) {
      if ((heeded & bit) === 0) continue;
      this.cache.delete(heeded);
      for (const { sums } of kinds.values()) if (sums) this.spare.push(sums);
    }
  }

  /** Under all filters of events but the given ones. */
  of(kind: WeightKind, ...ignored: EventDimension[]): Measure {
    const heeded = this.active & ~bitsOf(ignored);
    let kinds = this.cache.get(heeded);
    if (!kinds) {
      kinds = new Map();
      this.cache.set(heeded, kinds);
    }
    let measure = kinds.get(kind);
    if (!measure) {
      measure = heeded === 0 ? this.unfiltered(kind) : this.addUp(kind, heeded);
      kinds.set(kind, measure);
    }
    return measure;
  }

  /** Without any filter of events. */
  whole(kind: WeightKind): Measure {
    return this.of(kind, ...EVENT_DIMENSIONS);
  }

  /** Events of the rows that weigh anything without filters, ascending: a sixth of all where devices are looked at. */
  weighingEvents(kind: WeightKind): Int32Array {
    let found = this.weighing.get(kind);
    if (!found) {
      found = eventsOf(this.whole(kind).live, this.data.rows, this.events!.fact);
      this.weighing.set(kind, found);
    }
    return found;
  }

  /** 1 for each event that passes, and whose row does. */
  marks({ fails, ignore }: Passing, ignored: readonly EventDimension[]): Uint8Array {
    const { fact } = this.events!;
    this.bytes ??= new Uint8Array(fails.length);
    const rows = passingBytes(this.bytes, fails, ~ignore);
    const heeded = this.active & ~bitsOf(ignored);
    return heeded === 0 ? gathered(rows, fact) : gatheredWhere(rows, fact, this.fails, heeded);
  }

  private unfiltered(kind: WeightKind): Measure {
    const { device_ns, host_ns, count } = this.data.facts;
    const weights = kind === "device" ? device_ns : kind === "host" ? host_ns : this.calls(count);
    return { weights, counts: count, live: liveRows(weights) };
  }

  private calls(count: ArrayLike<number>): Float64Array {
    const { isCounted, rows } = this.data;
    const calls = new Float64Array(rows);
    for (let row = 0; row < rows; row++) calls[row] = isCounted[row] * count[row];
    return calls;
  }

  /** Sum the events that pass. Rows are either of a device or of the host, and so are kinds of weight. */
  private addUp(kind: WeightKind, heeded: number): Measure {
    const { fact, dur_ns, host_ns } = this.events!;
    const { fails } = this;
    const column = (kind === "count" ? this.data.meta.weight : kind) === "device" ? dur_ns : host_ns;
    const sums = this.emptySums();
    const { weights, counts } = sums;
    const events = this.weighingEvents(kind);
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      if ((fails[event] & heeded) !== 0) continue;
      const row = fact[event];
      counts[row]++;
      weights[row] += column[event];
    }
    return { weights: kind === "count" ? this.calls(counts) : weights, counts, live: this.whole(kind).live, sums };
  }

  private emptySums(): Sums {
    const { rows } = this.data;
    const sums = this.spare.pop();
    if (!sums) return { weights: new Float64Array(rows), counts: new Uint32Array(rows) };
    sums.weights.fill(0);
    sums.counts.fill(0);
    return sums;
  }
}

const bitsOf = (dimensions: readonly EventDimension[]): number =>
  dimensions.reduce((bits, dimension) => bits | eventBitOf(dimension), 0);

// Plain loops, each a few milliseconds for a million events. Bytes of rows fit into the processor's cache.

function passingBytes(bytes: Uint8Array, fails: Uint32Array, tested: number): Uint8Array {
  for (let row = 0; row < fails.length; row++) bytes[row] = (fails[row] & tested) === 0 ? 1 : 0;
  return bytes;
}

function gathered(rows: Uint8Array, fact: Int32Array): Uint8Array {
  const marks = new Uint8Array(fact.length);
  for (let event = 0; event < fact.length; event++) marks[event] = rows[fact[event]];
  return marks;
}

function gatheredWhere(rows: Uint8Array, fact: Int32Array, fails: Uint8Array, heeded: number): Uint8Array {
  const marks = new Uint8Array(fact.length);
  for (let event = 0; event < fact.length; event++)
    marks[event] = (fails[event] & heeded) === 0 ? rows[fact[event]] : 0;
  return marks;
}

function eventsOf(live: Int32Array, rows: number, fact: Int32Array): Int32Array {
  const weighs = new Uint8Array(rows);
  for (let i = 0; i < live.length; i++) weighs[live[i]] = 1;
  const found = new Int32Array(fact.length);
  let size = 0;
  for (let event = 0; event < fact.length; event++) {
    found[size] = event;
    size += weighs[fact[event]];
  }
  return found.slice(0, size);
}

function liveRows(weights: ArrayLike<number>): Int32Array {
  const found = new Int32Array(weights.length);
  let size = 0;
  for (let row = 0; row < found.length; row++) if (weights[row] > 0) found[size++] = row;
  return found.slice(0, size);
}

/** Set the bit of events that fail a clause, clear it of the others. */
function write(fails: Uint8Array, bit: number, events: Events, dimension: EventDimension, clauses: Clauses): void {
  if (dimension === "row") writeRows(fails, bit, events, clauses.row!);
  else if (dimension === "duration_ns") writeDurations(fails, bit, events, clauses.duration_ns!);
  else writeTimes(fails, bit, events, clauses.time_ns!);
}

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
    fails[event] = (fails[event] & ~bit) | (duration >= start && duration < stop ? 0 : bit);
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
