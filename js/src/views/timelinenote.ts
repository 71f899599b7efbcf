// What an event is, in words: for the tooltip, the line below the tracks, and a screen reader.

import { NO_PHASE } from "../data/contract";
import type { Events } from "../data/events";
import { formatNs, plainName } from "../data/format";
import { inkOf } from "../draw/palette";
import { firstStartingAt, laneOfEvent } from "../draw/tracks";
import { delayOf } from "../state/eventsums";
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
    const delay = delayOf(events, event);
    if (delay) {
      lines.push(["launch delay", formatNs(delay.launch_ns)], ["queue delay", formatNs(delay.queue_ns)]);
      const free_ns = Math.min(delay.queue_ns, Math.max(0, events.start_ns[event] - freeFrom(events, event)));
      if (delay.queue_ns > 0) lines.push(["of that stream free", formatNs(free_ns)]);
    }
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

/**
 * When the activities that began before one on its stream were over. Rows of bars of a stream hold what overlaps, so all
 * of them count.
 */
function freeFrom(events: Events, event: number): number {
  const { meta, start_ns, dur_ns } = events;
  const { first } = meta.lanes[laneOfEvent(meta.lanes, event)] ?? { first: [] };
  let free = -Infinity;
  for (let level = 0; level + 1 < first.length; level++) {
    const before = firstStartingAt(events, first[level]!, first[level + 1]!, start_ns[event]) - 1;
    if (before >= first[level]!) free = Math.max(free, start_ns[before] + dur_ns[before]);
  }
  return free;
}
