// The axis of values beside the bars: one band for each row of bars, the first one on top.

import { formatCount } from "../data/format";

/** Room above the largest bar of a band, for signs and, where there are several, for its name. */
export const HEADROOM = 0.08;
export const FACET_HEADROOM = 0.24;

export interface Tick {
  /** Where, in bands from the bottom. */
  at: number;
  text: string;
}

const UNITS: readonly [ns: number, name: string][] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];

export type Unit = "ns" | "calls" | "share";

/** Round values from 0 to `largest`, at most `most` of them above 0. */
export function niceValues(largest: number, most: number): number[] {
  if (!(largest > 0)) return [0];
  const rough = largest / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * (1 - 1e-9))!;
  const count = Math.floor((largest / step) * (1 + 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

/** How much a band's height stands for. */
export function reachOf(largest: number, bands: number): number {
  return (largest > 0 ? largest : 1) / (1 - (bands > 1 ? FACET_HEADROOM : HEADROOM));
}

export function bandTicks(largest: number, unit: Unit, band: number, bands: number, most: number): Tick[] {
  const reach = reachOf(largest, bands);
  const write = writerOf(largest, unit);
  return niceValues(largest, most).map((value) => ({ at: bands - 1 - band + value / reach, text: write(value) }));
}

/** Texts of the values of one axis, all in the same unit. */
function writerOf(largest: number, unit: Unit): (value: number) => string {
  const plain = (value: number) => `${Number(value.toPrecision(6))}`;
  if (unit === "share") return (value) => `${plain(100 * value)}\u202f%`;
  if (unit === "calls") return (value) => (value >= 10 ? formatCount(value) : plain(value));
  const [size, name] = UNITS.find(([size]) => largest >= size) ?? UNITS.at(-1)!;
  return (value) => (value === 0 ? "0" : `${plain(value / size)}\u202f${name}`);
}
