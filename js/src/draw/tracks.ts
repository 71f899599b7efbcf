// Where events lie on a timeline: rows of bars below each other, each a stretch of events sorted by start.

import type { Lane } from "../data/contract";
import type { Events } from "../data/events";

export const ROW_HEIGHT = 18;
export const LANE_GAP = 8;
/** Rows of a thread that are shown before it is unfolded. */
export const FOLDED_ROWS = 6;

export interface Row {
  lane: number;
  /** Position within the lane, 0 on top. */
  level: number;
  /** Events from first up to, not including, end. */
  first: number;
  end: number;
  top: number;
}

export interface Tracks {
  rows: Row[];
  /** Where each lane begins, and how many of its rows are hidden. */
  lanes: { top: number; height: number; hidden: number; isFolded: boolean }[];
  height: number;
}

export type Fold = "open" | "short" | "closed";

/** Lay out lanes; `folds` says which ones the reader has folded or unfolded. */
export function layTracks(lanes: readonly Lane[], folds: ReadonlyMap<number, Fold>): Tracks {
  const rows: Row[] = [];
  const placed: Tracks["lanes"] = [];
  let top = 0;
  lanes.forEach((lane, index) => {
    const fold = folds.get(index) ?? "short";
    const shown = fold === "closed" ? 1 : fold === "short" ? Math.min(lane.height, FOLDED_ROWS) : lane.height;
    for (let level = 0; level < shown; level++) {
      rows.push({
        lane: index,
        level,
        first: lane.first[level]!,
        end: lane.first[level + 1]!,
        top: top + level * ROW_HEIGHT,
      });
    }
    placed.push({
      top,
      height: shown * ROW_HEIGHT,
      hidden: lane.height - shown,
      isFolded: shown < lane.height,
    });
    top += shown * ROW_HEIGHT + LANE_GAP;
  });
  return { rows, lanes: placed, height: Math.max(0, top - LANE_GAP) };
}

/** Index of the row at a height, -1 between rows. */
export function rowAt(tracks: Tracks, y: number): number {
  let low = 0;
  let high = tracks.rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tracks.rows[middle]!.top + ROW_HEIGHT <= y) low = middle + 1;
    else high = middle;
  }
  return low < tracks.rows.length && tracks.rows[low]!.top <= y ? low : -1;
}

/** First event of a stretch that ends after `ns`; bars of a row follow each other. */
export function firstEndingAfter(events: Events, first: number, end: number, ns: number): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events.start_ns[middle] + events.dur_ns[middle] <= ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First event of a stretch that starts at or after `ns`. */
export function firstStartingAt(events: Events, first: number, end: number, ns: number): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events.start_ns[middle] < ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The event at a time, or the nearest within `tolerance_ns`; -1 for none. */
export function eventAt(events: Events, row: Row, ns: number, tolerance_ns: number): number {
  const index = firstEndingAfter(events, row.first, row.end, ns);
  let best = -1;
  let bestGap = tolerance_ns;
  for (const event of [index - 1, index]) {
    if (event < row.first || event >= row.end) continue;
    const start = events.start_ns[event];
    const stop = start + events.dur_ns[event];
    const gap = ns < start ? start - ns : ns >= stop ? ns - stop : 0;
    if (gap === 0 && event === index) return event;
    if (gap <= bestGap) {
      best = event;
      bestGap = gap;
    }
  }
  return best;
}

/** The row that an event is drawn in, -1 where its lane is folded above it. */
export function rowOfEvent(tracks: Tracks, event: number): number {
  return tracks.rows.findIndex((row) => event >= row.first && event < row.end);
}

/** The lane that an event belongs to, -1 for events nested too deeply to be drawn. */
export function laneOfEvent(lanes: readonly Lane[], event: number): number {
  return lanes.findIndex((lane) => event >= lane.first[0]! && event < lane.first[lane.first.length - 1]!);
}
