// Numbers and durations as people write them, and ranges as they read them.

import { OPEN, type Range } from "./clauses";

const NARROW_SPACE = "\u202f";
const UNITS: readonly [name: string, ns: number][] = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
  ["ns", 1],
];

/** What was understood, or why not. */
export type Read<T> = { value: T } | { problem: string };

/** "0-5, 9" or "10-" out of the numbers there are; ascending. */
export function readNumbers(text: string, known: readonly number[]): Read<number[]> {
  const parts = text.replaceAll(/\s*(?:-|–|\.\.)\s*/g, "-").split(/[,;\s]+/);
  const chosen = new Set<number>();
  for (const part of parts.filter(Boolean)) {
    const match = /^(\d+)(?:(-)(\d+)?)?$/.exec(part);
    if (!match) return { problem: `“${part}” is no number or range. Write 0-5, 9.` };
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (last < first) return { problem: `${part} runs backwards.` };
    const within = known.filter((number) => number >= first && number <= last);
    if (within.length === 0) return { problem: `There is no ${part}.` };
    for (const number of within) chosen.add(number);
  }
  return { value: [...chosen].sort((a, b) => a - b) };
}

/** "10us", "1.5 ms", "0" in nanoseconds; null for nothing written. */
export function readDuration(text: string): Read<number | null> {
  const written = text.trim().toLowerCase().replace("μ", "µ");
  if (written === "") return { value: null };
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*(ns|us|µs|ms|s)?$/.exec(written.replace(/(?<=\d),(?=\d{3})/g, ""));
  if (!match) return { problem: `“${text.trim()}” is no duration. Write 10us or 1.5 ms.` };
  const size = Number(match[1]);
  if (match[2] === undefined && size !== 0) return { problem: "Which unit? Write ns, us, ms or s." };
  const unit = UNITS.find(([name]) => name === (match[2] === "us" ? "µs" : match[2]));
  const ns = Math.round(size * (unit?.[1] ?? 1));
  return ns < OPEN ? { value: ns } : { problem: "That is longer than any profile." };
}

/** Every nanosecond of it: 10000 → "10 µs", 1234 → "1.234 µs". */
export function exactNs(ns: number): string {
  const [name, size] = UNITS.find(([, size]) => ns >= size) ?? UNITS.at(-1)!;
  return `${ns / size}${NARROW_SPACE}${name}`;
}

/** From the shortest to the longest, both included; null leaves an end open. */
export function durationRange(least: number | null, most: number | null): Range | undefined {
  return least === null && most === null ? undefined : [least ?? 0, most === null ? OPEN : most + 1];
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
