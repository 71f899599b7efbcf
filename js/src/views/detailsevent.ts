// One single event: its own facts.

import { NO_PHASE, NONE } from "../data/contract";
import type { Events } from "../data/events";
import { formatNs, plainName } from "../data/format";
import { delayOf } from "../state/eventsums";
import { shapesOf, shapeText } from "../state/inputshapes";
import { exactNs } from "../state/ranges";
import type { Store } from "../state/store";
import { facts, pair, section } from "./detailsparts";
import { h } from "./dom";

export function eventFacts({ data }: Store, events: Events, event: number): HTMLElement {
  const { meta, strings } = data;
  const row = events.fact[event];
  const { layer, step, phase, module, stream, rank } = data.facts;
  const name = (id: number) => plainName(strings[id] ?? "", 300);
  const start = events.start_ns[event];
  const length = events.dur_ns[event];
  const delay = delayOf(events, event);
  const shapes = shapesOf(events).of(event);
  const lines: HTMLElement[] = [
    ...pair("start", exactNs(start)),
    ...pair("duration", exactNs(length)),
    ...(stream[row] < 0 ? pair("self time", exactNs(events.host_ns[event])) : []),
    ...pair("ran on", laneOf(events, event) ?? (stream[row] < 0 ? "host" : `stream ${stream[row]}`)),
    ...(meta.ranks.length > 1 ? pair("rank", `${rank[row]}`) : []),
  ];
  if (delay) {
    lines.push(
      ...pair("launched by", name(data.facts.name[events.fact[events.launch[event]]])),
      ...pair("launch delay", formatNs(delay.launch_ns)),
      ...pair("queue delay", formatNs(delay.queue_ns)),
    );
  }
  if (shapes !== NONE) lines.push(...pair("input shapes", plainName(shapeText(events.meta.shapes[shapes] ?? ""), 300)));
  if (data.op[row] !== NONE) lines.push(...pair("operator", name(data.op[row])));
  if (module[row] !== NONE) lines.push(...pair("module", name(module[row])));
  if (layer[row] >= 0) lines.push(...pair("layer", `${layer[row]}`));
  if (step[row] >= 0) {
    const word = phase[row] === NO_PHASE ? "" : ` · ${meta.phases[phase[row]] ?? ""}`;
    lines.push(...pair("step", `${step[row]}${word}`));
  }
  return section(
    "This event",
    facts(...lines, h("dt", {}, "in Python"), h("dd", {}, h("code", {}, `bd.select(row=${events.row[event]})`))),
  );
}

function laneOf({ meta }: Events, event: number): string | null {
  const lane = meta.lanes.find(({ first }) => first.length > 0 && event >= first[0]! && event < first.at(-1)!);
  return lane ? plainName(lane.label, 80) : null;
}
