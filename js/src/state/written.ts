// Numbers and durations as people write them.

import { OPEN, type Range } from "./clauses";
import { UNITS } from "./ranges";

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

/** From the shortest to the longest, both included; null leaves an end open. */
export function durationRange(least: number | null, most: number | null): Range | undefined {
  return least === null && most === null ? undefined : [least ?? 0, most === null ? OPEN : most + 1];
}
