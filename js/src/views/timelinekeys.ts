// What the keys do on tracks, apart from any canvas: as in Perfetto where it has one.

import type { Events } from "../data/events";
import { eventAt, firstEndingAfter, type Tracks } from "../draw/tracks";
import { actionOf } from "./keys";

export type TrackAction =
  | "previous"
  | "next"
  | "above"
  | "below"
  | "first"
  | "last"
  | "select"
  | "focus"
  | "in"
  | "out"
  | "left"
  | "right"
  | "all"
  | "clear";

const ACTIONS: Record<string, TrackAction> = {
  ArrowLeft: "previous",
  ArrowRight: "next",
  ArrowUp: "above",
  ArrowDown: "below",
  Home: "first",
  End: "last",
  Enter: "select",
  " ": "select",
  f: "focus",
  z: "focus",
  "+": "in",
  "=": "in",
  w: "in",
  "-": "out",
  s: "out",
  a: "left",
  d: "right",
  "0": "all",
  Delete: "clear",
  Backspace: "clear",
};

/** With Shift: how many steps a range is extended by. */
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export const trackAction = (event: KeyboardEvent): TrackAction | null => actionOf(event, ACTIONS);

export const rangeSteps = (event: KeyboardEvent): number | null => (event.shiftKey ? actionOf(event, STEPS) : null);

/** The event that a key leads to from another one; the nearest in the next row that has any. */
export function eventBeside(
  events: Events,
  tracks: Tracks,
  event: number,
  row: number,
  action: "previous" | "next" | "above" | "below" | "first" | "last",
): number {
  const here = tracks.rows[row];
  if (!here) return event;
  if (action === "previous") return Math.max(here.first, event - 1);
  if (action === "next") return Math.min(here.end - 1, event + 1);
  if (action === "first") return here.first;
  if (action === "last") return here.end - 1;
  const middle = events.start_ns[event] + events.dur_ns[event] / 2;
  const step = action === "above" ? -1 : 1;
  for (let next = row + step; next >= 0 && next < tracks.rows.length; next += step) {
    const other = tracks.rows[next]!;
    if (other.end === other.first) continue;
    const found = eventAt(events, other, middle, Infinity);
    return found >= 0 ? found : Math.min(other.end - 1, firstEndingAfter(events, other.first, other.end, middle));
  }
  return event;
}
