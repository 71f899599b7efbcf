// Durations and ranges as people read them.

import { OPEN, type Range } from "./clauses";

const NARROW_SPACE = "\u202f";
export const UNITS: readonly [name: string, ns: number][] = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
  ["ns", 1],
];

/** Every nanosecond of it: 10000 → "10 µs", 1234 → "1.234 µs". */
export function exactNs(ns: number): string {
  const [name, size] = UNITS.find(([, size]) => ns >= size) ?? UNITS.at(-1)!;
  return `${ns / size}${NARROW_SPACE}${name}`;
}

/** Of durations: whole nanoseconds from the first up to, not including, the second. */
export function rangeText([start, stop]: Range): string {
  if (stop >= OPEN) return start > 0 ? `≥ ${exactNs(start)}` : "any";
  // Which of the two ends was meant shows in which is the rounder number.
  const isOpen = exactNs(stop).length < exactNs(Math.max(0, stop - 1)).length;
  const end = isOpen ? stop : Math.max(0, stop - 1);
  if (start === 0) return `${isOpen ? "<" : "≤"} ${exactNs(end)}`;
  if (start === end) return `= ${exactNs(start)}`;
  return `${isOpen ? "from" : ""} ${between(start, end)}${isOpen ? ", without the end" : ""}`.trim();
}

function between(start: number, end: number): string {
  const [from, to] = [exactNs(start).split(NARROW_SPACE), exactNs(end).split(NARROW_SPACE)];
  return from[1] === to[1]
    ? `${from[0]}–${to.join(NARROW_SPACE)}`
    : `${from.join(NARROW_SPACE)} – ${to.join(NARROW_SPACE)}`;
}

/** Of times: rounded, with as many digits as it takes to tell the ends apart. */
export function timeText([start, stop]: Range): string {
  if (stop >= OPEN) return `from ${exactNs(start)}`;
  const [name, size] = UNITS.find(([, size]) => stop >= size) ?? UNITS.at(-1)!;
  const span = Math.max(1, stop - start) / size;
  const digits = Math.min(Math.log10(size), Math.max(0, Math.ceil(2 - Math.log10(span))));
  const say = (ns: number) => `${Number((ns / size).toFixed(digits))}`;
  return `${say(start)}–${say(stop)}${NARROW_SPACE}${name}`;
}
