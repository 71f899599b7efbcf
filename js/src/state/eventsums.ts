// Sums over the single events of a selection: how long they took, and how long they waited.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";

// Plain loops: `from` with a function takes ten times as long, and there may be a million.

export function durationsOf({ dur_ns }: Events, chosen: Int32Array): Float64Array {
  const durations = new Float64Array(chosen.length);
  for (let i = 0; i < chosen.length; i++) durations[i] = dur_ns[chosen[i]];
  return durations;
}

export interface Delays {
  /** From the start of the launching call to the start of the work. */
  launch_ns: Float64Array;
  /** From the end of the launching call to the start of the work; 0 where it began before the call returned. */
  queue_ns: Float64Array;
}

/** Of those that were launched by a known call. */
export function delaysOf({ launch, start_ns, dur_ns }: Events, chosen: Int32Array): Delays {
  const since = new Float64Array(chosen.length);
  const queued = new Float64Array(chosen.length);
  let size = 0;
  for (let i = 0; i < chosen.length; i++) {
    const event = chosen[i];
    const call = launch[event];
    if (call === NONE) continue;
    since[size] = start_ns[event] - start_ns[call];
    queued[size] = Math.max(0, since[size] - dur_ns[call]);
    size++;
  }
  return { launch_ns: since.subarray(0, size), queue_ns: queued.subarray(0, size) };
}
