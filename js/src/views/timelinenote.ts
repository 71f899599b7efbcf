// What an event is, in words: for the tooltip, the line below the tracks, and a screen reader.

import { NO_PHASE } from "../data/contract";
import type { Events } from "../data/events";
import { formatNs, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { laneOfEvent } from "../draw/tracks";
import { delaysOf } from "../state/launches";
import type { Store } from "../state/store";
import type { Note } from "./tooltip";

export function eventName(store: Store, events: Events, event: number, limit = 400): string {
  return plainName(store.data.strings[store.data.facts.name[events.fact[event]]] ?? "", limit);
}

export function eventNote(store: Store, events: Events, event: number): Note {
  const { facts, meta } = store.data;
  const row = events.fact[event];
  const role = meta.roles[facts.role[row]];
  const lines: [string, string][] = [
    ["duration", formatNs(events.dur_ns[event])],
    ["start", formatNs(events.start_ns[event])],
    ["backend", role?.label ?? "?"],
  ];
  const lane = events.meta.lanes[laneOfEvent(events.meta.lanes, event)];
  if (facts.stream[row] < 0) lines.push(["self", formatNs(events.host_ns[event])]);
  else {
    const { launch_ns, queue_ns } = delaysOf(events, event, previousOnLane(events, event));
    if (launch_ns !== null) lines.push(["launch → start", formatNs(launch_ns)]);
    if (queue_ns !== null) lines.push(["of that queued", formatNs(queue_ns)]);
  }
  if (facts.layer[row] >= 0) lines.push(["layer", `${facts.layer[row]}`]);
  if (facts.step[row] >= 0) {
    const phase = facts.phase[row] === NO_PHASE ? "" : ` · ${meta.phases[facts.phase[row]]}`;
    lines.push(["step", `${facts.step[row]}${phase}`]);
  }
  if (lane)
    lines.push([lane.kind, `${plainName(lane.label, 60)}${meta.ranks.length > 1 ? ` · rank ${lane.rank}` : ""}`]);
  return { title: eventName(store, events, event), ink: role && inkOf(role.key), lines };
}

/** The activity before one on its stream; rows of bars of a stream hold what overlaps, so all of them count. */
function previousOnLane(events: Events, event: number): number {
  const lane = events.meta.lanes[laneOfEvent(events.meta.lanes, event)];
  if (!lane) return -1;
  let best = -1;
  let bestEnd = -Infinity;
  for (let level = 0; level < lane.height; level++) {
    const first = lane.first[level]!;
    let low = first;
    let high = lane.first[level + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (events.start_ns[middle] < events.start_ns[event]) low = middle + 1;
      else high = middle;
    }
    const before = low - 1;
    if (before >= first && events.start_ns[before] + events.dur_ns[before] > bestEnd) {
      bestEnd = events.start_ns[before] + events.dur_ns[before];
      best = before;
    }
  }
  return best;
}
