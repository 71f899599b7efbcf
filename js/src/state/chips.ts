// A selection in words, one chip for each dimension.

import { formatCount, formatRuns, plainName } from "../data/format";
import type { Clauses, Dimension } from "./clauses";
import { rangeText, timeText } from "./ranges";

const SHOWN = 2;
const FRAMES = 6;
const NAMES: Partial<Record<Dimension, string>> = {
  path: "frame",
  op: "operator",
  node: "call path",
  under: "inside",
  row: "event",
  duration_ns: "duration",
  time_ns: "time",
};
const NOTHING: Partial<Record<Dimension, string>> = { phase: "outside steps", op: "no operator", module: "no module" };
const NO_NUMBER: Partial<Record<Dimension, string>> = {
  layer: "outside layers",
  step: "outside steps",
  stream: "host",
};

export interface Chip {
  dimension: Dimension;
  name: string;
  text: string;
}

export function chipsOf(clauses: Clauses): Chip[] {
  return (Object.keys(clauses) as Dimension[]).map((dimension) => ({
    dimension,
    name: nameOf(dimension),
    text: textOf(clauses, dimension),
  }));
}

/** The same to be removed one by one: each of several texts is one of its own, `only` that text. */
export function singleChips(clauses: Clauses): (Chip & { only?: string })[] {
  const texts = clauses.text ?? [];
  return chipsOf(clauses).flatMap((chip) =>
    chip.dimension === "text" && texts.length > 1
      ? texts.map((only) => ({ ...chip, text: textOf({ text: [only] }, "text"), only }))
      : [chip],
  );
}

export const nameOf = (dimension: Dimension): string => NAMES[dimension] ?? dimension;

/** The whole selection on one line. */
export function sentence(clauses: Clauses): string {
  return chipsOf(clauses)
    .map(({ name, text }) => `${name} ${text}`)
    .join(" · ");
}

function textOf(clauses: Clauses, dimension: Dimension): string {
  if (dimension === "path") return trail(clauses.path!.frames);
  const values = clauses[dimension] as readonly unknown[];
  if (values.length === 0) return "nothing";
  if (dimension === "duration_ns") return clauses.duration_ns!.map(rangeText).join(" or ");
  if (dimension === "time_ns") return clauses.time_ns!.map(timeText).join(" and ");
  if (dimension === "under") return values.length === 1 ? "1 call" : `${formatCount(values.length)} calls`;
  if (dimension === "node") return values.length === 1 ? "1 path" : `${formatCount(values.length)} paths`;
  if (dimension === "row") return values.length > 3 ? `${formatCount(values.length)} events` : values.join(", ");
  if (typeof values[0] === "number") return numbers(values as number[], dimension);
  const shown = values
    .slice(0, SHOWN)
    .map((item) => (item === "" ? (NOTHING[dimension] ?? "none") : plainName(String(item), 48)));
  if (dimension === "text") return values.map((item) => plainName(String(item), 60)).join(" and ");
  return values.length > SHOWN ? `${shown.join(", ")} and ${values.length - SHOWN} more` : shown.join(", ");
}

/** The innermost frames of a path; calls can be nested as deep as they like. */
function trail(frames: readonly string[]): string {
  const shown = frames.slice(-FRAMES).map((frame) => plainName(frame, 40));
  return [...(frames.length > FRAMES ? ["…"] : []), ...shown].join(" › ");
}

function numbers(values: readonly number[], dimension: Dimension): string {
  const real = values.filter((value) => value >= 0);
  const none = values.length > real.length ? [NO_NUMBER[dimension] ?? "none"] : [];
  return [...(real.length > 0 ? [formatRuns(real)] : []), ...none].join(", ");
}
