// Differences as people read them: a sign, a word, a colour, and a pattern; never a colour alone.

import { formatNs } from "../data/format";
import type { Row, Verdict } from "./payload";

export const MARKS: Record<Verdict, string> = {
  slower: "▲",
  faster: "▼",
  "only in A": "−",
  "only in B": "+",
  noise: "≈",
  same: "=",
  "too few steps": "?",
  folded: "…",
};

export function signedNs(ns: number): string {
  return `${ns > 0 ? "+" : ns < 0 ? "−" : ""}${formatNs(Math.abs(ns))}`;
}

export function signedShare(a: number, delta: number): string {
  if (!a) return "–";
  const percent = (100 * Math.abs(delta)) / a;
  const text = percent < 1000 ? `${percent.toFixed(1)} %` : `${Math.round(percent / 100)}×`;
  return `${delta > 0 ? "+" : delta < 0 ? "−" : ""}${text}`;
}

export function interval(row: Row): string {
  return row.low === null || row.high === null ? "–" : `${signedNs(row.low)} … ${signedNs(row.high)}`;
}

export const isSure = (row: Row): boolean => !["noise", "same", "too few steps", "folded"].includes(row.verdict);

/** Class of a bar: hatched where faster, solid where slower, grey where it may be noise. */
export function tone(row: Row): string {
  const delta = row.b - row.a;
  return !isSure(row) || !delta ? "even" : delta > 0 ? "slow" : "fast";
}
