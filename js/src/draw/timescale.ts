// The axis of a timeline: round numbers at a readable distance.

import type { Window } from "./window";

const ROUND = [1, 2, 5];

/** Distance between ticks so that each has `room` pixels. */
export function tickStep(span_ns: number, width: number, room = 92): number {
  const least = (span_ns * room) / Math.max(1, width);
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  for (const factor of ROUND) if (factor * power >= least) return Math.max(1, factor * power);
  return Math.max(1, 10 * power);
}

export function ticks(view: Window, width: number): number[] {
  const step = tickStep(view.to - view.from, width);
  const found: number[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to && found.length < 200; at += step) found.push(at);
  return found;
}

/** A time on the axis, with as many decimals as neighbouring ticks need to differ. */
export function tickLabel(ns: number, step_ns: number): string {
  const [divisor, unit] =
    step_ns >= 1e9 || (ns >= 1e10 && step_ns >= 1e7)
      ? [1e9, "s"]
      : step_ns >= 1e4 || ns >= 1e7
        ? [1e6, "ms"]
        : [1e3, "µs"];
  const decimals = Math.max(0, Math.ceil(Math.log10(divisor / step_ns) - 1e-9));
  return `${(ns / divisor).toFixed(Math.min(9, decimals))}\u202f${unit}`;
}

const NARROWEST_NS = 20;

/** Zoom around a point that stays where it is, within the whole. */
export function zoomedTime(view: Window, factor: number, around: number, whole: Window): Window {
  const width = Math.min(whole.to - whole.from, Math.max(NARROWEST_NS, (view.to - view.from) * factor));
  const share = (around - view.from) / Math.max(1e-9, view.to - view.from);
  return within({ from: around - share * width, to: around + (1 - share) * width }, whole);
}

export function within(view: Window, whole: Window): Window {
  const width = Math.min(view.to - view.from, whole.to - whole.from);
  const from = Math.min(Math.max(whole.from, view.from), whole.to - width);
  return { from, to: from + width };
}
