// The selection as Python reads it: a frame of the flame graph is said in the dimensions of `Breakdown.select`.

import type { Dataset } from "../data/dataset";
import type { Clauses } from "./clauses";
import type { Stack } from "./stack";

export type Selection = Omit<Clauses, "path">;

export function toSelection(data: Dataset, clauses: Clauses, stack: Stack | null): Selection {
  const { path, ...rest } = clauses;
  if (!path || !stack) return rest;
  const frame = stack.find(path.frames);
  return frame < 0 ? rest : narrowed(rest, meaningOf(data, stack, frame));
}

/** What the rows under a frame, and no others, have in common. */
function meaningOf(data: Dataset, stack: Stack, frame: number): Selection {
  const rows: number[] = [];
  for (let row = 0; row < data.rows; row++) {
    if (stack.leafOf[row] >= frame && stack.leafOf[row] <= stack.end[frame]) rows.push(row);
  }
  const { facts, meta, strings, op } = data;
  const distinct = (column: ArrayLike<number>) => [...new Set(rows.map((row) => column[row]))].sort((a, b) => a - b);
  const texts = (column: ArrayLike<number>) => distinct(column).map((id) => (id < 0 ? "" : (strings[id] ?? "")));
  const meaning: Selection = {};
  for (let f = frame; f > 0; f = stack.parent[f]) {
    const kind = stack.kinds[f];
    if (kind === "layer") meaning.layer = distinct(facts.layer);
    else if (kind === "place") meaning.position = distinct(facts.position).map((code) => meta.positions[code]!);
    else if (kind === "module") meaning.module = texts(facts.module);
    else if (kind === "backend") meaning.backend = distinct(facts.role).map((code) => meta.roles[code]!.key);
    else if (kind === "category") meaning.category = distinct(facts.category).map((code) => meta.categories[code]!);
    else if (stack.kind === "call") meaning.node = distinct(facts.node);
    else if (kind === "operator") meaning.op = texts(op);
    if (kind === "kernel") meaning.kernel = texts(facts.name);
  }
  // A kernel without an operator, or right under its layer, has siblings that have one.
  if (stack.kind !== "call" && stack.kinds[frame] === "kernel") meaning.op = texts(op);
  if (stack.kind === "model" && ["operator", "kernel"].includes(stack.kinds[frame]!))
    meaning.module = texts(facts.module);
  return meaning;
}

/** Both must hold: values of a common dimension intersect. */
function narrowed(clauses: Selection, meaning: Selection): Selection {
  const both: Record<string, unknown> = { ...clauses };
  for (const [dimension, values] of Object.entries(meaning) as [string, unknown[]][]) {
    const mine = both[dimension] as unknown[] | undefined;
    both[dimension] = mine && dimension !== "text" ? mine.filter((value) => values.includes(value)) : values;
  }
  return both as Selection;
}
