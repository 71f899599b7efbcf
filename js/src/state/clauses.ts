// A selection: one clause for each dimension, all of them must hold, within one any value will do.
// The dimensions and their values are those of `Breakdown.select` in Python.

export type StackKind = "model" | "backend" | "call";

/** A frame of the flame graph, by the labels that lead to it. Python sees what it stands for instead. */
export interface PathClause {
  stack: StackKind;
  frames: string[];
}

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
  kernel?: string[];
  op?: string[];
  module?: string[];
  /** Each text must be found. */
  text?: string[];
  path?: PathClause;
}

export type Dimension = keyof Clauses;

const TEXTS = ["backend", "category", "phase", "confidence", "position", "kernel", "op", "module", "text"] as const;
const NUMBERS = ["layer", "step", "stream", "rank", "node"] as const;
const STACKS: readonly string[] = ["model", "backend", "call"];

export const DIMENSIONS: readonly Dimension[] = [...TEXTS, ...NUMBERS, "path"];

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
  for (const dimension of NUMBERS) keep(dimension, Number.isInteger);
  const path = given.path as PathClause | undefined;
  if (path && STACKS.includes(path.stack) && Array.isArray(path.frames) && path.frames.length > 0) {
    clauses.path = { stack: path.stack, frames: path.frames.map(String) };
  }
  return clauses as Clauses;
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
