// What a call launched.

import type { Events } from "../data/events";

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
