// A selection: one clause for each dimension, all of them must hold, within one any value will do.
// The dimensions and their values are those of `Breakdown.select` in Python.

export type StackKind = "model" | "backend" | "call";
export type TopKind = "none" | "phase" | "step";

/** A way to stack frames. */
export interface StackWay {
  stack: StackKind;
  /** What every path begins with. */
  top: TopKind;
  /** Kernels first, then what called them. */
  inverted: boolean;
}

/** A frame of the flame graph, by the labels that lead to it. Python sees what it stands for instead. */
export interface PathClause extends StackWay {
  frames: string[];
}

/** Integers from the first up to, not including, the second. */
export type Range = [start: number, stop: number];

/** Upper end of a range without one, as in Python. */
export const OPEN = Number.MAX_SAFE_INTEGER;

export interface Clauses {
  backend?: string[];
  category?: string[];
  /** "" is outside of every step. */
  phase?: string[];
  confidence?: string[];
  layer?: number[];
  position?: string[];
  step?: number[];
  stream?: number[];
  rank?: number[];
  node?: number[];
  /** At or below each of these nodes of the call tree. */
  under?: number[];
  /** Names of device activities; "" are all host spans, as in Python. */
  kernel?: string[];
  /** Names of host spans; "" are all device activities. */
  span?: string[];
  op?: string[];
  module?: string[];
  /** Each text must be found. */
  text?: string[];
  /** Single activities and spans, by their number in Python. */
  row?: number[];
  /** How long one of them took. */
  duration_ns?: Range[];
  /** When: what ran, wholly or in part, within every one of the ranges. */
  time_ns?: Range[];
  path?: PathClause;
}

export type Dimension = keyof Clauses;

const TEXTS = [
  "backend",
  "category",
  "phase",
  "confidence",
  "position",
  "kernel",
  "span",
  "op",
  "module",
  "text",
] as const;
const NUMBERS = ["layer", "step", "stream", "rank", "node", "under"] as const;
const STACKS: readonly unknown[] = ["model", "backend", "call"];
const TOPS: readonly unknown[] = ["none", "phase", "step"];

/** Dimensions of single events: they leave facts with part of their weight instead of passing or failing them whole. */
export const EVENT_DIMENSIONS = ["row", "duration_ns", "time_ns"] as const;
export type EventDimension = (typeof EVENT_DIMENSIONS)[number];
export const isEventDimension = (dimension: Dimension): dimension is EventDimension =>
  (EVENT_DIMENSIONS as readonly string[]).includes(dimension);

export const DIMENSIONS: readonly Dimension[] = [...TEXTS, ...NUMBERS, "path", ...EVENT_DIMENSIONS];

/** Read clauses out of anything; what cannot be understood is left out. */
export function parseClauses(value: unknown): Clauses {
  if (typeof value !== "object" || value === null) return {};
  const given = value as Record<string, unknown>;
  const clauses: Record<string, unknown> = {};
  const keep = (dimension: Dimension, test: (item: unknown) => boolean) => {
    const listed = given[dimension];
    if (listed === undefined || listed === null) return;
    clauses[dimension] = [...new Set((Array.isArray(listed) ? listed : [listed]).filter(test))];
  };
  for (const dimension of TEXTS) keep(dimension, (item) => typeof item === "string");
  for (const dimension of [...NUMBERS, "row"] as const) keep(dimension, Number.isInteger);
  for (const dimension of ["duration_ns", "time_ns"] as const) keep(dimension, isRange);
  const path = readPath(given.path);
  if (path) clauses.path = path;
  return clauses as Clauses;
}

function readPath(value: unknown): PathClause | null {
  const { stack, top = "none", inverted = false, frames } = (value ?? {}) as Partial<PathClause>;
  if (!STACKS.includes(stack) || !TOPS.includes(top) || typeof inverted !== "boolean") return null;
  if (!Array.isArray(frames) || frames.length === 0) return null;
  return { stack: stack!, top, inverted, frames: frames.map(String) };
}

export function sameWay(a: StackWay, b: StackWay): boolean {
  return a.stack === b.stack && a.top === b.top && a.inverted === b.inverted;
}

function isRange(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && item.every((end) => typeof end === "number" && end >= 0);
}

export function sameClauses(a: Clauses, b: Clauses): boolean {
  return DIMENSIONS.every((dimension) => sameClause(a, b, dimension));
}

export function sameClause(a: Clauses, b: Clauses, dimension: Dimension): boolean {
  return JSON.stringify(a[dimension]) === JSON.stringify(b[dimension]);
}

/** Take a value into a list clause, or out of it where it is in already; the last one out leaves no clause. */
export function toggled<T>(list: readonly T[] | undefined, value: T): T[] | undefined {
  const current = list ?? [];
  const next = current.includes(value) ? current.filter((item) => item !== value) : [...current, value];
  return next.length > 0 ? next : undefined;
}
