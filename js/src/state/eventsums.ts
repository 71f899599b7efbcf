// Sums over the single events of a selection: how long they took, and how long they waited.

import { NONE } from "../data/contract";
import type { Events } from "../data/events";

// Plain loops: `from` with a function takes ten times as long, and there may be a million.

export function durationsOf({ dur_ns }: Events, chosen: Int32Array): Float64Array {
  const durations = new Float64Array(chosen.length);
  for (let i = 0; i < chosen.length; i++) durations[i] = dur_ns[chosen[i]];
  return durations;
}

export interface Delay {
  /** From the start of the launching call to the start of the work. */
  launch_ns: number;
  /** From the end of the launching call to the start of the work; 0 where it began before the call returned. */
  queue_ns: number;
}

/** Null where no launch is known. */
export function delayOf({ launch, start_ns, dur_ns }: Events, event: number): Delay | null {
  const call = launch[event];
  if (call === NONE) return null;
  const launch_ns = start_ns[event] - start_ns[call];
  return { launch_ns, queue_ns: Math.max(0, launch_ns - dur_ns[call]) };
}

export type Delays = Record<keyof Delay, Float64Array>;

/** Of those that were launched by a known call. */
export function delaysOf(events: Events, chosen: Int32Array): Delays {
  const since = new Float64Array(chosen.length);
  const queued = new Float64Array(chosen.length);
  let size = 0;
  for (let i = 0; i < chosen.length; i++) {
    const delay = delayOf(events, chosen[i]);
    if (!delay) continue;
    since[size] = delay.launch_ns;
    queued[size++] = delay.queue_ns;
  }
  return { launch_ns: since.subarray(0, size), queue_ns: queued.subarray(0, size) };
}
