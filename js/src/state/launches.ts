// From launch to start: what a kernel waited for.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";

export interface Delays {
  /** From the start of the launching call to the start of the activity; null without a launch. */
  launch_ns: number | null;
  /** Since both the launching call and the activity before it on that stream were over; null without a launch. */
  queue_ns: number | null;
}

/** `previous` is the event before it in its row of bars, -1 for none. */
export function delaysOf(events: Events, event: number, previous: number): Delays {
  const launch = events.launch[event];
  if (launch === NONE) return { launch_ns: null, queue_ns: null };
  const { start_ns, dur_ns } = events;
  const launched = start_ns[launch] + dur_ns[launch];
  const free = previous >= 0 ? start_ns[previous] + dur_ns[previous] : -Infinity;
  return {
    launch_ns: start_ns[event] - start_ns[launch],
    queue_ns: Math.max(0, start_ns[event] - Math.max(launched, free)),
  };
}

/** Events by the call that launched them: `events[first[i]] … events[first[i + 1] - 1]` belong to call i. */
export class LaunchIndex {
  private readonly order: Int32Array;
  private readonly launch: Int32Array;

  constructor(events: Events) {
    this.launch = events.launch;
    let count = 0;
    for (let event = 0; event < events.count; event++) if (events.launch[event] >= 0) count++;
    this.order = new Int32Array(count);
    let at = 0;
    for (let event = 0; event < events.count; event++) if (events.launch[event] >= 0) this.order[at++] = event;
    this.order.sort((a, b) => events.launch[a] - events.launch[b] || a - b);
  }

  /** What a call launched, in order. */
  launchedBy(call: number): Int32Array {
    return this.order.subarray(this.search(call), this.search(call + 1));
  }

  private search(call: number): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.launch[this.order[middle]] < call) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
