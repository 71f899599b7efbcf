// A row of a timeline summed up by short stretches of time: where their events begin, and how long these are. A pixel
// that holds many events is drawn from a few neighbouring numbers then; to read the events themselves misses the
// processor's caches several times for each pixel, which is most of what a frame of all events would take.

import type { Lane } from "../data/contract";
import type { Events } from "../data/events";

/** On average; what is busy has more of them. */
const EVENTS_PER_STRETCH = 4;

export interface Stretches {
  from_ns: number;
  perNs: number;
  /** First event that starts in each one or later, and the end of the row. */
  firsts: Uint32Array;
  /** Sum of the durations of the events that start in each one. */
  taken_ns: Float32Array;
}

/** By the first event of each row; rows of few events have none. */
export function stretchesOf(events: Events, lanes: readonly Lane[]): Map<number, Stretches> {
  const found = new Map<number, Stretches>();
  for (const { first, height } of lanes) {
    for (let level = 0; level < height; level++) {
      const stretches = summedUp(events, first[level]!, first[level + 1]!);
      if (stretches) found.set(first[level]!, stretches);
    }
  }
  return found;
}

function summedUp({ start_ns, dur_ns }: Events, first: number, end: number): Stretches | null {
  const count = Math.ceil((end - first) / EVENTS_PER_STRETCH);
  if (count < 2) return null;
  const from_ns = start_ns[first];
  const width_ns = start_ns[end - 1] + dur_ns[end - 1] - from_ns;
  if (!(width_ns > 0)) return null;
  const perNs = count / width_ns;
  const firsts = new Uint32Array(count + 2).fill(end);
  const taken_ns = new Float32Array(count + 1);
  let next = 0;
  for (let event = first; event < end; event++) {
    const stretch = Math.min(count, Math.floor((start_ns[event] - from_ns) * perNs));
    while (next <= stretch) firsts[next++] = event;
    taken_ns[stretch] += dur_ns[event];
  }
  return { from_ns, perNs, firsts, taken_ns };
}
