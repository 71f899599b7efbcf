// Numbers as people read them. Times come in nanoseconds; the same scaling as xpubreak/units.py.

const NARROW_SPACE = "\u202f";

export function formatNs(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)}${NARROW_SPACE}ns`;
  if (size < 999_500) return scaled(ns / 1e3, "µs");
  if (size < 999_500_000) return scaled(ns / 1e6, "ms");
  return scaled(ns / 1e9, "s");
}

function scaled(value: number, unit: string): string {
  const decimals = Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
  return `${grouped(value, decimals)}${NARROW_SPACE}${unit}`;
}

// Made once: toLocaleString would make a formatter for each number, which takes longer than all else in a table.
const GROUPED = [0, 1, 2].map(
  (decimals) => new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
);

function grouped(value: number, decimals: number): string {
  return GROUPED[decimals]!.format(value);
}

/** Percentage; a part that is not the whole is never shown as 100 %, one that is not nothing never as 0 %. */
export function formatShare(part: number, whole: number): string {
  if (!(whole > 0)) return "–";
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return `<${NARROW_SPACE}0.1${NARROW_SPACE}%`;
  if (part < whole && percent > 99.9) return `>${NARROW_SPACE}99.9${NARROW_SPACE}%`;
  return `${percent >= 99.95 ? "100" : percent.toFixed(1)}${NARROW_SPACE}%`;
}

export function formatCount(count: number): string {
  return grouped(Math.round(count), 0);
}

/** 0, 1, 2, 5 → "0–2, 5"; long lists are cut after `limit` runs. */
export function formatRuns(values: readonly number[], limit = 6): string {
  const sorted = [...values].sort((a, b) => a - b);
  const runs: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (j + 1 < sorted.length && sorted[j + 1] === sorted[j] + 1) j++;
    if (j === i) runs.push(`${sorted[i]}`);
    else if (j === i + 1) runs.push(`${sorted[i]}`, `${sorted[j]}`);
    else runs.push(`${sorted[i]}–${sorted[j]}`);
    i = j + 1;
  }
  return runs.length > limit ? `${runs.slice(0, limit).join(", ")} …` : runs.join(", ");
}

// Control characters would move the text around, bidirectional overrides would turn it round:
// a name from a trace may do neither.
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A stranger's name on one line, cut in the middle where it is longer than `limit` characters. Between marks that keep
 * it from turning what stands beside it, where it can: a number behind a Hebrew name would stand before it.
 */
export function plainName(name: string, limit = 400): string {
  const plain = cutName(unmarked(name), limit);
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

/** Without these marks: what begins a name begins it. */
export const unmarked = (name: string): string => name.replace(/^\u2068(.*)\u2069$/s, "$1");

function cutName(name: string, limit: number): string {
  const head = name.length > limit * 4 ? `${name.slice(0, limit)}…${name.slice(-limit)}` : name;
  const clean = head.replace(UNSHOWABLE, "\u00b7");
  if (clean.length <= limit) return clean || "(no name)";
  const half = Math.floor((limit - 1) / 2);
  return `${clean.slice(0, half)}…${clean.slice(-half)}`;
}
