// Single events of each line of the kernel table, shortest first: percentiles and lists of launches need no sorting.

import type { Dataset } from "../data/dataset";
import type { Events } from "../data/events";
import type { KernelGroups } from "./kernels";

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** Whether an event is counted. */
export type EventTest = (event: number) => boolean;

/** What tells that: its row passes and weighs anything, and so does the event itself. */
export interface Counting {
  /** 1 for each row that does. */
  rows: Uint8Array;
  /** Failing bits of each event. */
  fails: Uint8Array;
  /** 1 for each value of them that passes. */
  passes: Uint8Array;
}

/** Events of one side, by line and duration: `order[first[line]] … order[first[line + 1] - 1]`. */
export class LineEvents {
  private readonly first: Int32Array;
  private readonly order: Int32Array;
  /** Rows of `order`, side by side in memory. */
  private readonly rows: Int32Array;
  /** How long each event took: an activity as a whole, a span without what it called. */
  readonly took_ns: Float64Array;

  constructor(data: Dataset, groups: KernelGroups, events: Events, onDevice: boolean) {
    const { fact, dur_ns, host_ns, count } = events;
    const { groupOf } = groups;
    const lines = groups.name.length;
    const { stream } = data.facts;
    this.took_ns = onDevice ? dur_ns : host_ns;
    const mine = new Int32Array(count);
    let size = 0;
    for (let event = 0; event < count; event++) if (stream[fact[event]] >= 0 === onDevice) mine[size++] = event;
    const sorted = sortedBy(this.took_ns, mine.subarray(0, size));
    const next = new Int32Array(lines + 1);
    for (let i = 0; i < size; i++) next[groupOf[fact[sorted[i]]] + 1]++;
    for (let line = 0; line < lines; line++) next[line + 1] += next[line];
    this.first = next.slice();
    this.order = new Int32Array(size);
    for (let i = 0; i < size; i++) this.order[next[groupOf[fact[sorted[i]]]]++] = sorted[i];
    this.rows = this.order.map((event) => fact[event]!);
  }

  /** Events of a line, shortest first. */
  of(line: number): Int32Array {
    return this.order.subarray(this.first[line], this.first[line + 1]);
  }

  /**
   * The least durations that at least each share of the counted events does not exceed (nearest rank), as numpy's
   * `percentile(…, method="inverted_cdf")` has them.
   *
   * @param calls How many events of the line are counted.
   * @param shares Ascending.
   * @param countingOf Not asked where all of them are.
   */
  percentiles(line: number, calls: number, shares: readonly number[], countingOf: () => Counting): number[] {
    const { order, took_ns } = this;
    const [first, end] = [this.first[line]!, this.first[line + 1]!];
    const wanted = shares.map((share) => nearestRank(calls, share));
    if (calls === end - first) return wanted.map((place) => took_ns[order[first + place]!] ?? Number.NaN);
    const { rows, fails, passes } = countingOf();
    const found: number[] = [];
    let seen = 0;
    // No branch on what is counted: half of them would be mispredicted.
    for (let i = first; i < end && found.length < wanted.length; i++) {
      seen += rows[this.rows[i]] & passes[fails[order[i]]];
      while (seen > wanted[found.length]!) found.push(took_ns[order[i]]);
    }
    return shares.map((_, i) => found[i] ?? Number.NaN);
  }
}

/** From 0. The same steps as in numpy, so that both round alike. */
export function nearestRank(count: number, share: number): number {
  return Math.max(0, Math.ceil(count * share - 1));
}

/** Items by their values, ascending and stable: integers from 0 to 2^53, a digit at a time. */
export function sortedBy(values: ArrayLike<number>, items: Int32Array): Int32Array {
  let largest = 0;
  for (let i = 0; i < items.length; i++) if (values[items[i]]! > largest) largest = values[items[i]]!;
  let [from, to] = [items.slice(), new Int32Array(items.length)];
  const starts = new Int32Array(DIGITS + 1);
  for (let scale = 1; scale === 1 || scale <= largest; scale *= DIGITS) {
    starts.fill(0);
    for (let i = 0; i < from.length; i++) starts[((values[from[i]]! / scale) & (DIGITS - 1)) + 1]++;
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1] += starts[digit];
    for (let i = 0; i < from.length; i++) to[starts[(values[from[i]]! / scale) & (DIGITS - 1)]++] = from[i];
    [from, to] = [to, from];
  }
  return from;
}
