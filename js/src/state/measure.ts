// What rows weigh: the columns as sent, or, under filters of single events, sums over the events that are left.

import type { Dataset } from "../data/dataset";
import type { Events } from "../data/events";
import { type Passing, passingRows } from "./aggregate";
import { type Clauses, EVENT_DIMENSIONS, type EventDimension } from "./clauses";
import { bitsOf, EventFilter } from "./eventfilter";
import type { Counting } from "./lineevents";
import type { WeightKind } from "./weight";

/** As many as views ask for under filters of events: all but their own, of time, of duration, of both. */
const MOST_SPARE = 4;

/** Weight and number of calls of each row. The same object for as long as these are the same; not to be kept longer. */
export interface Measure {
  weights: ArrayLike<number>;
  /** Right where a row weighs anything; no sum visits the others. */
  counts: ArrayLike<number>;
  /** The rows that weigh anything without filters of events: all that a sum has to visit. */
  live: Int32Array;
  /**
   * Arrays that are written anew once the measure holds no longer; null without filters of events. Always there: objects
   * of another shape would have the browser compile every sum again at the first such filter.
   */
  sums: Sums | null;
}

interface Sums {
  weights: Float64Array;
  counts: Uint32Array;
  /** All rows that are not 0. */
  live: Int32Array;
}

export class Measures {
  events: Events | null = null;
  private filter: EventFilter | null = null;
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
    this.filter = new EventFilter(events);
    this.weighing.clear();
    // Now, and not at the first click: listing events, and memory for sums of them.
    this.spare.push(this.addUp(this.data.meta.weight, 0).sums!);
    for (const dimension of EVENT_DIMENSIONS) this.apply(dimension, clauses);
  }

  apply(dimension: EventDimension, clauses: Clauses): void {
    if (!this.filter?.apply(dimension, clauses)) return;
    const bit = bitsOf([dimension]);
    // Sums that do not heed the dimension stay.
    for (const [heeded, kinds] of this.cache) {
      if ((heeded & bit) === 0) continue;
      this.cache.delete(heeded);
      for (const { sums } of kinds.values()) if (sums && this.spare.length < MOST_SPARE) this.spare.push(sums);
    }
  }

  /** Under all filters of events but the given ones. */
  of(kind: WeightKind, ...ignored: EventDimension[]): Measure {
    const heeded = this.filter?.heeded(ignored) ?? 0;
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

  /** Write 1 for each event that passes, and whose row does. */
  mark(marks: Uint8Array, { fails, ignore, isAll }: Passing, ignored: readonly EventDimension[]): void {
    const { fact } = this.events!;
    const passes = passTable(this.filter!.heeded(ignored));
    if (isAll) look(marks, this.filter!.fails, passes);
    else {
      this.bytes ??= new Uint8Array(fails.length);
      gather(marks, passingBytes(this.bytes, fails, ~ignore), fact, this.filter!.fails, passes);
    }
  }

  /** The events that are counted as calls, ascending: those that pass, of rows that weigh anything and pass. */
  selected(kind: WeightKind, passing: Passing, ignored: readonly EventDimension[]): Int32Array {
    const { rows, fails, passes } = this.counting(kind, passing, ignored);
    const { fact } = this.events!;
    const events = this.weighingEvents(kind);
    const found = new Int32Array(events.length);
    let size = 0;
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      found[size] = event;
      size += rows[fact[event]] & passes[fails[event]];
    }
    return found.subarray(0, size);
  }

  /** What tells whether an event is counted as a call. */
  counting(kind: WeightKind, passing: Passing, ignored: readonly EventDimension[]): Counting {
    const rows = bytesOf(passingRows(this.of(kind, ...ignored), passing), this.data.rows);
    return { rows, fails: this.filter!.fails, passes: passTable(this.filter!.heeded(ignored)) };
  }

  private unfiltered(kind: WeightKind): Measure {
    const { device_ns, host_ns, count } = this.data.facts;
    const weights = kind === "device" ? device_ns : kind === "host" ? host_ns : this.calls(count);
    return { weights, counts: count, live: liveRows(weights), sums: null };
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
    const column = (kind === "count" ? this.data.meta.weight : kind) === "device" ? dur_ns : host_ns;
    const { live } = this.whole(kind);
    const sums = this.emptySums(live);
    const { weights, counts } = sums;
    const events = this.weighingEvents(kind);
    const { fails } = this.filter!;
    const passes = passTable(heeded);
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      const row = fact[event];
      const one = passes[fails[event]];
      counts[row] += one;
      weights[row] += column[event] * one;
    }
    return { weights: kind === "count" ? this.calls(counts) : weights, counts, live, sums };
  }

  private emptySums(live: Int32Array): Sums {
    const { rows } = this.data;
    const sums = this.spare.pop();
    if (!sums) return { weights: new Float64Array(rows), counts: new Uint32Array(rows), live };
    for (let i = 0; i < sums.live.length; i++) {
      const row = sums.live[i];
      sums.weights[row] = sums.counts[row] = 0;
    }
    sums.live = live;
    return sums;
  }
}

// Plain loops, each a few milliseconds for a million events. Bytes of rows fit into the processor's cache. No branches on
// what fails, which is in no order: half of them would be mispredicted.

/** 1 for all failing bits that leave the heeded ones clear. */
function passTable(heeded: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, fails) => Number((fails & heeded) === 0));
}

function passingBytes(bytes: Uint8Array, fails: Uint32Array, tested: number): Uint8Array {
  for (let row = 0; row < fails.length; row++) bytes[row] = Number((fails[row] & tested) === 0);
  return bytes;
}

function bytesOf(rows: Int32Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < rows.length; i++) bytes[rows[i]] = 1;
  return bytes;
}

function look(marks: Uint8Array, fails: Uint8Array, passes: Uint8Array): void {
  for (let event = 0; event < fails.length; event++) marks[event] = passes[fails[event]];
}

function gather(marks: Uint8Array, rows: Uint8Array, fact: Int32Array, fails: Uint8Array, passes: Uint8Array): void {
  for (let event = 0; event < fact.length; event++) marks[event] = rows[fact[event]] & passes[fails[event]];
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
